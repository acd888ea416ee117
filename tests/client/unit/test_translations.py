"""Everything that the app says can be said in another language, and German says all of it (docs/product.md K8)."""

from __future__ import annotations

import ast
import gettext
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import catalogues, words
from client.catalogues import Sentence

CLIENT = Path(words.__file__).parent
# What of a widget people read, in KV and as the arguments of whoever shows something.
SHOWN = "text|hint|hint_text|label|busy_text|detail|title|caption|sentence|empty_sentence|empty_action"
KV_LINE = re.compile(rf"^\s*(?:{SHOWN}): (.+)$")
LOOKED_UP = re.compile(r'(?<![\w.])(?:_|ngettext)\((?:"(?:[^"\\]|\\.)*"(?:, )?)+')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Values that code compares or looks up, which nobody reads.
COMPARED = re.compile(r'(?:==|in|!=) "[^"]*"|"[^"]*"(?: (?:==|in|!=)|:)')
WORD = re.compile(r"[A-Za-z]{2,}")
# The app's own name, and examples of addresses: the same in every language.
NO_SENTENCE = re.compile(r"DinDin$|https://|\S+@\S+$")
SHOWING_CALLS = {"NoticeShown", "ApiError", "SignedOut", "dispatch"}
LOOK_UPS = {"_", "marked", "ngettext"}


def bare_in_rules(text: str) -> Iterator[str]:
    """Sentences in KV that no catalogue can know."""
    for number, line in enumerate(text.splitlines(), 1):
        shown = KV_LINE.match(line)
        if shown is None:
            continue
        rest = COMPARED.sub("", LOOKED_UP.sub("", shown[1]))
        for sentence in QUOTED.findall(rest):
            if WORD.search(re.sub(r"\{[^}]*\}", "", sentence)) and not NO_SENTENCE.match(sentence):
                yield f"{number}: {sentence}"


def bare_in_module(text: str) -> Iterator[str]:
    """Sentences in what is shown, raised or returned by functions that make words, that no catalogue can know."""
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call) or _name(call.func) not in SHOWING_CALLS:
            continue
        for given in call.args:
            for node in _outside_look_ups(given):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                    yield f"{node.lineno}: {node.value}"


def never_looked_up(text: str) -> Iterator[str]:
    """Sentences that a module marks and never gives to `_`: names that it uses bare."""
    tree = ast.parse(text)
    marked = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and _name(node.value.func) == "marked"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in _outside_look_ups(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in marked:
            yield f"{node.lineno}: {node.id}"


def hidden_look_ups(text: str) -> Iterator[str]:
    """Functions that call `_` although a parameter or variable of theirs has that name."""
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        inside = list(ast.walk(function))
        named = any(
            (isinstance(node, ast.arg) and node.arg == "_")
            or (isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store))
            for node in inside
        )
        called = any(isinstance(node, ast.Call) and _name(node.func) == "_" for node in inside)
        if named and called:
            yield f"{function.lineno}"


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _outside_look_ups(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _name(node.func) in LOOK_UPS:
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_look_ups(child)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ('    text: "Log out"', ["1: Log out"]),
        ('    text: _("Log out")', []),
        ('    hint_text: _("Say something") if root.can_talk else "It is over"', ["1: It is over"]),
        ('    text: f"{root.votes:.0f}"', []),
        ('    text: f"Log in with {root.provider}"', ["1: Log in with {root.provider}"]),
        ('    text: _("Copied") if root.copied == "code" else _("Code")', []),
        ('    text: ngettext("{n} pea", "{n} peas", root.n).format(n=root.n)', []),
        ('    icon: "log out"', []),
    ],
)
def test_bare_sentences_in_rules_are_found(rule: str, found: list[str]) -> None:
    assert list(bare_in_rules(rule)) == found


def test_bare_sentences_in_modules_are_found() -> None:
    assert list(bare_in_module('NoticeShown("info", "All saved.")')) == ["1: All saved."]
    assert list(bare_in_module('self.dispatch("on_ask", f"Leave {name} now?", _("Leave it"))')) == [
        "1: Leave ",
        "1:  now?",
    ]
    assert list(bare_in_module('NoticeShown("info", _("All saved."))')) == []


def test_marked_sentences_that_are_shown_bare_are_found() -> None:
    assert list(never_looked_up('A = marked("a b")\nx = A')) == ["2: A"]
    assert list(never_looked_up('A = marked("a b")\nx = _(A)')) == []


def test_look_ups_that_cannot_work_are_found() -> None:
    assert list(hidden_look_ups('def f(*_): return _("a")')) == ["1"]
    assert list(hidden_look_ups('def f(a): return _("a")')) == []


@pytest.mark.parametrize("path", sorted(CLIENT.rglob("*.kv")), ids=lambda path: path.stem)
def test_every_sentence_in_rules_is_looked_up(path: Path) -> None:
    assert list(bare_in_rules(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("folder", ["net", "screens", "store", "widgets"])
def test_every_sentence_in_modules_is_looked_up(folder: str) -> None:
    texts = {path: path.read_text("utf-8") for path in (CLIENT / folder).rglob("*.py")}
    for find in (bare_in_module, never_looked_up, hidden_look_ups):
        assert [f"{path.name}:{found}" for path, text in texts.items() for found in find(text)] == []


def german() -> dict[Sentence, tuple[str, ...]]:
    return catalogues.read((words.LOCALE / "de/LC_MESSAGES/dindin.po").read_text("utf-8")).said


def blanks(sentence: str) -> set[str]:
    return {
        name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name is not None
    }


def test_german_says_everything() -> None:
    assert [sentence for sentence, said in german().items() if not all(said)] == []
    assert set(german()) == set(catalogues.sentences())


def test_german_has_a_form_for_one_and_one_for_many() -> None:
    for (one, many), said in german().items():
        assert len(said) == (2 if many else 1), one


def test_german_fills_in_the_same_things() -> None:
    for (one, many), said in german().items():
        # A number may be a word where there is only one of something, as in "One swipe is kept.".
        wanted = blanks(many or one)
        assert blanks(said[-1]) == wanted, one
        assert blanks(said[0]) | {"count"} == wanted | {"count"} if many else blanks(said[0]) == wanted, one


def test_german_begins_and_ends_as_english_does() -> None:
    for (one, _many), said in german().items():
        for space in ("\n", " "):
            assert one.endswith(space) == said[0].endswith(space), one
        assert one.endswith("…") == said[0].endswith("…"), one
        assert one.endswith("?") == said[0].endswith("?"), one


@pytest.mark.parametrize(("count", "form"), [(0, 1), (1, 0), (2, 1), (11, 1), (21, 1)])
def test_german_counts(count: int, form: int) -> None:
    with (words.LOCALE / "de/LC_MESSAGES/dindin.mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)
    forms = german()["{count} serving", "{count} servings"]
    assert catalogue.ngettext("{count} serving", "{count} servings", count) == forms[form]


def test_the_template_holds_all_sentences() -> None:
    template = (words.LOCALE / "dindin.pot").read_text("utf-8")
    assert template == catalogues.template(catalogues.sentences()), "run `make words`"
