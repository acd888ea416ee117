"""What real processes of the project are started with in tests."""

from __future__ import annotations

import os

from backend.config import Settings

# A whole stack of its own: no limits in the way of crowds, and many accounts to make.
CROWDED = {
    "APP_ENV": "test",
    "API_RATE_LIMIT": "100000",
    "PASSWORD_HASH_MIB": "1",
    "CACHE_TIMEOUT_MILLISECONDS": "2000",
}


def environment_of(settings: Settings, **changed: str) -> dict[str, str]:
    """The environment of one more process of the installation that `settings` describe."""
    return {
        **os.environ,
        "APP_ENV": "test",
        "MONGODB_URI": settings.mongodb_uri,
        "DATABASE_NAME": settings.database_name,
        "REDIS_URL": settings.redis_url,
        "REDIS_PREFIX": settings.redis_prefix,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "DATA_KEYS": settings.data_keys.get_secret_value(),
        "LEDGER_KEY": settings.ledger_key.get_secret_value(),
        "BACKUP_KEYS": settings.backup_keys.get_secret_value(),
        "ERASURE_SETTLE_SECONDS": str(settings.erasure_settle_seconds),
        "PASSWORD_HASH_MIB": str(settings.password_hash_mib),
        "DATA_DIR": str(settings.data_dir),
        "LOG_LEVEL": "INFO",
        **changed,
    }
