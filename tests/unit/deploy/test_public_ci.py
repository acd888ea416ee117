"""What the public CI promises is there: commands, versions, folders, and actions that nobody can move."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text())
    return content


CI = read(ROOT / ".github" / "workflows" / "ci.yml")


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def test_it_runs_commands_that_anybody_can_run() -> None:
    said = "\n".join(step.get("run", "") for step in steps(CI))
    wanted = set(re.findall(r"make ([a-z][a-z-]*)", said)) | set(
        re.findall(r"'([a-z]+)' \|\| '([a-z]+)'", said)[0]
    )
    assert wanted >= {"lint", "typecheck", "test", "coverage", "audit", "alerts", "rules-coverage"}
    assert wanted <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_it_tests_the_versions_that_are_promised() -> None:
    tested = CI["jobs"]["test"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: "
    assert tested == [line.removeprefix(prefix) for line in PROJECT["classifiers"] if line.startswith(prefix)]
    assert PROJECT["requires-python"] == f">={tested[0]}"
    assert f"--python-version {tested[0]} " in (ROOT / "requirements" / "lock.sh").read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.name))
def test_a_workflow_may_little_and_runs_what_was_looked_at(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job and "permissions" not in job for job in workflow["jobs"].values())
    assert workflow["concurrency"]["cancel-in-progress"] is True
    for line in re.findall(r"uses: (.+)", path.read_text()):
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line), line
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_dependabot_looks_where_something_is() -> None:
    found = {
        "pip": "requirements/*.in",
        "github-actions": ".github/workflows/*.yml",
        "docker": "deploy/*ockerfile*",
    }
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == set(found)
    for update in updates:
        files = list(ROOT.glob(found[update["package-ecosystem"]]))
        assert files, update
        folder = ROOT / update["directory"].lstrip("/")
        assert all(file.is_relative_to(folder) for file in files)


def test_hooks_are_the_programs_that_are_pinned() -> None:
    pinned = (ROOT / "requirements" / "dev.in").read_text()
    hooks = [hook for repo in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    for hook in hooks:
        assert ".venv/bin/" in hook["entry"], hook["id"]
    names = {"ruff-check": "ruff", "ruff-format": "ruff"}
    assert {names.get(hook["id"], hook["id"]) for hook in hooks} <= set(
        re.findall(r"^([\w-]+)", pinned, re.MULTILINE)
    )
