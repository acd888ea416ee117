"""What people accept by coming in, as the screens show it where they do."""

from __future__ import annotations

from client.net.values import TextKind
from client.screens.ports import Ports
from client.words import _, marked

ON_COMING_IN: tuple[TextKind, ...] = ("terms", "privacy")
NOT_HERE = marked("""\
# What you accept

The texts have not come from the server. Close this, and try again in a moment.
""")


def texts_to_accept(ports: Ports) -> tuple[str, ...]:
    """The terms and the privacy notice; where they are missing they are asked for once more."""
    texts = ports.store.state.texts
    known = tuple(texts[kind].text for kind in ON_COMING_IN if kind in texts)
    if not known:
        ports.commands.load_texts()
    return known or (_(NOT_HERE),)
