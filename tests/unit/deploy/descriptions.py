"""What deploy/ says about running DinDin elsewhere, as values that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from backend.config import Settings
from deploy.local.options import REPOSITORY
from deploy.local.stack import PREPARE, PROGRAMS

DEPLOY = REPOSITORY / "deploy"
CLUSTER = DEPLOY / "k8s"
UNITS = DEPLOY / "systemd"

SETTINGS = {name.upper() for name in Settings.model_fields} | {"WEB_CONCURRENCY", "WEB_GRACEFUL_SECONDS"}
"""All that the application and gunicorn's configuration read."""

# What `make run` starts, and every test of a whole stack with it: without the interpreter.
_STARTED = {program.name: tuple(program.command[1:]) for program in (*PROGRAMS.values(), PREPARE)}
API = ("gunicorn", *_STARTED["api"][2:])
BACKGROUND = {name: ("python", *_STARTED[name]) for name in ("worker", "cron", "prepare")}
COMMANDS = {API, *BACKGROUND.values()}

Yaml = dict[str, Any]


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice in {keys}"
        return super().construct_mapping(node, deep)


def documents(path: Path) -> list[Yaml]:
    """The documents of a YAML file."""
    return list(yaml.load_all(path.read_text(), _Strict))


@cache
def compose() -> Yaml:
    """deploy/compose.yaml."""
    [found] = documents(DEPLOY / "compose.yaml")
    return found


def services() -> dict[str, Yaml]:
    """The services of deploy/compose.yaml."""
    found: dict[str, Yaml] = compose()["services"]
    return found


@cache
def kustomization(folder: str = ".") -> Yaml:
    """A folder's list of manifests."""
    [found] = documents(CLUSTER / folder / "kustomization.yaml")
    return found


@cache
def manifests() -> list[Yaml]:
    """Everything that Kubernetes is told, in both steps."""
    files = [
        CLUSTER / folder / name for folder in (".", "migrate") for name in kustomization(folder)["resources"]
    ]
    return [document for file in files for document in documents(file)]


def manifest(kind: str, name: str) -> Yaml:
    """One of them."""
    return next(one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name))


def pods() -> Iterator[tuple[str, Yaml]]:
    """What each deployment and job starts: its name, and the pod's description."""
    for one in manifests():
        if one["kind"] in {"Deployment", "Job"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit file: by section and key, all values in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in (UNITS / name).read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


def environment_of_unit(name: str) -> dict[str, str]:
    """What a unit sets beside the environment file."""
    pairs = " ".join(unit(name)["Service"].get("Environment", [])).split()
    return dict(pair.split("=", 1) for pair in pairs)


def named_in(env_file: Path) -> set[str]:
    """The variables of an environment file."""
    return set(dotenv_values(env_file))


def image_variables() -> dict[str, str]:
    """What the image sets."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    pairs = [pair for line in re.findall(r"^ENV (.*)$", text, re.MULTILINE) for pair in line.split()]
    return dict(pair.split("=", 1) for pair in pairs)


def seconds(written: str | int) -> int:
    """45 of `45s`."""
    return int(str(written).removesuffix("s"))
