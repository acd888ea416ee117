"""A real window for the real app, on a virtual display. The store is real; only the commands are written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from client.main import configure_kivy
from client.store.state import AppState
from tests.client.ui.display import open_display

# Importing a widget opens Kivy's window, so the display must be there before any test module is read.
_display = open_display()
os.environ["DISPLAY"] = _display.name
os.environ["SDL_VIDEODRIVER"] = "x11"
os.environ["DINDIN_MULTISAMPLES"] = "0"  # software rendering is twice as fast without
configure_kivy(os.environ)

from tests.client.ui.stage import Stage, open_stage  # noqa: E402  (needs the display)


def pytest_unconfigure() -> None:
    """The display goes with the test process."""
    _display.close()


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Open the app in a state; `dark` for the dark theme. It closes with the test."""
    with ExitStack() as open_apps:

        def play(state: AppState, *, dark: bool = False) -> Stage:
            return open_apps.enter_context(open_stage(state, tmp_path, dark=dark))

        yield play
