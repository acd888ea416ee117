"""The first moment: is somebody signed in?"""

from __future__ import annotations

from client.screens.base import AppScreen
from client.theme.rules import load_rules

load_rules(__file__)


class RestoringScreen(AppScreen):
    """A picture and a sentence while the last user is looked up."""
