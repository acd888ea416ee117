"""`/account/confirm`, `/account/reset` and `/account/keep`: where the links of mails lead.

Programs that look mails over open their links: to read a page changes nothing, only its button does. The form carries
the token in its body, so that it stays in no address beyond the mail's own.
"""

from __future__ import annotations

from http import HTTPStatus

import svcs
from flask import Blueprint, Response, request
from pydantic import ValidationError

from backend.audit.requests import audited, note
from backend.auth.accounts import AccountService
from backend.auth.schemas import MAX_PASSWORD, MIN_PASSWORD, Confirmation, PasswordReset
from backend.auth.tokens import MailPurpose
from backend.compliance.erasure.keeping import Keeping, TooLate
from backend.errors import AppError, Conflict, Forbidden
from backend.http.access import Access, access
from backend.http.edge import form_page
from backend.http.limits import PASSWORD_GUESSING, SECRET_TOKENS, rate
from backend.pages.rendering import secret_page

account_pages = Blueprint("account_pages", __name__, url_prefix="/account")

_NOT_IT = "That is not the password that this account was opened with. Please try again."
_LENGTH = f"Please use {MIN_PASSWORD} to {MAX_PASSWORD} characters."


@account_pages.get("/confirm")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@form_page
def ask_to_confirm() -> Response:
    """The form that confirms an address, while the link is good."""
    return _confirm_form(request.args.get("token", ""))


@account_pages.post("/confirm")
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
@audited("auth.email_confirmed")
@form_page
def confirm() -> Response:
    """Confirm an address and say so, or say what is wrong: on the form where it can be put right there."""
    token, password = request.form.get("token", ""), request.form.get("password", "")
    try:
        given = Confirmation(token=token, password=password)
        note(who=_accounts().confirm_email(given.token, given.password).id)
    except ValidationError:
        return _confirm_form(token, _NOT_IT, HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Forbidden, Conflict) as refused:
        if refused.code == "wrong_password":
            return _confirm_form(token, _NOT_IT, HTTPStatus.FORBIDDEN)
        return _bad_link("confirm", refused)
    return secret_page("confirmed")


@account_pages.get("/reset")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@form_page
def ask_for_password() -> Response:
    """The form for a new password, while the link is good."""
    return _password_form(request.args.get("token", ""))


@account_pages.post("/reset")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("auth.password_reset")
@form_page
def reset() -> Response:
    """Choose the new password and say so, or say what is wrong: on the form where it can be put right there."""
    token, new = request.form.get("token", ""), request.form.get("new", "")
    try:
        wanted = PasswordReset(token=token, new=new)
    except ValidationError:
        return _password_form(token, _LENGTH, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        note(who=_accounts().reset_password(wanted.token, wanted.new))
    except (Forbidden, Conflict) as refused:
        return _bad_link("reset", refused)
    return secret_page("password_saved")


@account_pages.get("/keep")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@form_page
def ask_to_keep() -> Response:
    """The button that keeps an account which is to be erased, while it can be kept."""
    token = request.args.get("token", "")
    try:
        scheduled = svcs.flask.get(Keeping).look(token)
    except (Forbidden, Conflict, TooLate) as refused:
        return _not_to_be_kept(refused)
    return secret_page("keep", token=token, address=scheduled.address, day=f"{scheduled.due_at:%Y-%m-%d}")


@account_pages.post("/keep")
@access(Access.PUBLIC)
@rate(SECRET_TOKENS)
@audited("compliance.erasure_cancelled")
@form_page
def keep() -> Response:
    """Cancel the erasure and say so, or say why it cannot be, or need not be, cancelled."""
    try:
        note(who=svcs.flask.get(Keeping).keep(request.form.get("token", "")))
    except (Forbidden, Conflict, TooLate) as refused:
        return _not_to_be_kept(refused)
    return secret_page("kept")


def _confirm_form(token: str, error: str = "", status: int = HTTPStatus.OK) -> Response:
    try:
        address = _accounts().address_of(MailPurpose.CONFIRM, token)
    except Forbidden as refused:
        return _bad_link("confirm", refused)
    return secret_page("confirm", status, token=token, address=address, error=error, longest=MAX_PASSWORD)


def _password_form(token: str, error: str = "", status: int = HTTPStatus.OK) -> Response:
    try:
        address = _accounts().address_of(MailPurpose.RESET, token)
    except Forbidden as refused:
        return _bad_link("reset", refused)
    rules = {"shortest": MIN_PASSWORD, "longest": MAX_PASSWORD}
    return secret_page("reset", status, token=token, address=address, error=error, **rules)


def _not_to_be_kept(refused: AppError) -> Response:
    if isinstance(refused, Forbidden):
        return _bad_link("keep", refused)
    return secret_page("not_kept", refused.status, code=refused.code, detail=refused.detail)


def _bad_link(about: str, refused: AppError) -> Response:
    return secret_page("bad_link", refused.status, about=about, detail=refused.detail)


def _accounts() -> AccountService:
    return svcs.flask.get(AccountService)
