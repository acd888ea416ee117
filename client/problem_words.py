"""Why something was refused, in the app's language: one sentence for each code that a person can meet in the app.

The server says it in English, often with the very number or name that it is about: whoever reads English is shown just
that. So is everybody else where the code is one of a later server, and where single fields of a form are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from client.words import ENGLISH, _, chosen_language, marked

_WAIT = marked("That was a lot at once. Wait a moment, then try again.")
_LOGGED_OUT = marked("Your log-in has ended. Please log in again.")

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # Getting in
        "account_needed": marked("Guests cannot do that. Make an account of yours: nothing is lost."),
        "code_not_valid": marked("This log-in is no longer good. Log in once more."),
        "email_taken": marked("This address belongs to another account already. Log in to that one."),
        "guests_off": marked("Nobody can come in as a guest at present. Make an account instead."),
        "is_guest": marked("Guests must make an account first."),
        "link_expired": marked("This link is too old. Ask for a new one."),
        "link_not_valid": marked("This link is not good any more, or not complete. Ask for a new one."),
        "log_in_again": marked("For this you must have logged in just now. Log in again, and ask once more."),
        "log_in_expired": marked("This log-in took too long, or began elsewhere. Log in once more."),
        "not_a_guest": marked("This is an account already."),
        "password_changed": marked("The password was changed elsewhere just now. Log in again."),
        "password_needed": marked("This needs your password once more."),
        "provider_not_offered": marked("This server offers no log-in through that provider."),
        "token_expired": _LOGGED_OUT,
        "unauthenticated": _LOGGED_OUT,
        "user_not_found": marked("This account does not exist any more."),
        "wrong_credentials": marked("E-mail address or password is wrong."),
        "wrong_password": marked("The password is wrong. Try again, or choose a new one by mail."),
        # Any request
        "busy": marked("That does not work right now. Try again in a moment."),
        "changed_meanwhile": marked("This was changed elsewhere meanwhile. Look at it again, then decide."),
        "idempotency_key_in_use": marked("That is under way already. Look again in a moment."),
        "internal": marked("Something went wrong on the server. Try again in a moment."),
        "invalid_input": marked("Something in what you entered is not as it should be. Please check it."),
        "too_many_requests": _WAIT,
        "unsupported_version": marked(
            "This app and the server do not fit together any more. Look for a newer app."
        ),
        # Oneself
        "consent_needed": marked("Diet and allergies are kept only with your consent. Nothing was saved."),
        "consent_outdated": marked("The text has changed meanwhile. Read the new one, then agree to it."),
        "data_locked": marked(
            "What is kept encrypted cannot be read right now, and nothing was changed. Ask whoever runs this server."
        ),
        "device_not_found": marked("You are not logged in on that device any more."),
        "erasure_begun": marked("The erasure has begun already, and cannot be stopped."),
        "erasure_cancelled": marked("Your account stays: the erasure was cancelled already."),
        "export_expired": marked("This copy is not there any more. Ask for a new one."),
        "export_failed": marked("This copy could not be made. Ask for a new one."),
        "export_not_found": marked("There is no such copy."),
        "export_not_ready": marked("This copy is not ready yet. Look again in a moment."),
        "no_erasure": marked("This erasure was cancelled."),
        "notification_not_found": marked("This notification is not there any more."),
        # Groups
        "group_full": marked("This group is full."),
        "group_not_found": marked("There is no such group, or you are not part of it."),
        "member_not_found": marked("They are not in this group any more."),
        "not_owner": marked("Only the owner of the group can do that."),
        "owner_stays": marked("You cannot remove yourself. Leave the group instead."),
        "too_many_groups": marked("You are in as many groups as a free account can be in. Leave one first."),
        "unknown_invite": marked("This invitation is not good any more. Ask for a new link."),
        # Kitchen
        "group_has_list": marked("This group shares another member's shopping list already. Use that one."),
        "item_not_found": marked("This line is not on the list any more."),
        "list_full": marked("The shopping list is full. Remove something first; nothing was added."),
        "list_not_shared": marked("Nobody shares a shopping list with this group any more."),
        "recipe_not_found": marked("This recipe is not there any more."),
        "restaurant_not_found": marked("This restaurant is not there any more."),
        "too_many_liked": marked("You like as many recipes as fit. Take one like back first."),
        "too_many_saved": marked("You have saved as many as fit. Remove one first."),
        # Sessions
        "already_started": marked("The session has already started."),
        "deck_too_small": marked("Too few cards suit everybody."),
        "majority_away": marked("The session goes on by itself once most of you are back."),
        "motion_not_possible": marked("That cannot be asked for right now."),
        "no_outcome": marked("This session has no outcome to tell about."),
        "no_such_motion": marked("Nobody asks for this any more."),
        "not_host": marked("Only the host can do that."),
        "not_participant": marked("You have left this session."),
        "not_present": marked("You were away for too long to vote. Connect again first."),
        "not_ready": marked("Everybody must be ready, and at least two people present."),
        "not_started": marked("The session has not started yet."),
        "nothing_tied": marked("No cards share the first place."),
        "nothing_to_undo": marked("There is no swipe to take back in this round."),
        "paused": marked("The session is paused."),
        "round_over": marked("The round is over."),
        "session_full": marked("This session is full."),
        "session_not_found": marked("There is no such session, or you are not part of it."),
        "session_over": marked("This session is over."),
        "spectator": marked("You joined after the first round: you can watch, not swipe."),
        "too_many_changes": _WAIT,
        "too_many_messages": _WAIT,
        "too_many_sessions": marked("You are in another session already. Leave it first."),
        "too_many_swipes": marked("That is enough changing of minds for one round."),
        "unknown_code": marked("No session has this code now. Check it, or ask for a new one."),
        "unknown_item": marked("This card is not in your deck of this round."),
    }
)

# What makes a deck too small, as the server names it (docs/product.md S5): kinds, never whose they are.
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "dietary restrictions": marked("Diets narrow the choice."),
        "allergies": marked("Allergies narrow the choice."),
        "menu": marked("The menu narrows the choice."),
    }
)


def own_words(code: str, detail: str) -> str:
    """What to show for a refusal with this code that the server explains with `detail`."""
    if chosen_language() == ENGLISH or code not in SENTENCES:
        return detail
    causes = [words for name, words in CAUSES.items() if code == "deck_too_small" and name in detail]
    return " ".join(map(_, (SENTENCES[code], *causes)))
