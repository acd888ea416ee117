"""However much somebody swiped, it passes through little memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs

from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.integration.compliance.half_way import closed_session, swipe_often
from tests.peak_memory import peak_megabytes
from tests.unmeasured import UNMEASURED

pytestmark = pytest.mark.compliance

SWIPES = 30_000
# Python with everything that is imported takes up to 140 MB.
MOST_MEGABYTES = 200


def test_tens_of_thousands_of_swipes(
    register: Callable[..., Account], services: svcs.Container, worker_environment: dict[str, str]
) -> None:
    ada, database = register("Ada"), services.get(MongoDatabase)
    swipe_often(database, closed_session(services, ada), ada, SWIPES)
    asked = ada.post("/compliance/exports", {"password": ada.password}).get_json()
    environment = worker_environment | UNMEASURED
    assert peak_megabytes(["run", "--burst"], environment, of_children=True) < MOST_MEGABYTES
    assert ada.get(f"/compliance/exports/{asked['id']}").get_json()["status"] == "done"
