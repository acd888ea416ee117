"""What crosses the wire when logging in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from backend.auth.service import LoggedIn
from backend.http.schemas import Body
from backend.users.schemas import DisplayName, UserOut, user_out

MIN_PASSWORD = 10
MAX_PASSWORD = 128

NewPassword = Annotated[str, StringConstraints(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
# One that exists already: no word about what it should look like.
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]


class Credentials(Body):
    """Who wants to log in."""

    email: EmailStr
    password: GivenPassword


class Registration(Body):
    """Who wants an account."""

    email: EmailStr
    password: NewPassword
    display_name: DisplayName


class RefreshRequest(Body):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class Tokens(BaseModel):
    """A fresh pair of tokens; the refresh token is good once."""

    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a scheme's name
    expires_in: int = Field(description="Seconds that the access token is good for.")
    user: UserOut


class Verified(BaseModel):
    """Who the token speaks for."""

    user: UserOut


def tokens(logged_in: LoggedIn) -> Tokens:
    """As the wire has it."""
    return Tokens(
        access_token=logged_in.access_token,
        refresh_token=logged_in.refresh_token,
        expires_in=logged_in.expires_in,
        user=user_out(logged_in.user),
    )
