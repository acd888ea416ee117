"""Loads the KV rules that stand beside a module."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from kivy.lang import Builder

from client.theme.fonts import register_fonts

register_fonts()


def load_rules(module_file: str, *uses: ModuleType) -> None:
    """Load `<module>.kv` beside `<module>.py`. Call it at module level: rules loaded in `build()` would stack up.

    `uses` are the modules whose widgets the rules name: handing them over makes sure that they have been imported.
    """
    del uses
    path = Path(module_file).with_suffix(".kv")
    if str(path) not in Builder.files:
        Builder.load_file(str(path))
