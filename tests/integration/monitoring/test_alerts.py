"""The alert rules do what they say, and each leads to a checklist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring import dashboard

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own judge of rules."""
    found = shutil.which("promtool") or shutil.which("promtool", path=ROOT / ".venv" / "bin")
    if found is None:
        pytest.skip("promtool is not here: `make alerts` fetches it")
    return found


def ask(promtool: str, *question: str) -> None:
    done = subprocess.run([promtool, *question], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_when_they_should_and_only_then(promtool: str) -> None:
    ask(promtool, "test", "rules", "alerts_test.yml")


def test_prometheus_takes_its_configuration(promtool: str) -> None:
    ask(promtool, "check", "config", "--syntax-only", "prometheus.yml")
    ask(promtool, "check", "rules", "alerts.yml")


def test_prometheus_understands_the_dashboard(promtool: str, tmp_path: Path) -> None:
    queries = [query for row in dashboard.ROWS.values() for panel in row for query in panel.queries.values()]
    records = [
        {"record": f"panel:{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(queries)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    ask(promtool, "check", "rules", "--lint=none", str(file))


def test_the_dashboard_is_the_one_that_its_program_writes() -> None:
    assert dashboard.PATH.read_text() == dashboard.written(), "python -m deploy.monitoring.dashboard"


def test_no_two_panels_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in dashboard.dashboard()["panels"]]
    cells = [
        (place["x"] + x, place["y"] + y)
        for place in places
        for x in range(place["w"])
        for y in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_each_alert_has_a_checklist_and_a_test(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    text = (ROOT / page).read_text()
    assert anchor == rule["alert"].lower()
    checklist = re.search(rf"^### {rule['alert']}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert checklist, f"{page} has no checklist for {rule['alert']}"
    assert re.search(r"^1\. ", checklist[1], re.MULTILINE)
    assert rule["alert"] in (MONITORING / "alerts_test.yml").read_text()
    assert rule["labels"]["severity"] in {"critical", "warning"}


@pytest.mark.parametrize("page", ["operations.md", "runbook.md", "scaling.md"])
def test_what_these_pages_point_at_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    for file, anchor in re.findall(r"\]\(((?!https?:)[^)#]*)(?:#([^)]+))?\)", text):
        target = ROOT / "docs" / (file or page)
        assert target.exists(), file
        if anchor:
            titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, (
                anchor
            )


def test_no_checklist_is_left_over() -> None:
    told = re.findall(r"^### (DinDin\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(rule["alert"] for rule in rules())
