"""The data register: every place that holds personal data. There is no second list.

The export, erasure, retention and the privacy record (docs/privacy-record.md) all read REGISTER. A model, a key
prefix or a file that is not in it fails a test. Its order is the order in which somebody is erased: what finds the
rest goes last.
"""

from backend.compliance.register.accounts import ACCOUNTS, THE_ACCOUNT
from backend.compliance.register.evenings import EVENINGS
from backend.compliance.register.passing import PASSING
from backend.compliance.register.terms import Holding

REGISTER: tuple[Holding, ...] = (*PASSING, *EVENINGS, *ACCOUNTS, THE_ACCOUNT)
