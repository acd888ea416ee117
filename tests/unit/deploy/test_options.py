"""What the environment says about a run."""

from pathlib import Path

import pytest

from deploy.local.dev_secrets import development_secrets
from deploy.local.errors import LocalError
from deploy.local.options import REPOSITORY, RunOptions


def test_defaults_are_those_of_a_development_run() -> None:
    options = RunOptions.read({})
    assert options.base_url == "http://127.0.0.1:8000"
    assert options.data_dir == REPOSITORY / ".data"
    assert options.api_processes == 2
    assert (options.production, options.own_mongodb, options.own_valkey) == (False, False, False)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104 - read, never bound
        ("::", "http://[::1]:9000"),
        ("192.0.2.7", "http://192.0.2.7:9000"),
    ],
)
def test_an_address_for_everybody_is_reached_through_loopback(host: str, url: str) -> None:
    assert RunOptions.read({"HOST": host, "PORT": "9000"}).base_url == url


@pytest.mark.parametrize("setting", ["REDIS_URL", "REDIS_HOST"])
def test_ones_own_servers_are_noticed(setting: str) -> None:
    options = RunOptions.read({"MONGODB_URI": "mongodb://db", setting: "cache", "APP_ENV": "Production"})
    assert options.own_mongodb
    assert options.own_valkey
    assert options.production


def test_an_empty_setting_counts_as_not_set() -> None:
    options = RunOptions.read({"MONGODB_URI": "", "REDIS_URL": "", "PORT": ""})
    assert (options.own_mongodb, options.own_valkey) == (False, False)
    assert options.port == 8000


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("PORT", "0"), ("PORT", "70000"), ("WEB_CONCURRENCY", "-1")]
)
def test_a_malformed_number_is_named(name: str, value: str) -> None:
    with pytest.raises(LocalError, match=f"^{name} must be a whole number .*'{value}'"):
        RunOptions.read({name: value})


def test_a_made_up_secret_stays_the_same_and_private(tmp_path: Path) -> None:
    first = development_secrets(tmp_path / "kept", {})
    assert len(first["SECRET_KEY"]) >= 32
    assert development_secrets(tmp_path / "kept", {}) == first
    assert (tmp_path / "kept" / "dev.env").stat().st_mode & 0o777 == 0o600
    assert development_secrets(tmp_path / "other", {}) != first


def test_a_secret_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    assert "SECRET_KEY" not in development_secrets(tmp_path, {"SECRET_KEY": "mine"})
