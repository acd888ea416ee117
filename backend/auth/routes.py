"""/auth: register, guests, log in and out, passwords and confirmed addresses; /users/me/devices."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited, note
from backend.auth.accounts import AccountService
from backend.auth.schemas import (
    Address,
    Claim,
    ComingIn,
    Confirmation,
    Credentials,
    DeviceList,
    Guest,
    PasswordChange,
    PasswordReset,
    RefreshRequest,
    Registration,
    Tokens,
    Verified,
    device_out,
    tokens,
)
from backend.auth.service import AuthService, LoggedIn, TokenReused
from backend.http.access import Access, access, current_caller
from backend.http.edge import never_compressed
from backend.http.limits import MAILING, PASSWORD_GUESSING, REGISTERING, SECRET_TOKENS, rate
from backend.http.problems import Problem
from backend.http.schemas import IdPath, json_of
from backend.users.consents import ConsentService
from backend.users.schemas import UserOut, user_out

_TAG = Tag(name="auth", description="Accounts and tokens.")
_LOGGED_IN: list[dict[str, list[Any]]] = [{"bearer": []}]

auth_api = APIBlueprint("auth", __name__, url_prefix="/api/v1/auth", abp_tags=[_TAG])
devices_api = APIBlueprint(
    "devices", __name__, url_prefix="/api/v1/users/me/devices", abp_tags=[_TAG], abp_security=_LOGGED_IN
)


@auth_api.post("/register", responses={201: Tokens, 409: Problem})
@access(Access.PUBLIC)
@rate(REGISTERING)
@audited("auth.registered")
def register(body: Registration) -> tuple[Response, int]:
    """Open a free account and log in. A mail asks to confirm the address; nothing tells whether it is known here."""
    agent = request.user_agent.string
    return _agreeing(
        body, lambda: _accounts().register(body.email, body.password, body.display_name, agent)
    ), HTTPStatus.CREATED


@auth_api.post("/guest", responses={201: Tokens, 403: Problem, 409: Problem})
@access(Access.PUBLIC)
@rate(REGISTERING)
@audited("auth.guest_entered")
def enter_as_guest(body: Guest) -> tuple[Response, int]:
    """Get in with a name only. A guest may join one session, and become a user later. 403 `guests_off`."""
    agent = request.user_agent.string
    return _agreeing(body, lambda: _accounts().welcome_guest(body.display_name, agent)), HTTPStatus.CREATED


@auth_api.post("/claim", responses={200: Tokens, 409: Problem}, security=_LOGGED_IN)
@access(Access.GUEST)
@rate(REGISTERING)
@audited("auth.guest_became_user")
def claim(body: Claim) -> Response:
    """Make the guest that one is a user. All that was the guest's stays. 409 `not_a_guest` for users."""
    agent = request.user_agent.string
    return _agreeing(body, lambda: _accounts().claim(current_caller(), body.email, body.password, agent))


@auth_api.post("/login", responses={200: Tokens, 401: Problem})
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
@audited("auth.log_in")
def log_in(body: Credentials) -> Response:
    """Log in. 401 `wrong_credentials` for an unknown address and a wrong password alike."""
    return _pair(_accounts().log_in(body.email, body.password, request.user_agent.string))


