"""The data register knows every place that there is, and no place that there is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import mongoengine
import pytest

import backend.wiring  # noqa: F401  # loads every model
from backend.compliance.register import EXEMPT, REGISTER
from backend.compliance.register.terms import Export, Kind, Shape
from tests.places import known_places, unknown_collections

pytestmark = pytest.mark.compliance

ROOT = Path(__file__).parents[3]
SOURCES = [path for package in ("backend", "worker") for path in (ROOT / package).rglob("*.py")]
# Names under which the program knows REDIS_PREFIX.
PREFIX = re.compile(r"(.*\.)?_?(redis_)?prefix")


def models(base: type[mongoengine.Document] = mongoengine.Document) -> Iterator[type[mongoengine.Document]]:
    """Every model that the program has, also below one of its own."""
    for model in base.__subclasses__():
        if model.__module__.startswith(("backend.", "worker.")) and not model._meta.get("abstract"):
            yield model
        yield from models(model)


def prefixed(text: str) -> Iterator[str]:
    """What a module puts after REDIS_PREFIX: patterns in which `*` stands for what is only known at run time."""
    if "valkey" not in text:  # prefixes of something else
        return
    module = ast.parse(text)
    for node in ast.walk(module):
        match node:
            case ast.JoinedStr(values=[ast.FormattedValue(value=first), *rest]):
                said = "".join(said_by(part, module) for part in rest)
            case ast.BinOp(left=first, op=ast.Add(), right=rest):
                said = said_by(rest, module)
            case _:
                continue
        if PREFIX.fullmatch(ast.unparse(first)) and literal(said):
            yield said


def said_by(part: ast.expr, module: ast.Module) -> str:
    """The text of a part of a key; `*` where it is known at run time only."""
    match part:
        case ast.Constant(value=str() as text):
            return text
        case ast.FormattedValue(value=ast.Name(id=name)) | ast.Name(id=name):
            for one in module.body:
                match one:
                    case ast.Assign(targets=[ast.Name(id=found)], value=ast.Constant(value=str() as text)):
                        if found == name:
                            return text
    return "*"


def literal(pattern: str) -> str:
    """What stands before the first thing that is only known at run time."""
    return pattern.partition("*")[0]


def test_every_model_is_in_the_register() -> None:
    assert unknown_collections(model._get_collection_name() for model in models()) == []


def test_every_key_of_the_source_is_in_the_register() -> None:
    keys = [place.name.removeprefix("LIMITS:LIMITER/") for place in known_places() if place.kind is Kind.KEYS]
    for path in SOURCES:
        for used in prefixed(path.read_text()):
            # What a key is begun with here may be gone on with elsewhere.
            assert any(fnmatchcase(used, key) or key.startswith(used) for key in keys), f"{path}: {used}"


def test_a_new_key_would_be_noticed() -> None:
    source = """
from backend.infra.valkey import Valkey
NAME = "y:"
a = f"{prefix}x:{b}"
c = f"{self._prefix}{NAME}{b}"
d = settings.redis_prefix + "z"
e = f"{f}:{prefix}", f"{prefix}{f}"
"""
    assert list(prefixed(source)) == ["x:*", "y:*", "z"]


def test_no_collection_is_made_up() -> None:
    collections = {model._get_collection_name() for model in models()}
    named = {place.name.partition(".")[0] for place in known_places() if place.kind is Kind.COLLECTION}
    text = "".join(path.read_text() for path in SOURCES if "register" not in path.parts)
    assert {name for name in named - collections if f'"{name}"' not in text} == set()


def test_no_field_of_a_collection_is_made_up() -> None:
    fields = {model._get_collection_name(): set(model._fields) for model in models()}
    for place in known_places():
        collection, _, field = place.name.partition(".")
        if place.kind is Kind.COLLECTION and field:
            assert field in fields[collection], place.name


def test_no_key_is_made_up() -> None:
    used = [literal(pattern) for path in SOURCES for pattern in prefixed(path.read_text())]
    for place in known_places():
        if place.kind is Kind.KEYS:
            own = place.name.removeprefix("LIMITS:LIMITER/")
            assert any(literal(own).startswith(one) or one.startswith(literal(own)) for one in used if one), (
                own
            )


@pytest.mark.parametrize("place", [p for p in known_places() if p.kind in {Kind.FILES, Kind.LOG}], ids=str)
def test_no_file_is_made_up(place: object) -> None:
    name = str(getattr(place, "name", ""))
    base, _, path = name.partition("/")
    assert base in {"DATA_DIR", "STORAGE_URL", "BACKUP_URL", "LOG_ERROR_FILE"}
    folder = path.partition("/")[0]
    if folder not in {"*", ""}:
        sources = [*SOURCES, *(ROOT / "deploy").rglob("*.py")]
        text = "".join(one.read_text() for one in sources if "register" not in one.parts)
        assert re.search(rf'"{re.escape(folder)}["/]', text), folder


def test_no_place_is_told_of_twice() -> None:
    names = [place.name for place in known_places()]
    assert len(names) == len(set(names))


def test_every_exemption_has_a_reason() -> None:
    assert all(exemption.because.endswith(".") for exemption in EXEMPT)


def test_every_file_of_the_export_is_described() -> None:
    exported = [holding.export for holding in REGISTER if isinstance(holding.export, Export)]
    files = [export.file for export in exported]
    assert len(files) == len(set(files))
    for export in exported:
        assert re.fullmatch(r"[a-z_]+\.json", export.file)
        assert export.shape is not Shape, f"{export.file}: say what a record is made of (register/shapes.py)"
        assert all(field.title for field in export.shape.model_fields.values()), export.file


def test_the_account_itself_goes_last() -> None:
    assert REGISTER[-1].place.name == "users"
