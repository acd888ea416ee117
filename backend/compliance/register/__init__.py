"""The data register: every place that holds personal data. There is no second list.

The export, erasure, retention and the privacy record (docs/privacy-record.md) all read REGISTER. A model, a key
prefix or a file that is in neither it nor EXEMPT fails a test. Its order is the order in which somebody is erased:
what finds the rest goes last.
"""

from backend.compliance.register.accounts import ACCOUNTS, THE_ACCOUNT
from backend.compliance.register.cached import CACHED
from backend.compliance.register.erasing import ERASING
from backend.compliance.register.evenings import EVENINGS
from backend.compliance.register.exempt import EXEMPT
from backend.compliance.register.files import FILES
from backend.compliance.register.kitchen import KITCHEN
from backend.compliance.register.others import OTHERS
from backend.compliance.register.passing import PASSING
from backend.compliance.register.recording import RECORDING
from backend.compliance.register.terms import Export, Holding

__all__ = ["EXEMPT", "EXPORTED", "REGISTER"]

REGISTER: tuple[Holding, ...] = (
    *PASSING,
    *FILES,
    *KITCHEN,
    *EVENINGS,
    *CACHED,
    *OTHERS,
    *ACCOUNTS,
    *RECORDING,
    *ERASING,
    THE_ACCOUNT,
)

EXPORTED: tuple[tuple[Holding, Export], ...] = tuple(
    (holding, holding.export) for holding in reversed(REGISTER) if isinstance(holding.export, Export)
)
"""What an export is made of, the account first."""
