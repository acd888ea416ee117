"""Whether the system this runs on is dark. Every system says it in its own way; where none is known it is light."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
_NIGHT_MASK, _NIGHT_YES = 0x30, 0x20  # Android's Configuration.uiMode
_WINDOWS_KEY = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
# The desktop's own settings, and what they contain when it is dark.
_QUESTIONS = {
    "linux": (("gsettings", "get", "org.gnome.desktop.interface", "color-scheme"), "prefer-dark"),
    "darwin": (("defaults", "read", "-g", "AppleInterfaceStyle"), "Dark"),
}


def is_system_dark(platform: str | None = None, said: Callable[[tuple[str, ...]], str] | None = None) -> bool:
    """Ask the system; takes up to `PATIENCE_SECONDS`. `platform` and `said` stand in for it in tests."""
    platform = platform or ("android" if hasattr(sys, "getandroidapilevel") else sys.platform)
    try:
        if platform == "android":
            return _android_is_dark()
        if platform == "win32":
            return _windows_is_dark()
        if platform not in _QUESTIONS:
            return False
        command, dark = _QUESTIONS[platform]
        return dark in (said or _said_by)(command)
    except (OSError, ImportError, AttributeError, subprocess.SubprocessError) as problem:
        log.info("the system does not say whether it is dark: %s", problem)
        return False


def _said_by(command: tuple[str, ...]) -> str:
    ended = subprocess.run(  # noqa: S603  (fixed commands of the system)
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    return ended.stdout


def _windows_is_dark() -> bool:
    registry = import_module("winreg")
    with registry.OpenKey(registry.HKEY_CURRENT_USER, _WINDOWS_KEY) as key:
        return bool(registry.QueryValueEx(key, "AppsUseLightTheme")[0] == 0)


def _android_is_dark() -> bool:
    activity = import_module("jnius").autoclass("org.kivy.android.PythonActivity").mActivity
    mode = activity.getResources().getConfiguration().uiMode
    return bool(mode & _NIGHT_MASK == _NIGHT_YES)
