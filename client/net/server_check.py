"""Whether a DinDin server answers at an address."""

from __future__ import annotations

from http import HTTPStatus

from client.net.errors import ApiError
from client.net.transport import HttpTransport, bad_answer


def ask_for_dindin(address: str) -> None:
    """Returns when a DinDin server answers at `address`; raises `ApiError` with a sentence when none does.

    It is asked who is logged in. Nobody is, and only a DinDin server says so in the words of its problems.
    """
    transport = HttpTransport(address)
    try:
        transport.request("GET", "/auth/verify")
    except ApiError as answer:
        if answer.status != HTTPStatus.UNAUTHORIZED or answer.code != "unauthenticated":
            raise
    else:
        raise bad_answer(address)
    finally:
        transport.close()
