"""Time delta layers in training, forward plus backward, as a ratio to torch's own layers in the same run.

    python -m reneta.scripts.bench_training [--device cpu|cuda] [--repeats N]

Sequences of random numbers with thresholds of 0.1; on the CPU the C++ operator and the plain PyTorch path, on
a GPU the Triton kernels. The rounds of all contenders alternate, so that other work on the machine slows all
of them alike. It prints a table, writes build/bench/training.json, and exits 0: a busy machine is no failure.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from reneta.scripts.sources import BUILD
from reneta.training.layers import DeltaGRU, DeltaLSTM

THETA = 0.1
LIMITS = {"cpu": 1.5, "cuda": 2.0}
REPEATS = {"cpu": 15, "cuda": 60}
WARM_UP = 3
RESULT = BUILD / "bench" / "training.json"


@dataclass(frozen=True)
class Case:
    """Sequences of one size."""

    steps: int
    batch: int
    inputs: int
    units: int


CASES = {
    "cpu": (Case(60, 32, 16, 128),),
    "cuda": (
        Case(60, 32, 16, 128),
        Case(60, 256, 16, 128),
        Case(100, 32, 16, 512),
        Case(100, 256, 16, 512),
    ),
}
# Who runs beside torch's layer, by device; a limit holds for the first one.
BACKENDS = {"cpu": ("native", "reference"), "cuda": ("triton",)}
LAYERS: dict[str, tuple[type[Any], type[Any]]] = {"LSTM": (nn.LSTM, DeltaLSTM), "GRU": (nn.GRU, DeltaGRU)}


@dataclass(frozen=True)
class Row:
    """A delta layer beside torch's layer.

    Attributes:
        device: name of the processor or the GPU.
        layer: LSTM or GRU.
        case: the sequences' size.
        backend: of the delta layer.
        torch_ms: median milliseconds of torch's layer.
        delta_ms: of the delta layer.
        ratio: delta_ms over torch_ms.
        limit: what the ratio must not exceed; None: there is none.
        sparsity: share of the deltas that did not fire.
    """

    device: str
    layer: str
    case: Case
    backend: str
    torch_ms: float
    delta_ms: float
    ratio: float
    limit: float | None
    sparsity: float


def measure(device: str, layer: str, case: Case, repeats: int) -> list[Row]:
    """Time torch's layer and every backend of the delta layer on sequences of one size."""
    torch.manual_seed(0)
    plain, delta = LAYERS[layer]
    x = torch.randn(case.steps, case.batch, case.inputs, device=device)
    contenders: dict[str, Any] = {"torch": plain(case.inputs, case.units, device=device)}
    for backend in BACKENDS[device]:
        contenders[backend] = delta(
            case.inputs, case.units, device=device, thx=THETA, thh=THETA, backend=backend
        )
        contenders[backend].load_state_dict(contenders["torch"].state_dict())
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(WARM_UP + repeats):
        for name, module in contenders.items():
            module.zero_grad(set_to_none=True)
            seconds = _seconds(device, module, x)
            if number >= WARM_UP:
                times[name].append(1e3 * seconds)
    torch_ms = median(times["torch"])
    rows = []
    for position, backend in enumerate(BACKENDS[device]):
        delta_ms = median(times[backend])
        limit = LIMITS[device] if position == 0 and layer == "LSTM" else None
        sparsity = contenders[backend].statistics().sparsity
        ratio = delta_ms / torch_ms
        rows.append(Row(_name(device), layer, case, backend, torch_ms, delta_ms, ratio, limit, sparsity))
    return rows


def _seconds(device: str, module: nn.Module, x: Tensor) -> float:
    """One forward and backward pass."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    module(x)[0].sum().backward()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _name(device: str) -> str:
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    return f"CPU, {torch.get_num_threads()} threads"


def report(rows: list[Row]) -> None:
    """Print the rows and write them to RESULT."""
    table = Table(title=f"steps × batch × units, thresholds {THETA}, {rows[0].device}")
    for column in ("layer", "size", "backend", "torch ms", "delta ms", "ratio", "limit", "zeros"):
        table.add_column(column, justify="left" if column in ("layer", "backend") else "right")
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:g} {'met' if row.ratio <= row.limit else 'MISSED'}"
        size = f"{row.case.steps}×{row.case.batch}×{row.case.units}"
        figures = (
            f"{row.torch_ms:.2f}",
            f"{row.delta_ms:.2f}",
            f"{row.ratio:.2f}",
            limit,
            f"{row.sparsity:.0%}",
        )
        table.add_row(row.layer, size, row.backend, *figures)
    Console().print(table)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    # Rows of other devices stay: a GPU's are measured elsewhere.
    others = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.is_file() else []
    content = [row for row in others if row["device"] != rows[0].device] + [asdict(row) for row in rows]
    RESULT.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULT}")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench_training", description=__doc__.splitlines()[0])
    default = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", choices=list(CASES), default=default)
    parser.add_argument("--repeats", type=int, help="rounds that count")
    args = parser.parse_args(argv)
    if args.device == "cuda" and not torch.cuda.is_available():
        print("bench_training: PyTorch sees no CUDA device here; use --device cpu", file=sys.stderr)
        return 1
    repeats = args.repeats or REPEATS[args.device]
    rows = [
        row
        for layer in LAYERS
        for case in CASES[args.device]
        for row in measure(args.device, layer, case, repeats)
    ]
    report(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
