"""Exports that end otherwise than their builders thought: nothing stays that nobody may have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.auth.accounts import AccountService
from backend.catalog.service import CatalogService
from backend.compliance.exports.building import ExportBuilder
from backend.compliance.exports.service import ABANDONED_AFTER, ExportService, file_of
from backend.config import Settings
from backend.errors import Busy, Conflict
from backend.infra.jobs import JobQueue
from backend.infra.storage import Storage, StoreAway, storage_of
from backend.sessions.kept import KeptSessions
from backend.users.service import UserService
from tests.conftest import Account
from tests.integration.compliance.archives import caller_of
from tests.set_clock import SetClock

pytestmark = pytest.mark.compliance

Build = Callable[[ObjectId], None]
_NOBODY = "http://127.0.0.1:9"


def asked(account: Account) -> ObjectId:
    answer = account.post("/compliance/exports", {"password": account.password})
    return ObjectId(answer.get_json()["id"])


@pytest.fixture
def meanwhile(
    services: svcs.Container, settings: Settings, clock: SetClock
) -> Callable[[ObjectId, Callable[[], object]], None]:
    """Build an export, and have something happen when its builder comes to the sessions."""

    def build(export_id: ObjectId, happen: Callable[[], object]) -> None:
        kept = services.get(KeptSessions)

        def reached() -> KeptSessions:
            happen()
            return kept

        with svcs.Container(services.registry) as on_the_way:
            on_the_way.register_local_factory(KeptSessions, reached)
            ExportBuilder(
                users=services.get(UserService),
                catalog=services.get(CatalogService),
                storage=services.get(Storage),
                clock=clock,
                settings=settings,
            ).build(on_the_way, export_id)

    return build


def test_who_is_erased_while_it_is_built_leaves_no_file(
    register: Callable[..., Account],
    exports: ExportService,
    meanwhile: Callable[[ObjectId, Callable[[], object]], None],
    settings: Settings,
) -> None:
    ada = register()
    export_id = asked(ada)
    meanwhile(export_id, lambda: exports.forget(ObjectId(ada.id)))
    assert exports.latest_of(ObjectId(ada.id)) == []
    assert not list(settings.data_dir.rglob(f"{export_id}*"))


def test_the_slower_of_two_builders_leaves_the_file_of_the_faster_alone(
    register: Callable[..., Account],
    exports: ExportService,
    build: Build,
    meanwhile: Callable[[ObjectId, Callable[[], object]], None],
    services: svcs.Container,
) -> None:
    ada = register()
    export_id = asked(ada)
    done: list[bytes] = []

    def faster() -> None:
        build(export_id)
        done.append(services.get(Storage).read(file_of(export_id)))

    meanwhile(export_id, faster)
    assert services.get(Storage).read(file_of(export_id)) == done[0]
    assert exports.get(ObjectId(ada.id), export_id).status == "done"


def test_given_up_it_is_not_finished_after_all(
    register: Callable[..., Account],
    exports: ExportService,
    meanwhile: Callable[[ObjectId, Callable[[], object]], None],
) -> None:
    ada = register()
    export_id = asked(ada)
    meanwhile(export_id, lambda: exports.give_up(export_id))
    with pytest.raises(Conflict) as refused:
        exports.open_download(caller_of(ada), ada.password, export_id)
    assert refused.value.code == "export_failed"


def test_a_file_whose_record_is_gone_goes_a_day_later(
    exports: ExportService, services: svcs.Container, clock: SetClock
) -> None:
    storage, abandoned, strange = (
        services.get(Storage),
        file_of(ObjectId()),
        "exports/a-note-of-the-operators",
    )
    for name in (abandoned, strange):
        storage.write(name, b"left behind")
        now = clock.now().timestamp()
        os.utime(Path(storage.url) / name, (now, now))
    clock.moment += ABANDONED_AFTER
    sweep(exports, clock)
    assert abandoned in storage.names("exports")
    clock.advance(seconds=1)
    sweep(exports, clock)
    assert storage.names("exports").count(abandoned) == 0
    assert strange in storage.names("exports")
    storage.delete(strange)


def sweep(exports: ExportService, clock: SetClock) -> None:
    """What retention does every night; exports of other tests are not its business."""
    for _ in exports.delete_expired_before(clock.now().replace(year=2000), batch=10, dry_run=False):
        pass


def test_without_the_store_people_are_asked_to_come_again(
    register: Callable[..., Account],
    build: Build,
    services: svcs.Container,
    clock: SetClock,
    exports: ExportService,
) -> None:
    ada = register()
    export_id = asked(ada)
    build(export_id)
    away = Settings(
        _env_file=None,
        **{**services.get(Settings).model_dump(), "storage_url": "s3://bucket", "s3_endpoint": _NOBODY},
    )
    cut_off = ExportService(
        accounts=services.get(AccountService),
        storage=storage_of(away),
        jobs=services.get(JobQueue),
        clock=clock,
        settings=away,
    )
    with pytest.raises(Busy):
        cut_off.open_download(caller_of(ada), ada.password, export_id)
    with pytest.raises(StoreAway):
        cut_off.forget(ObjectId(ada.id))
    assert exports.get(ObjectId(ada.id), export_id).status == "done"
