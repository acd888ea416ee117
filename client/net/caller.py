"""Requests in the name of whoever is signed in, with answers read into values: what every part of the API needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from client.net.account import Account
from client.net.errors import FrameError
from client.net.fields import Fields
from client.net.transport import HttpTransport

Value = TypeVar("Value")


class Caller:
    """Thread safe; every method blocks and raises `ApiError`."""

    def __init__(self, transport: HttpTransport, account: Account) -> None:
        self._transport = transport
        self._account = account

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Fields:
        """The answer as it came."""
        return self._account.authorized(lambda token: self._transport.request(method, path, content, token))

    def ask(
        self,
        reader: Callable[[Fields], Value],
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
    ) -> Value:
        """The answer as `reader` understands it; one that it does not understand is an `ApiError` too."""
        return self.understand(reader, self.call(method, path, content))

    def ask_if_changed(
        self, reader: Callable[[Fields], Value], path: str, tag: str
    ) -> tuple[Value, str] | None:
        """What is at `path`, and its tag for the next time; None where it is still what had this `tag`."""
        answer = self._account.authorized(lambda token: self._transport.read_if_changed(path, token, tag))
        return None if answer is None else (self.understand(reader, answer[0]), answer[1])

    def understand(self, reader: Callable[[Fields], Value], answer: Fields) -> Value:
        """What an answer says."""
        try:
            return reader(answer)
        except FrameError as failure:
            raise self._transport.bad_answer() from failure

    def download(self, path: str, content: Mapping[str, Any], write: Callable[[bytes], object]) -> None:
        """Post `content` and hand what comes back to `write`, piece by piece."""
        self._account.authorized(lambda token: self._transport.download(path, content, token, write))
