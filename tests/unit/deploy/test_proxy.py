"""nginx' template agrees with the API and with who fills it in; tests/e2e/test_behind_nginx.py runs it."""

from __future__ import annotations

import re
from pathlib import Path

from backend.config_checks import LONGEST_REQUEST_SECONDS
from backend.http import edge
from backend.sessions.live import PATH
from backend.sessions.live_socket import HEARTBEAT_SECONDS
from tests.nginx_front import NginxFront
from tests.unit.deploy.descriptions import DEPLOY, environment_of_unit, image_variables, services

TEMPLATE = (DEPLOY / "nginx" / "templates" / "dindin.conf.template").read_text()
LIVE = re.search(rf"location = {PATH} {{(.*?)\n    }}", TEMPLATE, re.DOTALL)
VARIABLES = set(re.findall(r"\$\{(\w+)\}", TEMPLATE))


def test_whoever_fills_it_in_has_a_value_for_everything(tmp_path: Path) -> None:
    explained = set(re.findall(r"^#   (DINDIN_\w+) ", TEMPLATE, re.MULTILINE))
    assert explained == VARIABLES
    assert services()["nginx"]["environment"].keys() == VARIABLES
    assert NginxFront(tmp_path, [])._values.keys() == VARIABLES


def test_it_takes_and_waits_as_long_as_the_api() -> None:
    assert f"client_max_body_size {edge._MAX_BODY_BYTES // 1024**2}m;" in TEMPLATE
    assert f'"~{edge._REQUEST_ID.pattern}"' in TEMPLATE
    assert f"    proxy_read_timeout {LONGEST_REQUEST_SECONDS}s;" in TEMPLATE


def test_a_silent_socket_is_left_to_the_api() -> None:
    assert LIVE
    for way in ("read", "send"):
        timeout = re.search(rf"proxy_{way}_timeout (\d+)s;", LIVE[1])
        assert timeout
        assert int(timeout[1]) > 2 * HEARTBEAT_SECONDS
    assert f"~*^{PATH} websocket$" in TEMPLATE


def test_no_api_is_ever_counted_as_failed_and_nothing_is_done_twice() -> None:
    servers = re.findall(r"server [^;]+;", services()["nginx"]["environment"]["DINDIN_API_SERVERS"])
    assert len(servers) == 2
    assert all("max_fails=0" in server for server in servers)
    assert all(f":{image_variables()['PORT']} " in server for server in servers)
    assert not re.search(r"proxy_next_upstream [^;]*non_idempotent", TEMPLATE)


def test_it_is_the_one_proxy_that_the_api_believes() -> None:
    assert services()["api-1"]["environment"]["TRUSTED_PROXIES"] == "1"
    assert environment_of_unit("dindin-api@.service")["HOST"] == "127.0.0.1"
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in TEMPLATE, "over what the caller sent"
