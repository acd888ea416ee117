"""Settings: every variable exists, what is wrong is said all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.config import Settings, SettingsError, load_settings
from backend.config_checks import is_strong_secret
from backend.key_format import new_key

STRONG = "9Hq2-vXz7Lk0_Rb4Tn6Wd8Yc1Gf3Jm5P"

# docs: the variables every installation may rely on.
SEED_SET = {
    "HOST": "0.0.0.0",  # noqa: S104  # a value to read back, nothing listens
    "PORT": "9000",
    "APP_ENV": "test",
    "MONGODB_URI": "mongodb://db.example/",
    "DATABASE_NAME": "dinner",
    "REDIS_URL": "redis://cache.example:6379/0",
    "ALLOWED_ORIGINS": "https://a.example, http://localhost:3000/",
    "API_RATE_LIMIT": "50",
    "SENTRY_DSN": "https://key@sentry.example/1",
    "LOG_LEVEL": "warning",
    "DATA_RETENTION_DAYS": "30",
    "ENABLE_AUDIT_LOG": "true",
    "SESSION_EXPIRY_MINUTES": "15",
    "MAX_FREE_SESSIONS": "2",
    "CLERK_SECRET_KEY": "sk_live_1",
    "MONGODB_MAX_POOL_SIZE": "20",
    "MONGODB_MIN_POOL_SIZE": "1",
    "MONGODB_MAX_IDLE_SECONDS": "10",
    "MONGODB_SERVER_SELECTION_SECONDS": "3",
    "SECRET_KEY": STRONG,
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours is set, and no `.env` lies in the working folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def complaint() -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings()
    return str(raised.value)


@pytest.mark.parametrize("name", sorted({*SEED_SET, "REDIS_HOST", "REDIS_PORT"}))
def test_every_variable_of_the_seed_set_exists(name: str) -> None:
    assert name.lower() in Settings.model_fields


def test_all_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SEED_SET)
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 9000)  # noqa: S104  # read, never bound
    assert settings.app_env == "test"
    assert settings.allowed_origins == ("https://a.example", "http://localhost:3000")
    assert settings.log_level == "WARNING"
    assert settings.enable_audit_log is True
    assert (settings.mongodb_max_pool_size, settings.mongodb_min_pool_size) == (20, 1)
    assert settings.clerk_secret_key.get_secret_value() == "sk_live_1"


def test_pool_defaults_are_the_documented_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {name: SEED_SET[name] for name in ("MONGODB_URI", "REDIS_URL", "SECRET_KEY")})
    settings = load_settings()
    assert settings.mongodb_max_pool_size == 10
    assert settings.mongodb_min_pool_size == 2
    assert settings.mongodb_max_idle_seconds == 30
    assert settings.mongodb_server_selection_seconds == 5


def test_redis_may_be_named_by_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"MONGODB_URI": "mongodb://db.example/", "SECRET_KEY": STRONG})
    set_all(monkeypatch, {"REDIS_HOST": "cache.example", "REDIS_PORT": "6380"})
    assert load_settings().valkey_url == "redis://cache.example:6380/0"


def test_a_dot_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        f"MONGODB_URI=mongodb://file.example/\nREDIS_URL=redis://f/\nSECRET_KEY={STRONG}\nPORT=1\n"
    )
    monkeypatch.setenv("PORT", "2")
    settings = load_settings()
    assert (settings.mongodb_uri, settings.port) == ("mongodb://file.example/", 2)


def test_everything_that_is_missing_is_named_in_one_message() -> None:
    message = complaint()
    for name in ("MONGODB_URI", "REDIS_URL", "SECRET_KEY"):
        assert f"  - {name}: missing" in message


def test_malformed_values_are_named_together_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"PORT": "99999", "API_RATE_LIMIT": "lots", "ALLOWED_ORIGINS": "*", "LOG_LEVEL": "chatty"}
    set_all(monkeypatch, {**SEED_SET, **wrong})
    message = complaint()
    for name in wrong:
        assert f"  - {name}: " in message
    assert "lots" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "mail.example:25"),
        ("SMTP_URL", "http://mail.example"),
        ("GOOGLE_CLIENT_ID", "id without a secret"),
        ("FACEBOOK_CLIENT_SECRET", "secret without an id"),
        ("OIDC_ISSUER", "https://login.example"),
        ("OIDC_ISSUER", "http://login.example"),
        ("CLERK_ISSUER", "http://clerk.example"),
        ("CLERK_WEBHOOK_SECRET", "whsec_***"),
        ("BILLING_WEBHOOK_SECRET", "secret!"),
        ("CLERK_AUTHORIZED_PARTIES", "*"),
    ],
)
def test_what_is_half_set_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    set_all(monkeypatch, {**SEED_SET, name: value})
    message = complaint()
    assert name in message
    assert "secret!" not in message


def test_mail_and_issuers_elsewhere_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {
        "SMTP_URL": "smtps://us:pass@mail.example:465",
        "GOOGLE_CLIENT_ID": "id",
        "GOOGLE_CLIENT_SECRET": "s",
        "OIDC_ISSUER": "http://127.0.0.1:9000",
        "OIDC_CLIENT_ID": "id",
        "OIDC_CLIENT_SECRET": "s",
        "CLERK_ISSUER": "https://clerk.example",
        "CLERK_AUTHORIZED_PARTIES": "https://a.example, https://b.example",
        "CLERK_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
    set_all(monkeypatch, {**SEED_SET, **elsewhere})
    assert load_settings().clerk_authorized_parties == ("https://a.example", "https://b.example")


@pytest.mark.security
def test_production_refuses_what_is_weak_or_missing_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {**SEED_SET, "APP_ENV": "production", "SECRET_KEY": "short"})
    message = complaint()
    assert "  - SECRET_KEY: too weak" in message
    assert "  - PUBLIC_URL: must start with https://" in message
    assert "  - METRICS_TOKEN: missing" in message
    assert "short" not in message


def test_production_starts_with_everything_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    safe = {
        "APP_ENV": "Production",
        "PUBLIC_URL": "https://dindin.example/",
        "METRICS_TOKEN": "m" * 20,
        "LEDGER_KEY": STRONG[::-1],
        "DATA_KEYS": new_key("k1"),
    }
    set_all(monkeypatch, {**SEED_SET, **safe})
    assert load_settings().base_url == "https://dindin.example"


@pytest.mark.security
def test_in_production_no_erasure_ends_before_requests_of_before_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_all(monkeypatch, {**SEED_SET, "APP_ENV": "production", "ERASURE_SETTLE_SECONDS": "59"})
    with pytest.raises(SettingsError, match="ERASURE_SETTLE_SECONDS: too short"):
        load_settings()
    set_all(monkeypatch, {**SEED_SET, "APP_ENV": "test", "ERASURE_SETTLE_SECONDS": "0"})
    assert load_settings().erasure_settle_seconds == 0


@pytest.mark.security
@pytest.mark.parametrize(
    "secret",
    [
        "",
        "a" * 64,
        "abcabcabcabcabcabcabcabcabcabcabcabc",
        "change-me-9Hq2vXz7Lk0Rb4Tn6Wd8Yc1Gf3",
        STRONG[:31],
    ],
    ids=["empty", "one letter", "three letters", "placeholder", "too short"],
)
def test_weak_secrets(secret: str) -> None:
    assert not is_strong_secret(secret)


def test_a_random_secret_is_strong() -> None:
    assert is_strong_secret(STRONG)


@pytest.mark.security
def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SEED_SET)
    assert STRONG not in repr(load_settings())
    assert "sk_live_1" not in repr(load_settings())


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SEED_SET)
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.port = 1


def test_levels_of_modules_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {**SEED_SET, "LOG_LEVELS": " backend.sessions=debug, werkzeug = ERROR,"})
    assert load_settings().log_levels == {"backend.sessions": "DEBUG", "werkzeug": "ERROR"}


@pytest.mark.parametrize("wrong", ["backend", "backend=LOUD", "=DEBUG,backend="])
def test_levels_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    set_all(monkeypatch, {**SEED_SET, "LOG_LEVELS": wrong})
    assert "LOG_LEVELS: " in complaint()


@pytest.mark.security
@pytest.mark.parametrize(
    "talkative", ["pymongo.command=DEBUG", "httpx=INFO", "urllib3=debug", "gunicorn.error=DEBUG"]
)
def test_what_would_log_what_people_write_is_refused(monkeypatch: pytest.MonkeyPatch, talkative: str) -> None:
    set_all(monkeypatch, {**SEED_SET, "LOG_LEVELS": talkative})
    assert f"LOG_LEVELS: {talkative.partition('=')[0]} may not say more than warnings" in complaint()


def test_an_error_file_needs_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_all(monkeypatch, {**SEED_SET, "LOG_ERROR_FILE": str(tmp_path / "nowhere" / "errors.log")})
    assert "LOG_ERROR_FILE: " in complaint()
    monkeypatch.setenv("LOG_ERROR_FILE", str(tmp_path / "errors.log"))
    assert load_settings().log_error_file == tmp_path / "errors.log"


def test_an_error_file_is_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_all(monkeypatch, {**SEED_SET, "LOG_ERROR_FILE": str(tmp_path)})
    assert "LOG_ERROR_FILE: " in complaint()
