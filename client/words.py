"""The language of the app: every sentence for people goes through `_` or `ngettext` (docs/product.md K8).

    from client.words import _, ngettext

    _("Hello {name}").format(name=name)                              # never an f-string: it could not be looked up
    ngettext("{count} card", "{count} cards", count).format(count=count)

Sentences that stand in tables at the head of a module are marked with `marked` there and looked up with `_` where they
are shown, because the language is chosen after some modules have been imported. In KV: `#:import _ client.words._`,
then `text: _("Start a session")`. Where a function calls `_`, none of its parameters or loop variables may be `_`.

English is the source. The catalogues lie under `client/locale`; `python -m client.catalogues` brings them up to date.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "dindin"
LOCALE = Path(__file__).resolve().parent / "locale"
ENGLISH = "en"
# Where Unix systems say which language to speak, most important first; `LANGUAGE` may name several.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class _Catalogue:
    """The one in use, in a place that `choose_language` can change."""

    current: gettext.NullTranslations = gettext.NullTranslations()
    language = ENGLISH


def _(sentence: str) -> str:
    """The sentence in the chosen language; in English where that has no word for it."""
    return _Catalogue.current.gettext(sentence) if sentence else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form for `count` in the chosen language. Neither form is filled in yet."""
    return _Catalogue.current.ngettext(one, many, count)


def marked(sentence: str) -> str:
    """The sentence as it is. Tells the catalogues of one that is looked up later."""
    return sentence


def languages() -> tuple[str, ...]:
    """What the app can speak, as language tags: English, and whatever has a catalogue."""
    found = LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return (ENGLISH, *sorted(path.parent.parent.name for path in found))


def chosen_language() -> str:
    """The language that is spoken now."""
    return _Catalogue.language


def choose_language(wished: str, environment: Mapping[str, str]) -> str:
    """Speak `wished`, or what the environment asks for where it is empty; returns what is spoken now.

    A language without a catalogue is spoken as English.
    """
    wishes = [wished] if wished else _wishes_of(environment)
    for wish in wishes:
        language = wish.partition(".")[0].partition("_")[0].lower()
        if language in {ENGLISH, "c", "posix"}:
            break
        if language in languages():
            _Catalogue.current = gettext.translation(DOMAIN, LOCALE, [language])
            _Catalogue.language = language
            return language
    _Catalogue.current, _Catalogue.language = gettext.NullTranslations(), ENGLISH
    return ENGLISH


def _wishes_of(environment: Mapping[str, str]) -> list[str]:
    said = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return [wish for wish in said.split(":") if wish]
