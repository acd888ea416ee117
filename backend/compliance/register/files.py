"""The register's rows about files and logs."""

from __future__ import annotations

from backend.compliance.register.terms import Basis, Holding, Kind, Otherwise, Place

FILES: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.FILES, "STORAGE_URL/exports/*"),
        holds="the copies of their data that people asked for",
        purpose="handing them out",
        basis=Basis.OBLIGATION,
        export=Otherwise("It is the export."),
        erasure=Otherwise("written with the erasure"),
        retention=Otherwise("Deleted with its record in `exports`."),
    ),
    Holding(
        place=Place(Kind.FILES, "DATA_DIR/outbox/*.eml"),
        holds="mails, where no SMTP server is set up: address, name, a link that lets in",
        purpose="trying DinDin out without a mail server",
        basis=Basis.INTEREST,
        export=Otherwise("Copies of mails; what they are about is in the other files."),
        erasure=Otherwise("written with the erasure"),
        retention=Otherwise("Not with real people: a server that people use sends its mails."),
    ),
    Holding(
        place=Place(Kind.FILES, "BACKUP_URL/*"),
        holds="everything in MongoDB, encrypted",
        purpose="getting it back after an accident",
        basis=Basis.OBLIGATION,
        export=Otherwise("Holds nothing that is not in the places it is a copy of."),
        erasure=Otherwise("written with the erasure"),
        retention=Otherwise("Seven daily ones, four weekly ones."),
    ),
    Holding(
        place=Place(Kind.LOG, "DATA_DIR/logs/*"),
        holds="what the server did and when: ids of accounts and sessions; no names, addresses or IP addresses",
        purpose="finding out what went wrong",
        basis=Basis.INTEREST,
        export=Otherwise("Says which parts of the program ran, and nothing about anybody but ids."),
        erasure=Otherwise("Ids lead nowhere once the account is gone."),
        retention=Otherwise("Until the operator's log rotation deletes it."),
    ),
)
