"""Time the golden model against its limit: a 1024 x 256 MxV over 100 steps in bf16, in under 0.2 s.

    python -m reneta.scripts.bench_golden

It prints the figures and exits 0; a busy machine is no failure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from reneta.golden import matrix
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import Array
from reneta.golden.config import load_config

ROWS, COLUMNS, STEPS = 1024, 256, 100
LIMIT_S = 0.2
REPEATS = 5


def _best(work: Callable[[], Array]) -> float:
    """Seconds of the fastest of REPEATS runs: the one least disturbed by other work."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> int:
    """Command line; returns the exit code."""
    rng = np.random.default_rng(1)
    w, v, d = (rng.standard_normal(s) for s in ((ROWS, COLUMNS), (COLUMNS, STEPS), (ROWS, STEPS)))
    for name in ("bf16_pe16", "fxp16_pe16"):
        arith = arithmetic(load_config(name))
        wq, vq, dq = arith.encode(w, weight=True), arith.encode(v), arith.encode(d)
        runs = {
            "MxV": partial(matrix.mxv, arith, wq, vq),
            "MTxV": partial(matrix.mtxv, arith, wq, dq),
            "VXV": partial(matrix.vxv, arith, dq, vq),
        }
        for procedure, run in runs.items():
            seconds = _best(run)
            line = f"{name:10s} {procedure:4s} {ROWS}x{COLUMNS}, {STEPS} steps: {seconds:.3f} s"
            if arith.config.is_fp and procedure == "MxV":
                line += f" (limit {LIMIT_S} s: {'met' if seconds < LIMIT_S else 'MISSED'})"
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
