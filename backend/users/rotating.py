"""`python -m backend rotate-keys`: what it says to operators (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Iterator

from backend.users.data_keys import Rotation, UserKeys


def rotate_keys(keys: UserKeys) -> tuple[str, bool]:
    """Wrap all users' keys with the newest ring key; what to tell the operator, and whether all could be."""
    done = keys.rotate()
    return "".join(f"{line}\n" for line in _report(done, keys)), not done.unreadable


def _report(done: Rotation, keys: UserKeys) -> Iterator[str]:
    newest, now = keys.newest, done.in_use.get(keys.newest, 0)
    yield f"{newest} is the newest key. Wrapped again: {done.rewrapped}. Wrapped by it now: {now}."
    for name, count in done.unreadable.items():
        why = (
            "it is there, but they were changed or are another's"
            if name in keys.ring_names
            else "put it back into DATA_KEYS"
        )
        yield f"Cannot be opened: {count} wrapped by {name} ({why}). Nothing of them was changed."
    late = sorted(name for name in done.in_use if name != newest and name not in done.unreadable)
    if late:
        yield (
            f"Still in use: {', '.join(late)}. A process that has not been restarted since {newest} came first makes "
            "keys with the old one. Restart it, then run this again."
        )
    idle = sorted(keys.ring_names - done.in_use.keys() - {newest})
    if idle:
        yield (
            f"No user needs {', '.join(idle)} any more. Once all processes run with {newest} first, it may leave "
            "DATA_KEYS; keep it in a safe place for as long as you keep backups made before now."
        )
