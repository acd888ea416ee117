"""The tokens of the signed-in user over their life: kept, renewed in time, renewed once for many threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from client.net.errors import TOKEN_EXPIRED, UNAUTHENTICATED, ApiError, FrameError
from client.net.fields import Fields
from client.net.tokens import Tokens, TokenStore
from client.net.transport import HttpTransport
from client.words import _, marked

Answer = TypeVar("Answer")

RENEW_SECONDS_BEFORE_END = 30.0
_LOG_IN_AGAIN = marked("Your log-in has ended. Please log in again.")


class Account:
    """Whoever is signed in. Thread safe; the methods that talk to the server block and raise `ApiError`."""

    def __init__(
        self, transport: HttpTransport, store: TokenStore, clock: Callable[[], float] = time.time
    ) -> None:
        self._transport = transport
        self._store = store
        self._clock = clock
        self._tokens = store.load()
        self._renewing = threading.Lock()

    @property
    def present(self) -> bool:
        """Whether there are tokens to try."""
        return self._tokens is not None

    @property
    def expires_at(self) -> float:
        """When the access token ends (local epoch seconds); 0 without one."""
        tokens = self._tokens
        return 0.0 if tokens is None else tokens.expires_at

    def take(self, answer: Fields) -> None:
        """Keep the tokens of an answer to register, log-in or refresh."""
        try:
            tokens = Tokens(
                access_token=answer.text("access_token"),
                refresh_token=answer.text("refresh_token"),
                expires_at=self._clock() + answer.number("expires_in"),
            )
        except FrameError as failure:
            raise self._transport.bad_answer() from failure
        self._tokens = tokens
        self._store.save(tokens)

    def forget(self) -> None:
        """Nobody is signed in any more on this device."""
        self._tokens = None
        self._store.clear()

    def access_token(self, seconds_left: float = RENEW_SECONDS_BEFORE_END) -> str:
        """A token that is good for at least `seconds_left` more seconds, renewed if it has to be."""
        tokens = self._require()
        if tokens.expires_at - self._clock() >= seconds_left:
            return tokens.access_token
        return self.renew(tokens.access_token)

    def renew(self, stale: str) -> str:
        """A token other than `stale`.

        However many threads find the same token stale, one asks the server: refresh tokens work only once.
        """
        with self._renewing:
            tokens = self._require()
            if tokens.access_token != stale:
                return tokens.access_token
            try:
                answer = self._transport.request(
                    "POST", "/auth/refresh", {"refresh_token": tokens.refresh_token}
                )
            except ApiError as error:
                if not error.signed_out:
                    raise
                newer = self._tokens
                if newer is not None and newer is not tokens:
                    # A new log-in has taken the place of the one that ended.
                    return newer.access_token
                self.forget()
                raise ApiError(error.status, UNAUTHENTICATED, _(_LOG_IN_AGAIN)) from error
            self.take(answer)
            return self._require().access_token

    def authorized(self, send: Callable[[str], Answer]) -> Answer:
        """Call `send` with an access token; once more with a renewed one if the server finds it expired."""
        token = self.access_token()
        try:
            return send(token)
        except ApiError as error:
            if error.code != TOKEN_EXPIRED:
                raise
        return send(self.renew(token))

    def _require(self) -> Tokens:
        tokens = self._tokens
        if tokens is None:
            raise ApiError(401, UNAUTHENTICATED, _("Please log in."))
        return tokens
