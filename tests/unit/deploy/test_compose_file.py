"""deploy/compose.yaml: hardened, in agreement with the programs, and clear about what it needs.

`docker compose config` judges its form where there is a Docker (.github/workflows/image.yml).
"""

from __future__ import annotations

import json
import re

import pytest
import yaml

from deploy.monitoring import dashboard
from tests.unit.deploy.descriptions import (
    API,
    BACKGROUND,
    DEPLOY,
    SETTINGS,
    Yaml,
    compose,
    documents,
    image_variables,
    named_in,
    seconds,
    services,
)

OURS = ("api-1", "api-2", "worker", "cron", "migrate")
ONCE = ("migrate", "mongo-init")
# Of compose itself, and of Grafana.
NOT_OURS = {"DINDIN_HOST", "DINDIN_TLS", "DINDIN_VERSION", "GRAFANA_PASSWORD"}
TEXT = (DEPLOY / "compose.yaml").read_text()

every_service = pytest.mark.parametrize(("name", "service"), services().items(), ids=list(services()))


@every_service
def test_each_is_shut_in_and_comes_back(name: str, service: Yaml) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert service["logging"]["options"]["max-size"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & service.keys()


@every_service
def test_each_image_is_pinned(name: str, service: Yaml) -> None:
    image, _, tag = re.sub(r"\$\{DINDIN_VERSION:-(.*?)\}", r"\1", service["image"]).partition(":")
    assert (image == "dindin") == (name in OURS)
    assert re.match(r"v?\d+\.\d+\.\d+", tag), service["image"]


@every_service
def test_each_is_looked_after_or_says_why_not(name: str, service: Yaml) -> None:
    unwatched = {*ONCE, "worker", "cron"}
    assert (service["healthcheck"].get("disable") is True) == (name in unwatched)


def test_they_run_what_make_run_runs() -> None:
    for name in ("worker", "cron"):
        assert tuple(services()[name]["command"]) == BACKGROUND[name]
    assert tuple(services()["migrate"]["command"]) == BACKGROUND["prepare"]
    assert "command" not in services()["api-1"], "the image's own"
    assert API[0] == "gunicorn"


def test_the_two_apis_are_alike_and_wait_for_the_migration() -> None:
    assert services()["api-1"] == services()["api-2"]
    assert services()["api-1"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    [*_, check] = services()["api-1"]["healthcheck"]["test"]
    assert f"http://127.0.0.1:{image_variables()['PORT']}/health/ready" in check


def test_an_api_has_time_to_tell_its_sockets_where_to_go() -> None:
    service = services()["api-1"]
    drain = seconds(service["environment"]["WEB_GRACEFUL_SECONDS"])
    assert seconds(service["stop_grace_period"]) >= drain + 10


@pytest.mark.parametrize("name", OURS)
def test_what_is_set_exists(name: str) -> None:
    assert services()[name]["environment"].keys() <= SETTINGS
    assert services()[name]["env_file"] == ".env"


def test_the_example_names_all_that_is_needed_and_nothing_that_does_not_exist() -> None:
    example = named_in(DEPLOY / "compose.env.example")
    assert example <= SETTINGS | NOT_OURS
    wanted = re.findall(r"(?<!\$)\$\{?(\w+)(:-|:\?)?", TEXT)
    without_default = {name for name, rest in wanted if rest != ":-"}
    assert without_default <= example
    assert {"SECRET_KEY", "LEDGER_KEY", "DATA_KEYS", "METRICS_TOKEN", "BACKUP_KEYS"} <= example


def test_only_nginx_is_reached_from_outside_and_nobody_else_reaches_the_databases() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published.keys() == {"nginx", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in published["grafana"])
    assert compose()["networks"]["data"]["internal"] is True
    assert services()["nginx"]["networks"] == ["edge"]
    for name in ("mongo", "mongo-init", "valkey"):
        assert services()[name]["networks"] == ["data"]


def test_whoever_writes_has_a_place_to() -> None:
    mounts = services()["api-1"]["volumes"] + services()["api-1"]["tmpfs"]
    written = [mount.split(":")[0 if mount.startswith("/") else 1] for mount in mounts]
    assert image_variables()["DATA_DIR"] in written
    assert "/tmp" in written  # noqa: S108 - a mount


def test_each_api_has_its_metrics_in_memory_of_its_own_and_nobody_else_has_a_folder_for_them() -> None:
    folders = {name: services()[name]["environment"].get("PROMETHEUS_MULTIPROC_DIR") for name in OURS}
    named = {name: folder for name, folder in folders.items() if folder}
    assert named.keys() == {"api-1", "api-2"}, "gunicorn alone makes it"
    memory = {mount.split(":")[0] for mount in services()["api-1"]["tmpfs"]}
    assert {folder.rpartition("/")[0] for folder in named.values()} <= memory


def test_each_file_that_is_mounted_is_there_and_each_volume_declared() -> None:
    for service in services().values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), mount
            elif not source.startswith("$"):
                assert source in compose()["volumes"], mount


def test_valkey_never_forgets_by_itself() -> None:
    command = services()["valkey"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_prometheus_asks_each_api_and_has_the_rules() -> None:
    [here] = documents(DEPLOY / "compose" / "prometheus.yml")
    [there] = yaml.safe_load_all((DEPLOY / "monitoring" / "prometheus.yml").read_text())
    [scraped], [elsewhere] = here["scrape_configs"], there["scrape_configs"]
    assert scraped["static_configs"] == [
        {"targets": [f"{name}:{image_variables()['PORT']}" for name in ("api-1", "api-2")]}
    ]
    assert (scraped["job_name"], scraped["metrics_path"]) == (
        elsewhere["job_name"],
        elsewhere["metrics_path"],
    )
    assert here["rule_files"] == there["rule_files"]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    [sources] = documents(DEPLOY / "compose" / "grafana" / "datasource.yml")
    assert [(one["type"], one["url"]) for one in sources["datasources"]] == [
        ("prometheus", "http://prometheus:9090")
    ]
    [found] = documents(DEPLOY / "compose" / "grafana" / "dashboards.yml")
    mounts = dict(mount.split(":")[:2] for mount in services()["grafana"]["volumes"])
    folder = (DEPLOY / "monitoring" / "dashboards").resolve()
    assert mounts["./monitoring/dashboards"] == found["providers"][0]["options"]["path"]
    assert dashboard.PATH.parent.resolve() == folder
    assert json.loads(dashboard.PATH.read_text())["uid"]
