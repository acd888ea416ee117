"""Every setting is in `.env.example`, and the README names no setting that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from dotenv import dotenv_values

from backend.config import Settings

REPOSITORY = Path(__file__).parents[3]
# Read by gunicorn's configuration, not by the application.
GUNICORN = {"WEB_CONCURRENCY", "WEB_GRACEFUL_SECONDS"}


def test_env_example_has_every_setting_and_no_other() -> None:
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    named = {line.split("=")[0] for line in lines if re.match(r"^[A-Z0-9_]+=", line)}
    assert named == {name.upper() for name in Settings.model_fields} | GUNICORN


def test_the_defaults_in_env_example_are_the_real_ones() -> None:
    for name, documented in dotenv_values(REPOSITORY / ".env.example").items():
        if documented and name not in GUNICORN:
            default = Settings.model_fields[name.lower()].default
            assert str(default).lower() == documented.lower(), name


def test_the_readme_names_only_settings_that_exist() -> None:
    table = (REPOSITORY / "README.md").read_text().split("## Configure it")[1].split("### Your own")[0]
    first_cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for cell in first_cells for name in re.findall(r"`([A-Z0-9_]+)`", cell)}
    assert len(named) > len(first_cells) > 0
    assert named <= {name.upper() for name in Settings.model_fields} | GUNICORN
