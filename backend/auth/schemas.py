"""What crosses the wire when logging in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from backend.auth.service import Device, LoggedIn
from backend.http.schemas import Body, Id, Moment
from backend.users.schemas import Accepted, DisplayName, UserOut, user_out

MIN_PASSWORD = 10
MAX_PASSWORD = 128

NewPassword = Annotated[str, StringConstraints(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
# One that exists already: no word about what it should look like.
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class ReAuthentication(Body):
    """What proves once more who is asking: the password, for those who have one."""

    password: GivenPassword | None = None


class Credentials(Body):
    """Who wants to log in."""

    email: EmailStr
    password: GivenPassword


class ComingIn(Body):
    """Who comes in for the first time may say what they agree to; 409 `consent_outdated` where the words changed."""

    accepted: Accepted = Field(default_factory=Accepted)


class Claim(ComingIn):
    """What makes a guest a user."""

    email: EmailStr
    password: NewPassword


class Registration(Claim):
    """Who wants an account."""

    display_name: DisplayName


class Guest(ComingIn):
    """Who wants in without an account."""

    display_name: DisplayName


class RefreshRequest(Body):
    """The refresh token of the last answer."""

    refresh_token: Token


class PasswordChange(Body):
    """The password as it is and as it shall be."""

    current: GivenPassword
    new: NewPassword


class Address(Body):
    """Whose password was forgotten."""

    email: EmailStr


class PasswordReset(Body):
    """The token of a mail's link, and the new password."""

    token: Token
    new: NewPassword


class Confirmation(Body):
    """The token of a mail's link, and the account's password."""

    token: Token
    password: GivenPassword


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


class DeviceOut(BaseModel):
    """Somewhere one is logged in."""

    id: Id
    name: str = Field(description="What the program there calls itself.")
    logged_in_at: Moment
    last_used_at: Moment
    current: bool = Field(description="Whether it is the one that asks.")


class DeviceList(BaseModel):
    """Where one is logged in."""

    items: list[DeviceOut]


def tokens(logged_in: LoggedIn) -> Tokens:
    """As the wire has it."""
    return Tokens(
        access_token=logged_in.access_token,
        refresh_token=logged_in.refresh_token,
        expires_in=logged_in.expires_in,
        user=user_out(logged_in.user),
    )


def device_out(device: Device) -> DeviceOut:
    """As the wire has it."""
    return DeviceOut(
        id=str(device.id),
        name=device.name,
        logged_in_at=device.logged_in_at,
        last_used_at=device.last_used_at,
        current=device.current,
    )
