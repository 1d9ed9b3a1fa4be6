"""The line by which a test tells the runner what its scoreboards did; one prints it, the other reads it."""

from __future__ import annotations

import re

BANNER = "scoreboards: compared={compared} mismatches={mismatches} cycles={cycles}"
BANNER_PATTERN = re.compile(r"scoreboards: compared=(\d+) mismatches=(\d+) cycles=(\d+)")
