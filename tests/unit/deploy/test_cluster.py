"""deploy/k8s: what Kubernetes' own API takes, shut in, and in agreement with the programs."""

from __future__ import annotations

import re
from importlib import import_module

import msgspec
import pytest

from backend.infra.metrics import LIVE_SOCKETS
from tests.unit.deploy.descriptions import (
    BACKGROUND,
    CLUSTER,
    SETTINGS,
    Yaml,
    image_variables,
    kustomization,
    manifest,
    manifests,
    named_in,
    pods,
    seconds,
)

# For kustomize and for Helm.
NO_MANIFESTS = {"kustomization.yaml", "prometheus-adapter.yaml"}
PODS = dict(pods())

every_manifest = pytest.mark.parametrize(
    "described", manifests(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}"
)
every_pod = pytest.mark.parametrize(("name", "pod"), PODS.items(), ids=list(PODS))


@every_manifest
def test_each_is_what_the_api_describes(described: Yaml) -> None:
    group, _, version = described["apiVersion"].rpartition("/")
    module = import_module(f"lightkube.models.{group.partition('.')[0] or 'core'}_{version}")
    taken = msgspec.convert(described, getattr(module, described["kind"]))
    assert msgspec.to_builtins(taken) == described, "what is missing here is no field"


def test_every_file_is_applied() -> None:
    for folder in (".", "migrate"):
        there = {file.name for file in (CLUSTER / folder).glob("*.yaml")} - NO_MANIFESTS
        assert there == set(kustomization(folder)["resources"])
        assert kustomization(folder)["namespace"] == manifest("Namespace", "dindin")["metadata"]["name"]


def test_the_same_version_migrates_and_runs() -> None:
    [image] = kustomization()["images"]
    assert kustomization("migrate")["images"] == [image]
    assert image["name"] == "dindin"
    assert re.fullmatch(r"\d+\.\d+\.\d+", image["newTag"])


@every_pod
def test_each_pod_is_shut_in(name: str, pod: Yaml) -> None:
    [container] = pod["containers"]
    assert container["image"] == "dindin", "the version is kustomization's"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False), name
    assert container["resources"]["limits"].keys() == {"memory"}, "a limit of CPU would only slow it"


@every_pod
def test_whoever_writes_has_a_place_to(name: str, pod: Yaml) -> None:
    [container] = pod["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert {image_variables()["DATA_DIR"], "/tmp"} <= mounts.keys()  # noqa: S108 - a mount
    assert set(mounts.values()) == {volume["name"] for volume in pod["volumes"]}
    own = {one["name"]: one["value"] for one in container.get("env", ())}
    if name == "dindin-api":
        assert mounts[own.pop("PROMETHEUS_MULTIPROC_DIR").rpartition("/")[0]] == "memory"
    assert own == {}, "nobody else makes the folder of the metrics"


def test_they_run_what_make_run_runs() -> None:
    commands = {name: tuple(pod["containers"][0].get("command", ())) for name, pod in pods()}
    assert commands == {
        "dindin-api": (),  # the image's own
        "dindin-worker": BACKGROUND["worker"],
        "dindin-cron": BACKGROUND["cron"],
        "dindin-migrate": BACKGROUND["prepare"],
    }


@every_pod
def test_what_is_set_exists(name: str, pod: Yaml) -> None:
    sources = [source for one in pod["containers"][0]["envFrom"] for source in one.values()]
    assert [source["name"] for source in sources] == ["dindin-settings", "dindin-secrets"], name
    open_ones, secret = (
        set(manifest("ConfigMap", "dindin-settings")["data"]),
        named_in(CLUSTER / "secrets.env.example"),
    )
    assert open_ones | secret <= SETTINGS
    assert not open_ones & secret


def test_an_api_has_time_to_tell_its_sockets_where_to_go() -> None:
    pod = PODS["dindin-api"]
    [*_, told] = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    drain = seconds(manifest("ConfigMap", "dindin-settings")["data"]["WEB_GRACEFUL_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] >= seconds(told) + drain + 10


def test_probes_ask_what_they_should() -> None:
    [api] = PODS["dindin-api"]["containers"]
    asked = {
        name: api[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert asked == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    assert [port["containerPort"] for port in api["ports"]] == [int(image_variables()["PORT"])]


def test_services_budgets_and_rules_find_their_pods() -> None:
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in manifests()
        if one["kind"] in {"Deployment", "Job"}
    ]
    wanted = [manifest("Service", "dindin-api")["spec"]["selector"]]
    for one in manifests():
        spec = one.get("spec", {})
        found = spec.get("podSelector") or (spec.get("selector") if one["kind"] != "Service" else None)
        wanted += [found["matchLabels"]] if found else []
    assert len(wanted) >= 6
    for selector in wanted:
        assert any(selector.items() <= label.items() for label in labels), selector


def test_the_ingress_leads_to_the_service_at_the_name_that_people_use() -> None:
    spec = manifest("Ingress", "dindin")["spec"]
    host = manifest("ConfigMap", "dindin-settings")["data"]["PUBLIC_URL"].removeprefix("https://")
    assert [rule["host"] for rule in spec["rules"]] == spec["tls"][0]["hosts"] == [host]
    service = spec["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert service["port"]["name"] in {
        port["name"] for port in manifest("Service", service["name"])["spec"]["ports"]
    }


def test_there_are_more_apis_when_they_compute_or_hold_much() -> None:
    spec = manifest("HorizontalPodAutoscaler", "dindin-api")["spec"]
    assert manifest("Deployment", spec["scaleTargetRef"]["name"])["spec"].get("replicas") is None
    resource, sockets = spec["metrics"]
    assert resource["resource"]["name"] == "cpu"
    assert sockets["pods"]["metric"]["name"] == LIVE_SOCKETS._name
    assert LIVE_SOCKETS._name in (CLUSTER / "prometheus-adapter.yaml").read_text()
    assert spec["minReplicas"] >= 2
