"""Where the client finds its server and keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.config import ConfigurationError, load_config, server_address


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "::", "PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"HOST": "192.168.1.5"}, "http://192.168.1.5:8000"),
        ({"DINDIN_SERVER": "https://dindin.example/"}, "https://dindin.example"),
        ({"DINDIN_SERVER": " http://[::1]:8000 ", "PORT": "1"}, "http://[::1]:8000"),
    ],
)
def test_the_server(environment: dict[str, str], address: str) -> None:
    assert server_address(environment) == address


@pytest.mark.parametrize("given", ["dindin.example", "ftp://x", "http://", "http://x:port", "http://x:99999"])
def test_an_address_that_makes_no_sense_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(ConfigurationError, match="should look like"):
        server_address({"DINDIN_SERVER": given})


def test_files_go_to_the_platforms_folder_or_where_one_says(tmp_path: Path) -> None:
    usual = load_config({})
    assert usual.home.name == "dindin"
    assert not usual.own_home
    chosen = load_config({"DINDIN_HOME": str(tmp_path), "DINDIN_SERVER": "https://dindin.example"})
    assert (chosen.home, chosen.own_home) == (tmp_path, True)
    assert chosen.live_url == "wss://dindin.example/api/v1/live"


@pytest.mark.parametrize(
    "given",
    [
        "sentry.example/1",
        "https://sentry.example/1",
        "https://key@sentry.example",
        "https://key@sentry.example/x",
    ],
)
def test_a_dsn_that_makes_no_sense_is_refused_without_repeating_its_key(given: str) -> None:
    with pytest.raises(ConfigurationError, match="should look like") as refusal:
        load_config({"DINDIN_SENTRY_DSN": given})
    assert "key@" not in str(refusal.value)


def test_errors_are_reported_to_nobody_unless_one_says_where() -> None:
    assert (load_config({}).sentry_dsn, load_config({}).reports_go_to) == ("", "")
    told = load_config({"DINDIN_SENTRY_DSN": " https://key@errors.example/12 "})
    assert (told.sentry_dsn, told.reports_go_to) == ("https://key@errors.example/12", "errors.example")
