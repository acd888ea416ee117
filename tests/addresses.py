"""Callers with addresses of their own: guessing is limited per address, and tests are many callers."""

from __future__ import annotations

import secrets
from ipaddress import ip_address

from flask import Flask
from flask.testing import FlaskClient


def somebody(app: Flask) -> FlaskClient:
    """An anonymous client from an address that nobody else uses."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = str(ip_address(0x0A000000 + secrets.randbits(24)))
    return client
