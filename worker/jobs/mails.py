"""Sending mails."""

from __future__ import annotations

from bson import ObjectId

from backend.auth.mails import AccountMails, MailKind
from backend.compliance.erasure.store import ErasureStore
from backend.infra.jobs import SEND_MAIL
from worker.jobs.context import job_services


def send_account_mail(about: str, user_id: str, day: str = "") -> bool:
    """Send one mail about an account; False where there was nobody to send it to.

    Repeated after a failure, the mail may arrive twice: better than never.
    """
    with job_services(SEND_MAIL.name) as services:
        erasure = services.get(ErasureStore).of_user(ObjectId(user_id))
        return services.get(AccountMails).deliver(
            MailKind(about), ObjectId(user_id), day, erasure.id if erasure else None
        )
