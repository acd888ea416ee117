"""Where a request comes from and whom it names, in one spelling each: what attempts are counted by."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import g, request
from pydantic import validate_email
from pydantic_core import PydanticCustomError

from backend.texts import address_key

_CUSTOMER_PREFIX = 64  # what one customer gets at least; to count single addresses would count nobody
_SITE_PREFIX = 48  # what anybody with a line for a business, or a tunnel, gets for the asking
_ACCOUNT_PURPOSE = b"rate limit of an account\0"


def address_of_caller() -> str:
    """Where the caller is, as the trusted proxies say (TRUSTED_PROXIES); never what the caller says."""
    address = _address()
    if address is None:  # a server behind a Unix socket without a proxy that tells
        return request.remote_addr or "unknown"
    if isinstance(address, IPv6Address):
        return _network(address, _CUSTOMER_PREFIX)
    return str(address)


def site_of_caller() -> str:
    """The IPv6 network of 65,536 customers' networks that the caller is in; "" with IPv4, which has none such."""
    address = _address()
    return _network(address, _SITE_PREFIX) if isinstance(address, IPv6Address) else ""


def account_in_body(secret: bytes) -> str:
    """Stands for the e-mail address in the body; "" for none. Without `secret` nobody learns which address it is."""
    if "tried_account" not in g:
        address = _email_in_body()
        g.tried_account = account_of(address, secret) if address else ""
    account: str = g.tried_account
    return account


def account_of(address: str, secret: bytes) -> str:
    """What stands for an e-mail address, in whatever spelling, where attempts are counted."""
    said = _ACCOUNT_PURPOSE + address_key(address).encode(errors="replace")
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def _address() -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(address: IPv6Address, prefix: int) -> str:
    return str(ip_network((address.packed, prefix), strict=False))


def _email_in_body() -> str:
    """In one spelling, read as the models read it; "" for none."""
    body = request.get_json(silent=True) if request.is_json else None
    given = body.get("email") if isinstance(body, dict) else None
    if not isinstance(given, str):
        return ""
    try:
        return address_key(validate_email(given)[1])
    except PydanticCustomError:
        return ""
