"""`python -m backend audit-verify`: is the audit log whole?"""

from __future__ import annotations

import sys

import svcs

from backend.audit.trail import AuditTrail


def verify_audit_log(services: svcs.Container) -> int:
    """Check every entry and every mark, and say what is wrong; 0 if all is well, else 1."""
    report = services.get(AuditTrail).verify()
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    return 1 if report.findings else 0
