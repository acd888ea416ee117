"""The app's language: which one is spoken, what the catalogues hold, and that they are read as they were written."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import catalogues, words
from client.catalogues import Catalogue, CatalogueError

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
GERMAN = Catalogue(
    HEADER,
    {
        ("Hello", ""): ("Hallo",),
        ("{count} card", "{count} cards"): ("{count} Karte", "{count} Karten"),
        ('Say "yes"\nor no', ""): ('Sag "ja"\noder nein',),
        ("Not yet", ""): ("",),
    },
)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    po = tmp_path / "de/LC_MESSAGES/dindin.po"
    po.parent.mkdir(parents=True)
    po.with_suffix(".mo").write_bytes(catalogues.compiled(GERMAN))
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    yield
    words.choose_language("en", {})


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("wished", "environment", "spoken"),
    [
        ("de", {}, "de"),
        ("", {"LANG": "de_AT.UTF-8"}, "de"),
        ("", {"LANGUAGE": "fr:de", "LANG": "en_GB.UTF-8"}, "de"),
        ("", {"LC_ALL": "en_GB.UTF-8", "LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LANG": "C.UTF-8"}, "en"),
        ("", {}, "en"),
        ("fr", {"LANG": "de_DE.UTF-8"}, "en"),
        ("en", {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_which_language_is_spoken(wished: str, environment: dict[str, str], spoken: str) -> None:
    assert words.choose_language(wished, environment) == spoken == words.chosen_language()
    assert words._("Hello") == ("Hallo" if spoken == "de" else "Hello")


@pytest.mark.usefixtures("german")
def test_counts_and_what_has_no_translation() -> None:
    words.choose_language("de", {})
    assert [words.ngettext("{count} card", "{count} cards", count) for count in (1, 2)] == [
        "{count} Karte",
        "{count} Karten",
    ]
    assert words._("Not yet") == "Not yet"
    assert words._("") == ""
    assert words.marked("Hello") == "Hello"
    assert words.languages() == ("en", "de")


def test_a_catalogue_is_read_as_it_was_written() -> None:
    assert catalogues.read(catalogues.written(GERMAN)) == GERMAN


def test_what_is_no_catalogue_is_refused() -> None:
    with pytest.raises(CatalogueError, match="Line 2"):
        catalogues.read('msgid "a"\nmsgst "b"\n')


def test_a_catalogue_keeps_translations_and_loses_what_is_no_longer_said() -> None:
    catalogue = catalogues.updated(GERMAN, (("Hello", ""), ("New", ""), ("{count} pea", "{count} peas")))
    assert catalogue.said == {
        ("Hello", ""): ("Hallo",),
        ("New", ""): ("",),
        ("{count} pea", "{count} peas"): ("", ""),
    }


def test_sentences_are_found_in_modules_and_rules(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'x = _("One") + ngettext("{n} pea", "{n} peas", n) + marked("Two") + _(name)\n'
    )
    (tmp_path / "a.kv").write_text(
        'text: _("Say \\"yes\\"") if root.a_("no") else ngettext("{n} nut", "{n} nuts", root.n)\n'
    )
    assert catalogues.sentences(tmp_path) == (
        ("One", ""),
        ('Say "yes"', ""),
        ("Two", ""),
        ("{n} nut", "{n} nuts"),
        ("{n} pea", "{n} peas"),
    )


def test_a_sentence_that_is_filled_in_too_early_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('x = 1\ny = _(f"Hello {x}")\n')
    with pytest.raises(CatalogueError, match=r"a\.py:2"):
        catalogues.sentences(tmp_path)


def test_a_catalogue_is_begun_and_brought_up_to_date(tmp_path: Path) -> None:
    po = tmp_path / "de/LC_MESSAGES/dindin.po"
    assert catalogues.bring_up_to_date(po, (("Hello", ""),)) == 1
    po.write_text(po.read_text("utf-8").replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Hallo"'))
    assert catalogues.bring_up_to_date(po, (("Hello", ""),)) == 0
    with po.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(io.BytesIO(compiled.read())).gettext("Hello") == "Hallo"


def test_the_catalogues_know_what_the_app_says() -> None:
    wanted = catalogues.sentences()
    for po in words.LOCALE.glob("*/LC_MESSAGES/dindin.po"):
        catalogue = catalogues.read(po.read_text("utf-8"))
        assert tuple(catalogue.said) == wanted, "run `python -m client.catalogues`"
        assert po.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogue)
