"""Sending mails."""

from __future__ import annotations

from bson import ObjectId

from backend.auth.mails import AccountMails, MailKind
from backend.infra.jobs import SEND_MAIL
from worker.jobs.context import job_services


def send_account_mail(about: str, user_id: str, day: str = "") -> bool:
    """Send one mail about an account; False where there was nobody to send it to.

    Repeated after a failure, the mail may arrive twice: better than never.
    """
    with job_services(SEND_MAIL.name) as services:
        return services.get(AccountMails).deliver(MailKind(about), ObjectId(user_id), day)
