"""`reduce`: how an action changes the state. Pure: no clock, no I/O, no randomness."""

from __future__ import annotations

from dataclasses import replace

from client.store import actions, own_swipes, session_reducer, talk
from client.store.account_reducer import with_account_action
from client.store.group_reducer import with_group_action
from client.store.kitchen.reducer import with_kitchen_action
from client.store.people.reducer import with_people_action
from client.store.privacy.reducer import with_privacy_action
from client.store.settings.reducer import with_settings_action
from client.store.state import AppState, Auth, Connection, Notice, Session


def reduce(state: AppState, action: actions.Action) -> AppState:
    """The state after `action`; the very same object when nothing changed."""
    changed = _reduce_signing_in(state, action)
    changed = _reduce_guest(changed, action)
    changed = _reduce_session(changed, action)
    changed = _reduce_activity(changed, action)
    changed = _reduce_connection(changed, action)
    changed = with_account_action(changed, action)
    changed = with_group_action(changed, action)
    changed = with_kitchen_action(changed, action)
    changed = with_people_action(changed, action)
    changed = with_privacy_action(changed, action)
    changed = with_settings_action(changed, action)
    changed = _reduce_surroundings(changed, action)
    return state if changed == state else changed


def _reduce_signing_in(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.SigningIn(elsewhere):
            return replace(state, auth=Auth(status="signing_in", elsewhere=elsewhere))
        case actions.SignedIn(user):
            return replace(state, auth=Auth(user=user, status="signed_in"), account_wish=None)
        case actions.SignInFailed(error, field_errors):
            return replace(state, auth=Auth(status="signed_out", error=error, field_errors=field_errors))
        case actions.SignedOut(reason):
            # Nothing of one user may be left for the next one on the same device.
            return AppState(
                auth=Auth(status="signed_out", error=reason),
                busy=state.busy,
                notice=state.notice,
                providers=state.providers,
                texts=state.texts,
                invitation=state.invitation,
                group_invitation=state.group_invitation,
                settings=state.settings,
            )
        case actions.ProvidersLoaded(providers):
            return replace(state, providers=providers)
        case _:
            return state


def _reduce_guest(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.AccountWished(reason):
            return replace(state, account_wish=reason, auth=_without_errors(state.auth))
        case actions.AccountRefused(error, field_errors):
            return replace(state, auth=replace(state.auth, error=error, field_errors=field_errors))
        case actions.AccountWishDropped():
            return replace(state, account_wish=None, auth=_without_errors(state.auth))
        case _:
            return state


def _without_errors(auth: Auth) -> Auth:
    return replace(auth, error=None, field_errors=Auth().field_errors)


def _reduce_session(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.SessionOpened(session_id) if session_id != state.open_session_id:
            return replace(state, open_session_id=session_id, session=None, pending_swipes=0)
        case actions.SnapshotReceived(snapshot) if snapshot.id == state.open_session_id:
            session = session_reducer.session_from_snapshot(snapshot, state.session)
            invitation = "" if snapshot.code == state.invitation else state.invitation
            return replace(state, session=session, invitation=invitation)
        case actions.Invited(code):
            return replace(state, invitation=code)
        case actions.SessionLeft():
            kept_clock = Connection(clock_offset=state.connection.clock_offset)
            return replace(state, open_session_id=None, session=None, connection=kept_clock, pending_swipes=0)
        case (
            actions.DeckLoaded(session_id)
            | actions.LiveEvent(session_id)
            | actions.EnergyChosen(session_id)
            | actions.CardSwiped(session_id)
            | actions.SwipeRejected(session_id)
            | actions.UndoAsked(session_id)
            | actions.UndoSettled(session_id)
            | actions.MessagesLoaded(session_id)
            | actions.MessagesSeen(session_id)
        ) if state.session is not None and state.session.id == session_id:
            return replace(state, session=_reduce_open_session(state.session, action))
        case _:
            return state


def _reduce_open_session(session: Session, action: actions.Action) -> Session:
    match action:
        case actions.LiveEvent(_, epoch, event):
            return session_reducer.with_event(session, epoch, event)
        case actions.EnergyChosen(_, level):
            return replace(session, my_energy=level)
        case actions.MessagesLoaded(_, messages):
            return talk.with_messages(session, messages)
        case actions.MessagesSeen():
            return talk.with_messages_seen(session)
        case _:
            return _reduce_own_swipes(session, action)


def _reduce_own_swipes(session: Session, action: actions.Action) -> Session:
    match action:
        case actions.DeckLoaded(_, deck):
            return own_swipes.with_deck(session, deck)
        case actions.CardSwiped(_, item_id):
            return own_swipes.with_swipe(session, item_id)
        case actions.SwipeRejected(_, number, item_id) if number == session.round:
            return own_swipes.without_swipe(session, item_id)
        case actions.UndoAsked():
            return own_swipes.with_last_swipe_back(session)
        case actions.UndoSettled(_, number, shown, taken_back) if number == session.round:
            return own_swipes.with_undo_settled(session, shown, taken_back)
        case _:
            return session


def _reduce_activity(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.CommandStarted(name):
            return replace(state, busy=state.busy | {name})
        case actions.CommandFinished(name):
            return replace(state, busy=state.busy - {name})
        case actions.PendingSwipesCounted(session_id, count) if session_id == state.open_session_id:
            return replace(state, pending_swipes=count)
        case _:
            return state


def _reduce_connection(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.ConnectionChanged(session_id, status, attempts, retry_at, give_hint) if (
            session_id == state.open_session_id
        ):
            clock_offset = state.connection.clock_offset
            return replace(state, connection=Connection(status, attempts, retry_at, clock_offset, give_hint))
        case actions.ClockMeasured(offset):
            return replace(state, connection=replace(state.connection, clock_offset=offset))
        case _:
            return state


def _reduce_surroundings(state: AppState, action: actions.Action) -> AppState:
    match action:
        case actions.PreferencesLoaded(preferences):
            return replace(state, preferences=preferences)
        case actions.NoticeShown(kind, text, notice_id):
            return replace(state, notice=Notice(notice_id, kind, text))
        case actions.NoticeDismissed():
            return replace(state, notice=None)
        case _:
            return state
