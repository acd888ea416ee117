"""The report as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import svcs

from backend.config import SettingsError
from backend.ops.doctor.examining import LOOKING, TRYING, examine, worst
from backend.ops.doctor.findings import Finding, Level, fail

_WIDTH = 14


def diagnose(registry: svcs.Registry) -> int:
    """Examine an installation and print what was found; 0 where nothing fails, else 1."""
    findings = examine(registry, (*LOOKING, *TRYING))
    sys.stdout.write(_report(findings))
    return 1 if worst(findings) is Level.FAIL else 0


def refuse(wrong: SettingsError) -> int:
    """Say that the settings cannot be used, so that nothing else was looked at; 1."""
    heading, *lines = str(wrong).splitlines()
    findings = [fail("settings", line.strip(" -"), "") for line in lines] or [fail("settings", heading, "")]
    sys.stdout.write(_report(findings) + "Nothing else was checked: correct the settings first.\n")
    return 1


def _report(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.level.value:5} {finding.part:{_WIDTH}} {finding.said}")
        if finding.to_do:
            lines.append(f"{'':5} {'':{_WIDTH}} -> {finding.to_do}")
    counted = {level: sum(finding.level is level for finding in findings) for level in Level}
    lines.append(f"{counted[Level.OK]} ok, {counted[Level.WARN]} to look at, {counted[Level.FAIL]} wrong")
    return "\n".join(lines) + "\n"
