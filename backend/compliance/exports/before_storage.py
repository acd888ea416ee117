"""Exports where versions before STORAGE_URL kept them: in DATA_DIR/exports, where nobody finds them any more."""

from __future__ import annotations

from pathlib import Path

import structlog
from bson import ObjectId

from backend.compliance.exports.service import file_of
from backend.compliance.exports.store import ExportStore
from backend.config import Settings
from backend.infra.storage import PARTIAL_SUFFIX, storage_of

_log = structlog.stdlib.get_logger(__name__)


def delete_old_exports(settings: Settings) -> int:
    """Delete them, finished or not, and their records, so that their owners ask for new ones; how many files.

    Records come first: killed between the two, it finds the files again. Those of exports that somebody has brought to
    STORAGE_URL stay. Harmless to repeat, and where STORAGE_URL is DATA_DIR itself: those are today's.
    """
    storage = storage_of(settings)
    folder = settings.data_dir.resolve() / "exports"
    todays = Path(storage.url.removeprefix("file://")).resolve() / "exports"
    if folder == todays or not folder.is_dir():
        return 0
    files = [file for file in folder.iterdir() if file.suffix in {".zip", PARTIAL_SUFFIX}]
    exports = {ObjectId(file.stem) for file in files if ObjectId.is_valid(file.stem)}
    brought = set(storage.names("exports"))
    ExportStore().delete([one for one in exports if file_of(one) not in brought])
    for file in files:
        file.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    if files:
        _log.info("old_exports_deleted", files=len(files))
    return len(files)
