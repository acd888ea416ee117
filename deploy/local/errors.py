"""What goes wrong while starting or stopping DinDin on one machine."""


class LocalError(Exception):
    """DinDin cannot run here. The message is one sentence for a person: what is wrong, where, what to do."""


class AlreadyRunningError(LocalError):
    """Another live run uses the same folder."""
