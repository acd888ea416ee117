"""Words for what is on the screens about privacy. Pure, so that every wording has a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from client.net.privacy_values import ConsentRecord, Erasure, Export, RecordedEvent
from client.widgets.wording import date_text, day_text
from client.words import _, marked, ngettext

MEGABYTE, KILOBYTE = 1_000_000, 1_000

_ACTIONS: Mapping[str, str] = {
    "auth.registered": marked("Account made"),
    "auth.guest_entered": marked("Came in as a guest"),
    "auth.guest_became_user": marked("Guest became an account"),
    "auth.log_in": marked("Log-in"),
    "auth.log_out": marked("Log-out"),
    "auth.log_out_everywhere": marked("Log-out everywhere"),
    "auth.device_logged_out": marked("Log-out of a device"),
    "auth.refreshed": marked("Log-in renewed"),
    "auth.email_confirmed": marked("Address confirmed"),
    "auth.confirmation_asked_for": marked("Mail to confirm the address"),
    "auth.password_changed": marked("Password changed"),
    "auth.password_forgotten": marked("Password forgotten"),
    "auth.password_reset": marked("Password chosen anew"),
    "auth.returned_from_elsewhere": marked("Log-in through somebody else"),
    "compliance.consent_changed": marked("Consent given or taken back"),
    "compliance.export_requested": marked("Copy of the data asked for"),
    "compliance.export_downloaded": marked("Copy of the data downloaded"),
    "compliance.erasure_requested": marked("Deletion of the account asked for"),
    "compliance.erasure_cancelled": marked("Deletion of the account cancelled"),
    "groups.deleted": marked("Group deleted"),
    "groups.invite_changed": marked("Invite link changed"),
    "groups.member_removed": marked("Member of a group shown out"),
    "live.opened": marked("Live connection"),
    "users.tier_changed": marked("Tier changed"),
    "users.role_changed": marked("Role changed"),
}


def consent_words(consent: ConsentRecord, now: float) -> str:
    """How the user stands to a text."""
    if consent.given and not consent.up_to_date:
        return _("You agreed to earlier words. They have changed since.")
    if consent.given and consent.given_at is not None:
        return _("You agreed {day}.").format(day=day_text(consent.given_at, now))
    if consent.withdrawn_at is not None:
        return _("You took it back {day}.").format(day=day_text(consent.withdrawn_at, now))
    return _("You have not been asked, or not agreed.")


def export_words(export: Export, now: float) -> str:
    """Where an export is."""
    if export.status == "failed":
        return _("This did not work. Ask for another one.")
    if export.under_way:
        waits = _("Waiting for its turn…")
        return waits if export.status == "queued" else _("Collecting everything…")
    if export.expires_at <= now:
        return _("It is gone again. Ask for another one.")
    until = coming_day(export.expires_at, now)
    size = f"{size_text(export.size_bytes)}, " if export.size_bytes is not None else ""
    return _("{size}here until {day}.").format(size=size, day=until)


def erasure_words(erasure: Erasure, now: float) -> str:
    """When the account goes."""
    if erasure.status == "running" or erasure.due_at is None or erasure.due_at <= now:
        return _("Your account is being deleted.")
    day = coming_day(erasure.due_at, now)
    if day[:1].isdigit():
        day = _("on {day}").format(day=day)
    return _("Your account will be deleted {day}. Until then you can change your mind.").format(day=day)


def size_text(count: int) -> str:
    """`0.4 MB`, `12 MB`; small archives in kB."""
    if count < MEGABYTE / 10:
        return f"{max(1, round(count / KILOBYTE))} kB"
    megabytes = count / MEGABYTE
    return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"  # noqa: PLR2004  (a tenth is no help from ten on)


def coming_day(moment: float, now: float) -> str:
    """The day of a moment that is still to come, in this device's time: `today`, `tomorrow`, `23 May`."""
    there, here = (datetime.fromtimestamp(seconds, UTC).astimezone().date() for seconds in (moment, now))
    away = (there - here).days
    if away <= 1:
        return _("tomorrow") if away == 1 else _("today")
    return date_text(there, with_year=there.year != here.year)


def event_title(event: RecordedEvent) -> str:
    """What was done, and whether it worked; what has no words of its own is told by its name."""
    known = _ACTIONS.get(event.action)
    name = _(known) if known is not None else event.action.replace(".", ": ").replace("_", " ").capitalize()
    if event.outcome == "refused":
        return _("{action}, refused").format(action=name)
    return name if event.outcome == "done" else _("{action}, did not work").format(action=name)


def event_details(event: RecordedEvent) -> str:
    """When, by whom if not by the user, how often, from where."""
    at = datetime.fromtimestamp(event.at, UTC).astimezone()
    parts = [f"{date_text(at, with_year=True)}, {at:%H:%M}"]
    if event.by != "you":
        parts.append(_("by somebody else") if event.by == "somebody else" else _("by the server"))
    if event.times > 1:
        parts.append(ngettext("{count} time", "{count} times", event.times).format(count=event.times))
    if event.network:
        parts.append(event.network)
    return " · ".join(parts)
