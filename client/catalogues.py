"""Brings the catalogues of `client/locale` up to date with the sentences in the client; needs nothing but Python.

    python -m client.catalogues [language ...]

Collects what stands in `_("…")`, `ngettext("…", "…", n)` and `marked("…")`, in Python and in KV. Each catalogue
(`<language>/LC_MESSAGES/dindin.po`) keeps its translations, gets the new sentences without one and loses those that
the app no longer says; beside it the compiled `dindin.mo` is written. A language named here gets its first catalogue.
`dindin.pot` holds the sentences alone, for the tools of translators.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from client.words import DOMAIN, LOCALE

CLIENT = Path(__file__).resolve().parent
FUNCTIONS = {"_": 1, "marked": 1, "ngettext": 2}  # how many sentences each is given
_KV_STRING = r'("(?:[^"\\]|\\.)*")'
_KV_CALL = re.compile(rf"(?<![\w.])(?:_\(\s*{_KV_STRING}|ngettext\(\s*{_KV_STRING}\s*,\s*{_KV_STRING})")
_MAGIC = 0x950412DE  # how a compiled catalogue begins
_HEADER = (
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Language: {language}\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)

# A sentence, and its form for many where it has one.
Sentence = tuple[str, str]


class CatalogueError(ValueError):
    """A sentence or catalogue that cannot be read; the text says where."""


@dataclass
class Catalogue:
    """`said` holds the translations of each sentence: one, or one per form; empty where there is none yet."""

    header: str
    said: dict[Sentence, tuple[str, ...]] = field(default_factory=dict)


def sentences(folder: Path = CLIENT) -> tuple[Sentence, ...]:
    """All sentences for people in the modules and rules below a folder, each once, in the order of the alphabet."""
    found: set[Sentence] = set()
    for path in folder.rglob("*.py"):
        found.update(_of_module(path))
    for path in folder.rglob("*.kv"):
        found.update(_of_rules(path))
    return tuple(sorted(found))


def _of_module(path: Path) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
            continue
        given = node.args[: FUNCTIONS[node.func.id]]
        texts = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(texts) == len(given):
            yield texts[0], texts[1] if len(texts) > 1 else ""
        elif any(isinstance(one, ast.JoinedStr) for one in given):
            raise CatalogueError(
                f"{path}:{node.lineno}: a filled-in sentence is in no catalogue; use .format()."
            )


def _of_rules(path: Path) -> Iterator[Sentence]:
    for match in _KV_CALL.finditer(path.read_text("utf-8")):
        alone, one, many = match.groups()
        yield ((ast.literal_eval(alone), "") if alone else (ast.literal_eval(one), ast.literal_eval(many)))


def read(text: str) -> Catalogue:
    """A catalogue from the text of its `.po`; raises `CatalogueError`."""
    parts: dict[str, str] = {}
    catalogue = Catalogue("")
    last = ""
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        line = raw.strip()
        word, _space, rest = line.partition(" ")
        if not line or (word == "msgid" and "msgid" in parts):
            _take(catalogue, parts)
            parts = {}
        if line.startswith("#") or not line:
            continue
        if line.startswith('"'):
            rest, word = line, last
        elif not re.fullmatch(r"msgid|msgid_plural|msgstr(\[\d\])?", word):
            raise CatalogueError(f"Line {number} is no part of a catalogue: {line!r}.")
        last = word
        parts[word] = parts.get(word, "") + str(ast.literal_eval(rest))
    return catalogue


def _take(catalogue: Catalogue, parts: Mapping[str, str]) -> None:
    if "msgid" not in parts:
        return
    said = tuple(text for name, text in parts.items() if name.startswith("msgstr"))
    if parts["msgid"]:
        catalogue.said[parts["msgid"], parts.get("msgid_plural", "")] = said
    else:
        catalogue.header = said[0]


def updated(known: Catalogue, wanted: tuple[Sentence, ...]) -> Catalogue:
    """With exactly the wanted sentences, translated as far as they were."""
    return Catalogue(
        known.header, {key: known.said.get(key, ("", "") if key[1] else ("",)) for key in wanted}
    )


def written(catalogue: Catalogue) -> str:
    """The text of the `.po`."""
    blocks = ['msgid ""\nmsgstr ""\n' + "".join(f"{_quoted(line)}\n" for line in _lines(catalogue.header))]
    for (one, many), said in catalogue.said.items():
        block = f"msgid {_quoted(one)}\n"
        if many:
            block += f"msgid_plural {_quoted(many)}\n"
            block += "".join(f"msgstr[{form}] {_quoted(text)}\n" for form, text in enumerate(said))
        else:
            block += f"msgstr {_quoted(said[0])}\n"
        blocks.append(block)
    return "\n".join(blocks)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def compiled(catalogue: Catalogue) -> bytes:
    """The bytes of the `.mo`; sentences without a translation are left out, so that they are said in English."""
    entries = {"": catalogue.header}
    for (one, many), said in catalogue.said.items():
        if all(said):
            entries[f"{one}\0{many}" if many else one] = "\0".join(said)
    pairs = sorted((key.encode(), text.encode()) for key, text in entries.items())
    count = len(pairs)
    start = 28 + 16 * count
    tables, blob = [b"", b""], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), start + len(blob))
            blob += pair[side] + b"\0"
    header = struct.pack("<7I", _MAGIC, 0, count, 28, 28 + 8 * count, 0, start)
    return header + tables[0] + tables[1] + blob


def bring_up_to_date(po: Path, wanted: tuple[Sentence, ...]) -> int:
    """Rewrite a catalogue and its compiled form; returns how many sentences have no translation."""
    language = po.parent.parent.name
    known = read(po.read_text("utf-8")) if po.exists() else Catalogue(_HEADER.format(language=language))
    catalogue = updated(known, wanted)
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(written(catalogue), "utf-8")
    po.with_suffix(".mo").write_bytes(compiled(catalogue))
    return sum(not all(said) for said in catalogue.said.values())


def template(wanted: tuple[Sentence, ...]) -> str:
    """The text of the `.pot`: every sentence, translated into nothing."""
    return written(updated(Catalogue(_HEADER.format(language="")), wanted))


def main() -> None:
    """Bring all catalogues up to date, and begin those of the languages named."""
    wanted = sentences()
    (LOCALE / f"{DOMAIN}.pot").write_text(template(wanted), "utf-8")
    new = [LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po" for language in sys.argv[1:]]
    for po in sorted({*new, *LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}):
        missing = bring_up_to_date(po, wanted)
        sys.stdout.write(
            f"{po.parent.parent.name}: {len(wanted)} sentences, {missing} of them not translated\n"
        )


if __name__ == "__main__":
    main()
