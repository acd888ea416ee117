"""Every setting of DinDin: one object, filled from environment variables (and `.env`), checked once at start."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from pydantic import Field, PositiveInt, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.config_checks import LONGEST_REQUEST_SECONDS, PASSWORD_HASH_MIB, all_that_is_wrong

LogLevel: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(Exception):
    """The settings cannot be used. The message lists everything that is wrong, one line each."""


class Settings(BaseSettings):
    """All settings; the field's upper-case name is the environment variable."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    app_env: Literal["development", "test", "production"] = "development"
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    public_url: str = Field(
        "", description="Where people reach this server; used in links. Default: http://HOST:PORT."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="Exact number of reverse proxies in front of the API."
    )
    data_dir: Path = Field(
        Path(".data"), description="Folder for files, logs and what embedded servers keep."
    )

    mongodb_uri: str = Field("", description="MongoDB replica set or sharded cluster.")
    database_name: str = Field("dindin", pattern=r"^[A-Za-z0-9_-]{1,60}$")
    mongodb_max_pool_size: PositiveInt = 10
    mongodb_min_pool_size: int = Field(2, ge=0)
    mongodb_max_idle_seconds: PositiveInt = 30
    mongodb_server_selection_seconds: PositiveInt = 5

    redis_url: str = Field("", description="Valkey or Redis: redis://, rediss:// or unix://.")
    redis_host: str = Field("", description="Instead of REDIS_URL.")
    redis_port: int = Field(6379, ge=1, le=65535)
    redis_prefix: str = Field(
        "dindin:", pattern=r"^[a-z0-9:_-]{0,40}$", description="Put before each key and channel."
    )

    enable_cache: bool = Field(True, description="Keep what is read often in Valkey for a while.")
    cache_recipes_seconds: PositiveInt = Field(
        600, le=86_400, description="A cached recipe is read again after this long at most."
    )
    cache_restaurants_seconds: PositiveInt = Field(600, le=86_400, description="Likewise.")
    cache_preferences_seconds: PositiveInt = Field(300, le=86_400, description="Likewise.")
    cache_sessions_seconds: PositiveInt = Field(
        3600, le=86_400, description="Counts of sessions that are over."
    )
    cache_absent_seconds: PositiveInt = Field(
        30, le=86_400, description="What does not exist is looked for again after this long at most."
    )
    cache_timeout_milliseconds: PositiveInt = Field(
        500, le=2000, description="Wait no longer for the cache; MongoDB answers then."
    )

    secret_key: SecretStr = Field(SecretStr(""), description="Signs tokens; at least 32 random characters.")
    password_hash_mib: int = Field(
        PASSWORD_HASH_MIB, ge=1, le=1024, description="Memory that hashing one password takes (argon2id)."
    )
    data_keys: SecretStr = Field(
        SecretStr(""), description="Encrypt diet and allergy data: NAME:KEY pairs, the newest first."
    )
    ledger_key: SecretStr = Field(
        SecretStr(""),
        description="Keys tombstones, receipts and the audit chain; kept for as long as they are.",
    )
    access_token_minutes: int = Field(15, ge=1, le=60)
    refresh_token_days: int = Field(30, ge=1, le=365)

    google_client_id: str = Field("", description="Log-in through Google: the client id.")
    google_client_secret: SecretStr = SecretStr("")
    facebook_client_id: str = Field("", description="Log-in through Facebook: the app id.")
    facebook_client_secret: SecretStr = SecretStr("")
    oidc_issuer: str = Field("", description="Log-in through any OpenID Connect issuer: its URL.")
    oidc_name: str = Field("Single sign-on", max_length=40, description="What people call that issuer.")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    clerk_issuer: str = Field("", description="Log-in through Clerk: the URL of its frontend API.")
    clerk_authorized_parties: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose Clerk tokens are good here, comma-separated."
    )
    clerk_webhook_secret: SecretStr = Field(SecretStr(""), description="Signs Clerk's webhooks; whsec_...")
    clerk_secret_key: SecretStr = Field(
        SecretStr(""), description="Clerk's API key: with it, Clerk is told to delete whoever is erased here."
    )
    clerk_api_url: str = Field("https://api.clerk.com", description="Where Clerk's Backend API is.")
    billing_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Signs webhooks about who pays for the pro tier; whsec_..."
    )

    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp:// (STARTTLS where offered) or smtps://; empty: mails become files."
    )
    mail_from: str = Field("DinDin <dindin@localhost>", description="Sender of mails.")

    storage_url: str = Field(
        "",
        description="Where exports and tombstones lie: a folder or s3://bucket/prefix. Default: DATA_DIR/storage.",
    )
    backup_url: str = Field("", description="Where backups lie, likewise. Default: DATA_DIR/backups.")
    backup_keys: SecretStr = Field(
        SecretStr(""), description="age identities (`python -m worker backup-key`), the newest first."
    )
    s3_endpoint: str = Field("", description="URL of an S3-compatible store; empty: Amazon's.")
    s3_region: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")

    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Browser origins, comma-separated."
    )
    api_rate_limit: PositiveInt = Field(
        100, description="Requests a minute per user; ten times that per address."
    )

    session_expiry_minutes: PositiveInt = Field(
        60, description="A session ends this long after its last activity."
    )
    away_grace_seconds: PositiveInt = Field(
        30, description="Who is away for longer is gone: the others no longer wait for them."
    )
    max_free_sessions: PositiveInt = Field(
        1, description="Live sessions a free user may take part in at a time."
    )
    max_free_groups: PositiveInt = Field(1, description="Groups a free user may be in at a time.")
    data_retention_days: PositiveInt = Field(90, description="Finished sessions are kept this long.")
    export_keep_days: PositiveInt = Field(7, description="An export can be downloaded this long.")
    erasure_grace_days: int = Field(
        14, ge=0, le=90, description="An erasure can be cancelled this long; 0: it is done at once."
    )
    erasure_settle_seconds: int = Field(
        LONGEST_REQUEST_SECONDS,
        ge=0,
        le=3600,
        description="So long after an erasure shut somebody out, it looks everywhere once more.",
    )
    guest_keep_days: PositiveInt = Field(
        30,
        description="Guests, and accounts that never confirmed an address, without a log-in for this long go.",
    )
    audit_keep_days: PositiveInt = Field(365, description="Entries of the audit log are kept this long.")
    enable_audit_log: bool = Field(False, description="Record every request, not only security events.")

    flags_file: Path | None = Field(
        None, description="Feature flags, in TOML or JSON; read again when it changes."
    )
    flag_sponsored_cards: bool | None = Field(None, description="Wins over FLAGS_FILE; so do the others.")
    flag_guests: bool | None = None
    flag_reconsideration: bool | None = None

    log_level: LogLevel = "INFO"
    log_levels: Annotated[dict[str, LogLevel], NoDecode] = Field(
        {}, description="Other levels for single modules: NAME=LEVEL pairs, comma-separated."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: readable at a terminal outside of production, else JSON."
    )
    log_error_file: Path | None = Field(None, description="What goes wrong is written here as well, as JSON.")
    sentry_dsn: SecretStr = Field(SecretStr(""), description="Where errors are reported; empty: nowhere.")
    sentry_traces_sample_rate: float = Field(
        0.2, ge=0, le=1, description="The share of requests and jobs whose times are reported there."
    )
    release: str = Field("", max_length=200, description="What error reports call this version of DinDin.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics; required in production."
    )
    prometheus_multiproc_dir: Path | None = Field(
        None, description="Where API processes share their metrics."
    )

    @field_validator("allowed_origins", "clerk_authorized_parties", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins", "clerk_authorized_parties")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
                raise ValueError(f"{origin!r} is no origin: write scheme://host[:port], and no wildcard")
        return value

    @field_validator("log_levels", mode="before")
    @classmethod
    def _split_levels(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        return {name.strip(): level.strip().upper() for name, _, level in pairs}

    @field_validator(
        "log_error_file",
        "prometheus_multiproc_dir",
        "flags_file",
        "flag_sponsored_cards",
        "flag_guests",
        "flag_reconsideration",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("log_level", "log_format", "app_env", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: object) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if getattr(info, "field_name", "") == "log_level" else value.lower()

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        if wrong := all_that_is_wrong(self):
            raise ValueError("\n".join(wrong))
        return self

    def trusts(self, address: object) -> bool:
        """Whether an issuer may be reached at `address`: https, or this machine itself outside of production."""
        if not isinstance(address, str):
            return False
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            return False
        if not host or parts.username is not None or parts.fragment:
            return False
        local = self.app_env != "production" and host in _LOOPBACK
        return parts.scheme == "https" or (parts.scheme == "http" and local)

    @cached_property
    def base_url(self) -> str:
        """Address for links, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @cached_property
    def valkey_url(self) -> str:
        """The one URL of Valkey or Redis, whichever way it was given."""
        return self.redis_url or f"redis://{quote(self.redis_host)}:{self.redis_port}/0"


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: with one message that names every setting that is missing, malformed or too weak.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        lines += [f"{name}: {message}"] if name else message.splitlines()
    return "DinDin cannot start; these settings need attention:\n" + "\n".join(
        f"  - {line}" for line in lines
    )
