"""What the demo says about the events of a session."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client.demo_words import sentence
from client.net import events, frames
from tests.client.net.examples import EVENTS

# Shown otherwise: as bars, faces, or by what follows at once.
SILENT = {"swiped", "presence", "progress", "motion_passed", "motion_failed"}


@pytest.mark.parametrize("example", EVENTS, ids=lambda example: example["type"])
def test_every_event_worth_a_line_has_one(example: dict[str, Any]) -> None:
    (parsed,) = frames.parse(json.dumps(example))
    assert isinstance(parsed, events.Event)
    said = sentence(parsed.body, lambda _id: "Ana")
    assert (said == "") == (example["type"] in SILENT)
