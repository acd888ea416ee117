"""`theme` is what every KV rule reads: `theme.ink`, `theme.edge`, `theme.size_body`."""

from __future__ import annotations

from client.theme.theme import Theme

theme = Theme()