@auth_api.post("/refresh", responses={200: Tokens, 401: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("auth.refreshed", routine=True)
def refresh(body: RefreshRequest) -> Response:
    """Trade a refresh token for a new pair. Using an old one again ends the log-in."""
    try:
        return _pair(_auth().refresh(body.refresh_token))
    except TokenReused as reused:
        note(action="auth.token_reused", who=reused.user_id)
        raise


@auth_api.post("/logout", responses={204: None}, security=_LOGGED_IN)
@access(Access.GUEST)
@audited("auth.log_out")
def log_out() -> tuple[str, int]:
    """End this log-in: its tokens are worthless from now on."""
    _auth().log_out(current_caller())
    return "", HTTPStatus.NO_CONTENT


@auth_api.post("/logout-all", responses={204: None}, security=_LOGGED_IN)
@access(Access.GUEST)
@audited("auth.log_out_everywhere")
def log_out_everywhere() -> tuple[str, int]:
    """End all log-ins of this account, on every device."""
    _auth().log_out_everywhere(ObjectId(current_caller().user_id))
    return "", HTTPStatus.NO_CONTENT


@auth_api.get("/verify", responses={200: Verified}, security=_LOGGED_IN)
@access(Access.GUEST)
def verify() -> dict[str, Any]:
    """Is this token good, and whose is it."""
    return json_of(Verified(user=user_out(_auth().user_of(current_caller()))))


@auth_api.post("/password", responses={204: None, 409: Problem}, security=_LOGGED_IN)
@access(Access.USER)
@rate(PASSWORD_GUESSING)
@audited("auth.password_changed")
def change_password(body: PasswordChange) -> tuple[str, int]:
    """Change the password. Every other log-in ends. 403 `wrong_password`."""
    _accounts().change_password(current_caller(), body.current, body.new)
    return "", HTTPStatus.NO_CONTENT


@auth_api.post("/password/forgot", responses={202: None})
@access(Access.PUBLIC)
@rate(MAILING)
@audited("auth.password_forgotten")
def forget_password(body: Address) -> tuple[str, int]:
    """Have a link mailed with which to choose a new password. The answer is the same for every address."""
    _accounts().forget_password(body.email)
    return "", HTTPStatus.ACCEPTED


@auth_api.post("/password/reset", responses={204: None, 403: Problem, 409: Problem})
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("auth.password_reset")
def reset_password(body: PasswordReset) -> tuple[str, int]:
    """Choose a new password with the token of the mail. All log-ins end. 403 `link_expired`, `link_not_valid`."""
    note(who=_accounts().reset_password(body.token, body.new))
    return "", HTTPStatus.NO_CONTENT


@auth_api.post("/email/confirmation", responses={202: None}, security=_LOGGED_IN)
@access(Access.USER)
@rate(MAILING)
@audited("auth.confirmation_asked_for", routine=True)
def ask_to_confirm() -> tuple[str, int]:
    """Have the link that confirms one's address mailed once more."""
    _accounts().ask_to_confirm(current_caller())
    return "", HTTPStatus.ACCEPTED


@auth_api.post("/email/verify", responses={200: UserOut, 403: Problem, 409: Problem})
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
@audited("auth.email_confirmed")
def confirm_email(body: Confirmation) -> dict[str, Any]:
    """Confirm an address with the token of the mail. 403 `link_expired`, `link_not_valid`; 409 `email_taken`."""
    user = _accounts().confirm_email(body.token, body.password)
    note(who=user.id)
    return json_of(user_out(user))


@devices_api.get("", responses={200: DeviceList})
@access(Access.GUEST)
def list_devices() -> dict[str, Any]:
    """Where one is logged in."""
    return {"items": [json_of(device_out(device)) for device in _auth().devices_of(current_caller())]}


@devices_api.delete("/<id>", responses={204: None})
@access(Access.GUEST)
@audited("auth.device_logged_out")
def log_out_device(path: IdPath) -> tuple[str, int]:
    """Log out on one device, this one or another. 404 `device_not_found`."""
    _auth().log_out_device(current_caller(), path.object_id)
    return "", HTTPStatus.NO_CONTENT


def _auth() -> AuthService:
    return svcs.flask.get(AuthService)


def _accounts() -> AccountService:
    return svcs.flask.get(AccountService)


def _agreeing(body: ComingIn, come_in: Callable[[], LoggedIn]) -> Response:
    """Let somebody in who agrees to what they say they do; nobody to words that are no longer in force."""
    consents, versions = svcs.flask.get(ConsentService), body.accepted.versions
    consents.require_current(versions)
    logged_in = come_in()
    consents.accept(logged_in.user.id, versions)
    return _pair(logged_in)


def _pair(logged_in: LoggedIn) -> Response:
    note(who=logged_in.user.id)
    return never_compressed(jsonify(json_of(tokens(logged_in))))
