"""What keeps a backup from being made, checked or restored."""

from __future__ import annotations


class BackupError(Exception):
    """It cannot be done. The message is for a person: what is wrong, where, what to do. It holds no secret."""


class Damaged(BackupError):
    """A backup is not what it was when it was made."""


class SnapshotLost(BackupError):
    """The server gave up the moment that was being read, or changed its collections since; another try may do."""
