"""The scripts that come before Python's packages: an interpreter that fits, and system packages."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.options import REPOSITORY

SCRIPTS = REPOSITORY / "deploy" / "local"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder that is all of PATH: a machine with the shell's basics and what a test puts there."""
    for name in ("sh", "dirname", "uname", "grep", "mktemp", "rm", "tail", "env"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    return tmp_path


def put(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o700)


def run(machine: Path, script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", str(SCRIPTS / script), *arguments],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_root_the_exact_command_is_named(machine: Path) -> None:
    put(machine, "id", "echo 1000")
    put(machine, "apt-get", "exit 9")
    asked = run(machine, "system_packages.sh", "install", "xvfb", "libgl1")
    assert asked.returncode == 1
    assert asked.stderr == (
        "System packages are missing: run `sudo apt-get install --no-install-recommends xvfb libgl1`, then try again.\n"
    )


def test_where_there_is_no_apt_the_packages_are_named(machine: Path) -> None:
    asked = run(machine, "system_packages.sh", "install", "xvfb")
    assert asked.returncode == 1
    assert "install what your distribution calls xvfb" in asked.stderr


@pytest.mark.parametrize(("uid", "sudo"), [("0", "exit 1"), ("1000", 'shift; exec "$@"')])
def test_root_or_a_sudo_without_password_installs(machine: Path, uid: str, sudo: str) -> None:
    put(machine, "id", f"echo {uid}")
    put(machine, "sudo", sudo.replace("shift;", "shift; [ $1 = true ] && exit 0;"))
    put(machine, "apt-get", f'echo "$@" >>{machine}/asked')
    asked = run(machine, "system_packages.sh", "install", "xvfb", "libgl1")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout == "Installing system packages: xvfb libgl1 ...\n"
    assert (machine / "asked").read_text().splitlines() == [
        "update -qq",
        "install -qq --yes --no-install-recommends xvfb libgl1",
    ]


def test_the_tests_need_a_display_and_a_browser(machine: Path) -> None:
    put(machine, "id", "echo 1000")
    put(machine, "apt-get", "exit 9")
    put(machine, "Xvfb", "")
    asked = run(machine, "system_packages.sh", "test")
    assert asked.returncode == 1
    for package in ("xdotool", "chromium"):
        assert f" {package}" in asked.stderr
    assert "xvfb" not in asked.stderr


def test_what_apt_says_is_shown_when_it_fails(machine: Path) -> None:
    put(machine, "id", "echo 0")
    put(machine, "apt-get", "echo 'E: Unable to locate package odd'; exit 100")
    asked = run(machine, "system_packages.sh", "install", "odd")
    assert asked.returncode == 1
    assert asked.stderr.splitlines() == [
        "E: Unable to locate package odd",
        "apt-get could not install odd: see its words above.",
    ]


def test_an_old_python_is_refused_in_one_sentence(machine: Path, tmp_path: Path) -> None:
    put(machine, "old", 'if [ "$1" = -V ]; then echo Python 3.10.12; else exit 1; fi')
    asked = run(machine, "make_venv.sh", "old", str(tmp_path / "venv"))
    assert asked.returncode == 1
    assert asked.stderr == (
        "DinDin needs Python 3.11 or newer and old is Python 3.10.12: "
        "install one and name it: make PYTHON=python3.12 ...\n"
    )
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_named(machine: Path, tmp_path: Path) -> None:
    asked = run(machine, "make_venv.sh", "python9", str(tmp_path / "venv"))
    assert asked.returncode == 1
    assert asked.stderr.startswith("There is no python9 here: install Python 3.11 or newer")
