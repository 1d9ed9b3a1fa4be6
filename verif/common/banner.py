"""The lines by which a test tells the runner what its scoreboards did, and what else to show: one side prints
them, the other reads them."""

from __future__ import annotations

import re

BANNER = "scoreboards: compared={compared} mismatches={mismatches} cycles={cycles}"
REPORT = "to show: {line}"
REPORT_PATTERN = re.compile(r"to show: (.*)")
BANNER_PATTERN = re.compile(r"scoreboards: compared=(\d+) mismatches=(\d+) cycles=(\d+)")
