"""What a model found wrong, said to people: what is wrong and what to send, and no regular expressions."""

from __future__ import annotations

from typing import Any

from pydantic_core import ErrorDetails

from backend.http.schemas import ID_PATTERN

_SENTENCES = {
    "missing": "This is missing. Send it too.",
    "extra_forbidden": "There is no such field here. Leave it out.",
    "model_type": "Send a JSON object here.",
    "dict_type": "Send a JSON object here.",
    "list_type": "Send a JSON list here.",
    "string_type": "Send text here.",
    "string_unicode": "This is no valid text. Send UTF-8 without lone surrogates.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "int_parsing_size": "This number is too large. Send a smaller one.",
    "float_type": "Send a number.",
    "float_parsing": "Send a number.",
    "finite_number": "Send a number that is finite.",
    "literal_error": "Send one of these: {expected}.",
    "enum": "Send one of these: {expected}.",
    "greater_than": "Send a number above {gt:.10g}.",
    "greater_than_equal": "Send {ge:.10g} or more.",
    "less_than": "Send a number below {lt:.10g}.",
    "less_than_equal": "Send {le:.10g} or less.",
}
# How many of what: the limit of one is said of one.
_LENGTHS = {
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
    "too_short": ("at least", "min_length", "entry"),
    "too_long": ("at most", "max_length", "entry"),
}
_PLURALS = {"character": "characters", "entry": "entries"}
_FORMS = {ID_PATTERN: "This is no id. Send it as the API gave it: 24 characters of 0-9 and a-f."}
_OTHER_FORM = "This is not written as it must be. Send it as the API gave it, or as its documentation says."
_NO_EMAIL = "This is no e-mail address. Send one like name@example.com."
_OWN_WORDS = "Value error, "  # what pydantic puts before what our own validators say


def message_of(found: ErrorDetails) -> str:
    """One sentence or two about one finding; what was sent is never repeated."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(context)
    if kind in _LENGTHS:
        return _length(*_LENGTHS[kind], context)
    if kind == "string_pattern_mismatch":
        return _FORMS.get(context["pattern"], _OTHER_FORM)
    if kind == "value_error" and not found["msg"].startswith(_OWN_WORDS):
        return _NO_EMAIL  # the only one of pydantic's own that our models use
    return found["msg"].removeprefix(_OWN_WORDS)


def _length(bound: str, name: str, one: str, context: dict[str, Any]) -> str:
    amount = context[name]
    return f"Send {bound} {amount} {one if amount == 1 else _PLURALS[one]}."
