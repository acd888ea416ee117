"""`python -m tests.client.ui.failing_app`: the real app, somebody who types into it, and a screen that breaks then."""

from __future__ import annotations

import os
import sys
from typing import Any

from client.main import configure_kivy, main

ADDRESS, PASSWORD = "kanari@canary.example", "a-secret-that-was-typed"


def break_off(screen: Any) -> None:
    """In place of what the button does."""
    typed = screen.ids.password.text
    raise RuntimeError(f"{screen.ids.email.text} cannot log in with {typed}")


if __name__ == "__main__":
    configure_kivy(os.environ)

    from kivy.app import App
    from kivy.clock import Clock

    from client.screens.welcome import WelcomeScreen

    def log_in(_elapsed: float) -> bool:
        """Type and press the button as soon as it is there; then no more."""
        screen = App.get_running_app().root.navigator.current_screen
        if not isinstance(screen, WelcomeScreen):
            return True
        screen.ids.email.ids.line.text, screen.ids.password.ids.line.text = ADDRESS, PASSWORD
        screen.ids.submit.dispatch("on_release")
        return False

    WelcomeScreen.submit = break_off
    Clock.schedule_interval(log_in, 0.1)
    sys.exit(main([]))
