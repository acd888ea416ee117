"""The register's rows about erasures themselves: what is known of one until it is finished, and what stays of it."""

from __future__ import annotations

from backend.compliance.erasure.store import ErasureStore
from backend.compliance.register.terms import Basis, Holding, Kind, Otherwise, Place

_NOTHING = Otherwise("Holds nothing about anybody.")

ERASING: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "erasures"),
        holds=(
            "who is to be erased and when; while it is done, which sessions they were in, and, until both have been "
            "told, their address and accounts elsewhere"
        ),
        purpose="erasing people who asked for it, or whose account elsewhere was deleted",
        basis=Basis.OBLIGATION,
        export=Otherwise("Shown to the person in the app; gone with the erasure."),
        erasure=Otherwise("Deleted when all other places have forgotten the person, as its last step."),
        retention=Otherwise("Until the erasure is finished or cancelled."),
        people=lambda services: services.get(ErasureStore).people(),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "erasure_receipts"),
        holds="that somebody was erased, when, and how many records that were; nothing tells who",
        purpose="proving that it was done",
        basis=Basis.OBLIGATION,
        export=_NOTHING,
        erasure=Otherwise("It is what stays of an erasure, and holds nothing about anybody."),
        retention=Otherwise("Kept."),
        recipients="whoever knows its random id, which only the person was told",
    ),
    Holding(
        place=Place(Kind.COLLECTION, "tombstones"),
        holds="keyed hashes of the ids of accounts that were erased",
        purpose="erasing them again when a backup is restored that still knows them",
        basis=Basis.OBLIGATION,
        export=_NOTHING,
        erasure=Otherwise("Needed so that the erasure lasts; cannot be turned back into an id."),
        retention=Otherwise("Kept, as some copy of a backup may be."),
    ),
    Holding(
        place=Place(Kind.FILES, "STORAGE_URL/tombstones/*"),
        holds="the same keyed hashes",
        purpose="the same: a restored database has lost those that came after its backup",
        basis=Basis.OBLIGATION,
        export=_NOTHING,
        erasure=Otherwise("As above."),
        retention=Otherwise("Kept, as some copy of a backup may be."),
    ),
)
