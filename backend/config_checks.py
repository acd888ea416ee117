"""What no single setting can know about itself: what is missing, half set, or too weak for production."""

from __future__ import annotations

import os
import secrets
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.key_format import MalformedKeys, new_key, read_keys

if TYPE_CHECKING:
    from backend.config import Settings

PASSWORD_HASH_MIB = 19  # what OWASP recommends with two passes and one lane
# A proxy gives up after a minute, and gunicorn on a process that stalls for one; databases answer or fail in seconds.
LONGEST_REQUEST_SECONDS = 60

_WEAK_SECRET_WORDS = ("change", "secret", "password", "example", "dindin", "test")
# At every level these log what happened, and never what somebody wrote.
_CAREFUL_LOGGERS = frozenset({"backend", "worker", "deploy", "rq"})
_SECRET_MIN_LENGTH = 32
_SECRET_MIN_DISTINCT = 10
_AGE_KEYS = ("AGE-SECRET-KEY-1", "age1")


def all_that_is_wrong(settings: Settings) -> list[str]:
    """One line for each thing that keeps DinDin from starting with these settings."""
    wrong = [*_missing(settings), *_half_set(settings), *_malformed_keys(settings), *_unsafe_logs(settings)]
    if settings.app_env == "production":
        wrong += _unsafe_for_production(settings)
    return wrong


def is_strong_secret(secret: str) -> bool:
    """Whether `secret` is long and varied enough to sign tokens with, and no placeholder."""
    lowered = secret.lower()
    return (
        len(secret) >= _SECRET_MIN_LENGTH
        and len(set(secret)) >= _SECRET_MIN_DISTINCT
        and not any(word in lowered for word in _WEAK_SECRET_WORDS)
    )


def _missing(settings: Settings) -> list[str]:
    wrong = []
    if not settings.mongodb_uri:
        wrong.append("MONGODB_URI: missing; name your MongoDB replica set (`make run` starts one of its own)")
    if not (settings.redis_url or settings.redis_host):
        wrong.append("REDIS_URL: missing; name your Valkey or Redis (`make run` starts one of its own)")
    if not settings.secret_key.get_secret_value():
        wrong.append(f"SECRET_KEY: missing; for example {secrets.token_urlsafe(36)}")
    return wrong


def _half_set(settings: Settings) -> list[str]:
    """What is no use without something else, or not as it should be."""
    wrong = []
    if urlsplit(settings.smtp_url.get_secret_value()).scheme not in {"", "smtp", "smtps"}:
        wrong.append("SMTP_URL: write smtp://user:password@host:587 or smtps://user:password@host:465")
    for name in ("google", "facebook", "oidc"):
        secret = getattr(settings, f"{name}_client_secret").get_secret_value()
        if bool(getattr(settings, f"{name}_client_id")) != bool(secret):
            wrong.append(f"{name.upper()}_CLIENT_ID, {name.upper()}_CLIENT_SECRET: set both or neither")
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        wrong.append("OIDC_ISSUER, OIDC_CLIENT_ID: set both or neither")
    if bool(settings.s3_access_key) != bool(settings.s3_secret_key.get_secret_value()):
        wrong.append("S3_ACCESS_KEY, S3_SECRET_KEY: set both or neither")
    wrong += [
        f"{name.upper()}: must start with https://"
        for name in ("oidc_issuer", "clerk_issuer", "clerk_api_url", "s3_endpoint")
        if getattr(settings, name) and not settings.trusts(getattr(settings, name))
    ]
    for name in ("storage_url", "backup_url"):
        if urlsplit(getattr(settings, name)).scheme not in {"", "file", "s3"}:
            wrong.append(f"{name.upper()}: write a folder or s3://bucket/prefix")
    return wrong


def _malformed_keys(settings: Settings) -> list[str]:
    wrong = [
        f"{name.upper()}: must be whsec_ and base64, as the sender shows it"
        for name in ("clerk_webhook_secret", "billing_webhook_secret")
        if not _is_webhook_secret(getattr(settings, name).get_secret_value())
    ]
    try:
        if settings.data_keys.get_secret_value():
            read_keys(settings.data_keys.get_secret_value())
    except MalformedKeys as malformed:
        wrong.append(f"DATA_KEYS: {malformed}")
    if not all(key.startswith(_AGE_KEYS) for key in backup_keys_of(settings)):
        wrong.append(
            f"BACKUP_KEYS: each must start with {' or '.join(_AGE_KEYS)}; `python -m worker backup-key` makes one"
        )
    return wrong


def _unsafe_logs(settings: Settings) -> list[str]:
    wrong = [
        f"LOG_LEVELS: {name} may not say more than warnings: it would log what people write, or tokens"
        for name, level in settings.log_levels.items()
        if level in {"DEBUG", "INFO"} and name.partition(".")[0] not in _CAREFUL_LOGGERS
    ]
    errors = settings.log_error_file
    if errors is not None and (errors.is_dir() or not os.access(errors.parent, os.W_OK)):
        wrong.append(f"LOG_ERROR_FILE: {errors} cannot be written; its folder must be there, and writable")
    return wrong


def backup_keys_of(settings: Settings) -> list[str]:
    """The age identities (or recipients, which only encrypt) of BACKUP_KEYS, the newest first."""
    return [key.strip() for key in settings.backup_keys.get_secret_value().split(",") if key.strip()]


def _unsafe_for_production(settings: Settings) -> list[str]:
    wrong = []
    for name in ("secret_key", "ledger_key"):
        secret = getattr(settings, name).get_secret_value()
        if secret and not is_strong_secret(secret):
            wrong.append(f"{name.upper()}: too weak; use at least {_SECRET_MIN_LENGTH} random characters")
    if not settings.ledger_key.get_secret_value():
        wrong.append(f"LEDGER_KEY: missing; for example {secrets.token_urlsafe(36)}")
    if not settings.data_keys.get_secret_value():
        wrong.append(f"DATA_KEYS: missing; for example {new_key('k1')}")
    if settings.password_hash_mib < PASSWORD_HASH_MIB:
        wrong.append(f"PASSWORD_HASH_MIB: too weak; use at least {PASSWORD_HASH_MIB}")
    if settings.erasure_settle_seconds < LONGEST_REQUEST_SECONDS:
        wrong.append(f"ERASURE_SETTLE_SECONDS: too short; requests may take {LONGEST_REQUEST_SECONDS}")
    if not settings.public_url.startswith("https://"):
        wrong.append("PUBLIC_URL: must start with https:// in production")
    if not settings.metrics_token.get_secret_value():
        wrong.append("METRICS_TOKEN: missing; /metrics must not be open to everybody")
    return wrong


def _is_webhook_secret(secret: str) -> bool:
    try:
        return not secret or bool(b64decode(secret.removeprefix("whsec_"), validate=True))
    except ValueError:
        return False
