"""Builds an export: walks the data register and writes down what each of its places holds about somebody (P1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import structlog
import svcs
from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.compliance.exports.archive import Archive
from backend.compliance.exports.cards import NamedCards
from backend.compliance.exports.page import SHOWN, Section, page_text
from backend.compliance.exports.published_schema import CARDS, SCHEMA_FILE, document_text
from backend.compliance.exports.readme import readme_text
from backend.compliance.exports.service import file_of
from backend.compliance.exports.store import ExportState, ExportStore
from backend.compliance.register import EXPORTED
from backend.compliance.register.terms import Export
from backend.compliance.wording import periods_of
from backend.config import Settings
from backend.infra.clock import Clock, to_iso
from backend.infra.storage import Storage
from backend.users.service import UserService

_log = structlog.stdlib.get_logger(__name__)

_NOTE_PROGRESS_EVERY = 500
# What of the way the records are; the rest are pictures and the page.
_RECORDS_PERCENT = 90


class _Overtaken(Exception):
    """Somebody else has finished this export, or it is not wanted any more."""


class ExportBuilder:
    """Writes the ZIP of an export into the storage."""

    def __init__(
        self,
        *,
        users: UserService,
        catalog: CatalogService,
        storage: Storage,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._users = users
        self._catalog = catalog
        self._storage = storage
        self._clock = clock
        self._periods = periods_of(settings)
        self._keep = timedelta(days=settings.export_keep_days)
        self._store = ExportStore()

    def build(self, services: svcs.Container, export_id: ObjectId) -> None:
        """Build the ZIP. Repeating it, even at the same time, gives one whole file.

        A finished or forgotten export is left alone.

        Args:
            services: what the rows of the register ask.

        Raises:
            NotFound: `user_not_found`.
            OSError: the storage takes nothing.
        """
        export = self._store.find(export_id)
        if export is None:
            return
        try:
            self._note(export_id, 1)
            with self._storage.writing(file_of(export_id)) as file:
                with Archive(file) as archive:
                    self._fill(archive, export, services)
                self._note(export_id, 99)
        except _Overtaken:
            _log.info("export_left_alone", export_id=str(export_id))
            return
        now, size = self._clock.now(), self._storage.size(file_of(export_id))
        if not self._store.finish(export_id, size, now, now + self._keep) and not self._store.find(export_id):
            self._storage.delete(file_of(export_id))

    def _fill(self, archive: Archive, export: ExportState, services: svcs.Container) -> None:
        created_at, name = to_iso(self._clock.now()), self._users.by_id(export.user_id).display_name
        cards, sections = NamedCards(), []
        for number, (holding, exported) in enumerate(EXPORTED):
            latest: deque[dict[str, Any]] = deque(maxlen=SHOWN)
            records = self._watched(exported.records(services, export.user_id), exported, cards, latest)
            way = (number * _RECORDS_PERCENT // len(EXPORTED), _RECORDS_PERCENT // len(EXPORTED))
            count = archive.add_records(exported.kind, self._noting(export.id, records, *way))
            sections.append(Section(holding, exported, count, list(latest)))
        known = cards.look_up(self._catalog)
        archive.add_records(CARDS, (card.record for card in known))
        for picture, file in {card.record["picture"]: card.file for card in known if card.file}.items():
            archive.add_picture(picture, file.read_bytes())
        archive.add_text(SCHEMA_FILE, document_text())
        archive.add_text("README.txt", readme_text(created_at, self._periods))
        archive.add_text("index.html", page_text(name, created_at, sections, known, self._periods))
        archive.add_manifest(
            {"export_id": str(export.id), "user_id": str(export.user_id), "created_at": created_at}
        )

    def _watched(
        self,
        records: Iterable[dict[str, Any]],
        export: Export,
        cards: NamedCards,
        latest: deque[dict[str, Any]],
    ) -> Iterator[dict[str, Any]]:
        for record in records:
            cards.note(export, record)
            latest.append(record)
            yield record

    def _noting(
        self, export_id: ObjectId, records: Iterable[dict[str, Any]], start: int, share: int
    ) -> Iterator[dict[str, Any]]:
        """Pass `records` on. How many there will be is not known: the way left is halved at each note."""
        progress, end = float(start), start + share
        for count, record in enumerate(records, 1):
            yield record
            if count % _NOTE_PROGRESS_EVERY == 0:
                progress += (end - progress) / 2
                self._note(export_id, int(progress))
        self._note(export_id, end)

    def _note(self, export_id: ObjectId, progress: int) -> None:
        if not self._store.advance(export_id, progress, self._clock.now()):
            raise _Overtaken
