"""How properties are tried while mutants of the rules are hunted (docs/testing.md)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Fewer examples, always the same, so that whether a mutant lives does not depend on luck. The hunter runs a test
# several times in one process, which Hypothesis would take for a mistake.
settings.register_profile(
    "mutants",
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.differing_executors],
)
