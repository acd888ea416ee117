"""On what was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import redis
from pymongo import MongoClient

_GIGABYTE = 1024**3


def facts(settings: Mapping[str, str]) -> str:
    """Cores, memory, kernel and versions, in one line.

    Args:
        settings: with MONGODB_URI and REDIS_URL of the running databases.
    """
    mongo: MongoClient[dict[str, Any]] = MongoClient(settings["MONGODB_URI"])
    with mongo, redis.Redis.from_url(settings["REDIS_URL"]) as valkey:
        versions = valkey.info("server")
        told = [
            f"{len(os.sched_getaffinity(0))} cores ({_processor()})",
            f"{psutil.virtual_memory().total / _GIGABYTE:.0f} GB",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            f"MongoDB {mongo.server_info()['version']}",
            f"Valkey {versions.get('valkey_version') or versions['redis_version']}",
            f"load before the start {os.getloadavg()[0]:.1f}",
        ]
    return "; ".join(told)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
