"""How consents, exports, erasure and record change. Pure, and harmless when something is told twice."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.net.privacy_values import ConsentRecord, Export, RecordPage
from client.net.values import Consent
from client.store import actions
from client.store.listing import Listing, fetched
from client.store.privacy import actions as privacy_actions
from client.store.privacy.state import Download, Privacy, Proof
from client.store.state import AppState

ABOUT_DIET = "special_category"


def with_privacy_action(state: AppState, action: actions.Action) -> AppState:
    """The state after something happened to the user's privacy; any other action changes nothing."""
    privacy = _with_consents(state.privacy, action)
    privacy = _with_exports(privacy, action)
    privacy = _with_erasure(privacy, action)
    privacy = _with_record(privacy, action)
    privacy = _with_proof(privacy, action)
    changed = state if privacy is state.privacy else replace(state, privacy=privacy)
    if isinstance(action, privacy_actions.ConsentDecided) and action.consent.kind == ABOUT_DIET:
        return _with_diet(changed, action.consent)
    return changed


def _with_consents(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.ConsentsAsked():
            return replace(privacy, consents=privacy.consents.loading())
        case privacy_actions.ConsentsCame(consents):
            return replace(privacy, consents=fetched(consents))
        case privacy_actions.ConsentsFailed(error):
            return replace(privacy, consents=privacy.consents.failed(error))
        case privacy_actions.ConsentDecided(consent) if privacy.consents.thing is not None:
            known = privacy.consents.thing
            newer = tuple(consent if one.kind == consent.kind else one for one in known)
            return replace(privacy, consents=replace(privacy.consents, thing=newer))
        case _:
            return privacy


def _with_diet(state: AppState, consent: ConsentRecord) -> AppState:
    """Who takes this consent back has no diet and allergies any more, on the server and so here."""
    decided = Consent(consent.kind, given=consent.given, up_to_date=consent.up_to_date)
    known = state.preferences
    if known is not None and not consent.given:
        known = replace(known, dietary=(), allergies=())
    return replace(state, diet_consent=decided, preferences=known)


def _with_exports(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.ExportsAsked():
            return replace(privacy, exports=privacy.exports.loading())
        case privacy_actions.ExportsCame(exports):
            return replace(privacy, exports=fetched(exports))
        case privacy_actions.ExportsFailed(error):
            return replace(privacy, exports=privacy.exports.failed(error))
        case privacy_actions.ExportBegun(export):
            return replace(privacy, exports=fetched(_with_export(privacy.exports.thing or (), export)))
        case _:
            return _with_download(privacy, action)


def _with_download(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.DownloadGrew(export_id, percent):
            return replace(privacy, download=Download(export_id, percent))
        case privacy_actions.DownloadEnded(export_id, path):
            saved = {**privacy.saved, export_id: path} if path else privacy.saved
            return replace(privacy, download=None, saved=MappingProxyType(dict(saved)))
        case _:
            return privacy


def _with_export(known: tuple[Export, ...], export: Export) -> tuple[Export, ...]:
    if any(one.id == export.id for one in known):
        return tuple(export if one.id == export.id else one for one in known)
    return (export, *known)


def _with_erasure(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.ErasureAsked():
            return replace(privacy, erasure=privacy.erasure.loading())
        case privacy_actions.ErasureCame(erasure):
            return replace(privacy, erasure=fetched(erasure))
        case privacy_actions.ErasureFailed(error):
            return replace(privacy, erasure=privacy.erasure.failed(error))
        case _:
            return privacy


def _with_record(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.RecordAsked():
            return replace(privacy, record=privacy.record.loading())
        case privacy_actions.RecordCame(cursor, page) if cursor in {None, privacy.record_cursor}:
            return _with_record_page(privacy, page, anew=cursor is None)
        case privacy_actions.RecordFailed(error):
            return replace(privacy, record=privacy.record.failed(error))
        case _:
            return privacy


def _with_record_page(privacy: Privacy, page: RecordPage, *, anew: bool) -> Privacy:
    number = 1 if anew else privacy.record.next_page or 1
    known = Listing() if anew else privacy.record
    total = len(known.rows) + len(page.events)
    record = known.with_page(number, page.events, total=total, has_more=page.cursor is not None)
    return replace(privacy, record=record, record_cursor=page.cursor)


def _with_proof(privacy: Privacy, action: actions.Action) -> Privacy:
    match action:
        case privacy_actions.ProofSent(purpose):
            return replace(privacy, proof=Proof(purpose, "sent"))
        case privacy_actions.ProofTaken():
            return replace(privacy, proof=Proof(privacy.proof.purpose, "taken"))
        case privacy_actions.ProofRefused(error, log_in_again):
            return replace(privacy, proof=Proof(privacy.proof.purpose, "refused", error, log_in_again))
        case privacy_actions.ProofDropped():
            return replace(privacy, proof=Proof())
        case _:
            return privacy
