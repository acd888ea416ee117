"""Processes that run greenlets must not be traced: coverage's way of telling them apart hangs now and then."""

UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
