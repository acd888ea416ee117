"""The steps themselves, a module each, and the one table that has them in order.

To add one: write `m0004_what_it_does.py`, and put its STEP at the end of STEPS. A step that was released is never
changed, renamed or left out.
"""

from __future__ import annotations

from backend.migrations.steps import m0001_baseline, m0002_fill_session_fields, m0003_fill_tell
from backend.migrations.terms import Step

STEPS: tuple[Step, ...] = (m0001_baseline.STEP, m0002_fill_session_fields.STEP, m0003_fill_tell.STEP)
