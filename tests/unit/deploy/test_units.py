"""deploy/systemd: units that systemd takes, shut in, and in agreement with the programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.deploy.descriptions import (
    API,
    BACKGROUND,
    SETTINGS,
    UNITS,
    environment_of_unit,
    named_in,
    seconds,
    unit,
)

SERVICES = sorted(file.name for file in UNITS.glob("*.service"))
HOME = "/opt/dindin"

every_service = pytest.mark.parametrize("name", SERVICES)


def test_systemd_takes_them(tmp_path: Path) -> None:
    judge = shutil.which("systemd-analyze")
    if judge is None:
        pytest.skip("systemd-analyze is not here: it comes with systemd")
    programs = tmp_path / "home" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "gunicorn"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    copies = []
    for file in [*UNITS.glob("*.service"), UNITS / "dindin.target"]:
        copies.append(tmp_path / file.name)
        copies[-1].write_text(file.read_text().replace(HOME, str(tmp_path / "home")))
    done = subprocess.run([judge, "verify", "--man=no", *copies], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "dindin" in line] == []


@every_service
def test_each_is_shut_in(name: str) -> None:
    service = unit(name)["Service"]
    for key, value in {
        "User": "dindin",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "SystemCallFilter": "@system-service",
        "UMask": "0077",
    }.items():
        assert service[key] == [value], key


@every_service
def test_what_is_set_exists(name: str) -> None:
    assert unit(name)["Service"]["EnvironmentFile"] == ["/etc/dindin/dindin.env"]
    set_here = {key for key in environment_of_unit(name) if not key.startswith("PYTHON")}
    told = named_in(UNITS / "dindin.env.example")
    assert set_here | told <= SETTINGS
    assert not set_here & told


def test_the_example_has_no_comment_behind_a_value() -> None:
    """systemd would take it for a part of the value."""
    for line in (UNITS / "dindin.env.example").read_text().splitlines():
        assert line.startswith("#") or " #" not in line


def test_they_run_what_make_run_runs() -> None:
    commands = {name: unit(name)["Service"]["ExecStart"] for name in SERVICES}
    expected = {
        "dindin-api@.service": API,
        "dindin-worker@.service": BACKGROUND["worker"],
        "dindin-cron.service": BACKGROUND["cron"],
        "dindin-migrate.service": BACKGROUND["prepare"],
    }
    assert commands == {name: [f"{HOME}/.venv/bin/{' '.join(command)}"] for name, command in expected.items()}


def test_an_api_has_time_to_tell_its_sockets_where_to_go() -> None:
    settings = dict(
        line.split("=", 1)
        for line in (UNITS / "dindin.env.example").read_text().splitlines()
        if not line.startswith("#") and line
    )
    [limit] = unit("dindin-api@.service")["Service"]["TimeoutStopSec"]
    assert seconds(limit) >= seconds(settings["WEB_GRACEFUL_SECONDS"]) + 10


def test_whatever_runs_all_the_time_comes_back_however_often_it_ends() -> None:
    for name in SERVICES:
        if unit(name)["Service"].get("Type") != ["oneshot"]:
            assert unit(name)["Service"]["Restart"] == ["always"]
            assert unit(name)["Unit"]["StartLimitIntervalSec"] == ["0"]


def test_the_target_starts_two_apis_a_worker_and_a_cron() -> None:
    wanted = " ".join(unit("dindin.target")["Unit"]["Wants"]).split()
    kinds = [f"{name.partition('@')[0]}@.service" if "@" in name else name for name in wanted]
    assert sorted(kinds) == [
        "dindin-api@.service",
        "dindin-api@.service",
        "dindin-cron.service",
        "dindin-worker@.service",
    ]
    assert set(kinds) <= set(SERVICES)
