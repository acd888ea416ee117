"""The look: `current` is the theme every KV rule reads, as `theme.ink`, `theme.edge`, `theme.size_body`."""

from __future__ import annotations

from client.theme.theme import Theme

current = Theme()
