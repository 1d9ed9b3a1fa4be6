"""From a trained checkpoint and recorded words to the running RTL.

    reneta demo [--checkpoint examples/deltalstm.pt] [--out build/demo]

Makes features of the example utterances, compiles the network, runs all of them on the golden machine and on
the verilated RTL, compares their memories, runs some with thresholds 0 to see what the sparsity is worth, and
trains a step on the RTL. Figures go to the terminal, to report.json and to report.html.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from reneta.compiler import reference
from reneta.compiler.analysis import analyse
from reneta.compiler.compile import Compiled, compile_network
from reneta.compiler.errors import CompileError, ImageError
from reneta.compiler.frontends import load_network
from reneta.compiler.network import DeltaLstm, Network, with_thresholds
from reneta.golden.arrays import F64
from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, load_config
from reneta.scripts.demo.report import DATA, PAGE, Cost, Report, Training, Word, print_report, write_report
from reneta.scripts.demo.runs import GoldenRuns, Run, on_device, rtl_device
from reneta.scripts.demo.training_step import train_once
from reneta.scripts.demo.words import Utterance, float32_words, load_utterances
from reneta.scripts.make_examples import checkpoint_path
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.errors import DriverError
from reneta.training.checkpoint import Checkpoint, load_checkpoint
from reneta.training.errors import TrainingError

DENSE = 4
"""Utterances that are also run with thresholds 0."""
RATE = 0.005
"""Learning rate of the training step."""
WAITS = ("wait_dram", "wait_smem", "wait_out", "wait_acc")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="reneta demo", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=checkpoint_path("LSTM"), help="network to show")
    parser.add_argument("--config", default=DEFAULT_CONFIG.stem, help="configuration of the machine")
    parser.add_argument("--out", type=Path, default=REPO / "build" / "demo", help="folder of the report")
    args = parser.parse_args(argv)
    console = Console(highlight=False)
    try:
        report = demonstrate(args.checkpoint, load_config(args.config), args.out, console)
    except (BuildError, CompileError, ConfigError, DriverError, ImageError, TrainingError) as error:
        print(f"reneta demo: {error}", file=sys.stderr)
        return 1
    print_report(report, console)
    write_report(report, args.out)
    console.print(f"written: {args.out / DATA}, {args.out / PAGE}", soft_wrap=True)
    if report.different:
        print(
            f"reneta demo: golden machine and RTL differ after {', '.join(report.different)}", file=sys.stderr
        )
        return 1
    return 0


def demonstrate(path: Path, hw: HwConfig, out: Path, console: Console) -> Report:
    """All of it.

    Raises:
        BuildError: the RTL cannot be built.
        CompileError: the network does not fit the machine.
        DriverError: a program does not end well.
        ImageError: an utterance is too long.
        TrainingError: the checkpoint or an utterance cannot be read.
    """
    checkpoint, network = load_checkpoint(path), load_network(path)
    console.print(f"features of the utterances, {path.name} compiled for {hw.name}")
    utterances = load_utterances(checkpoint)
    steps = max(len(utterance.features) for utterance in utterances)
    compiled = compile_network(network, hw, steps)
    dense = compile_network(with_thresholds(network, 0.0, 0.0), hw, steps).image
    folder, features = out / "image", [utterance.features for utterance in utterances]
    # From one class to the next.
    some = slice(0, None, -(-len(features) // DENSE))
    compiled.image.write(folder)
    with GoldenRuns(folder, features) as golden_runs:
        console.print("RTL: built, unless it was before (a minute or two)")
        with rtl_device(compiled.image) as device:
            ran = on_device(device, compiled.image, features)
            rtl = list(track(ran, "RTL", len(features), console=console))
        with rtl_device(dense) as device:
            ran = on_device(device, dense, features[some])
            rtl_dense = list(track(ran, "RTL, thresholds 0", DENSE, console=console))
        golden = golden_runs.result()
    console.print("a training step on the RTL, and the report")
    words = [
        Word(one.name, one.label, *heard)
        for one, *heard in zip(
            utterances,
            float32_words(checkpoint, utterances),
            (run.word for run in golden),
            (run.word for run in rtl),
            strict=True,
        )
    ]
    return Report(
        checkpoint=path.name,
        config=hw.name,
        accuracy={name: _accuracy(words, name) for name in ("float32", "golden", "rtl")},
        words=words,
        different=[
            one.name for one, a, b in zip(utterances, golden, rtl, strict=True) if a.memory != b.memory
        ],
        sparse=_cost(rtl),
        same=_cost(rtl[some]),
        dense=_cost(rtl_dense),
        zeros=_zeros(compiled, utterances),
        procedures=_procedures(compiled, utterances[0]),
        training=_training(checkpoint, network, hw, utterances, words),
    )


def _accuracy(words: Sequence[Word], name: str) -> float:
    return float(np.mean([getattr(word, name) == word.label for word in words]))


def _cost(runs: Iterable[Run]) -> Cost:
    """Means for a step."""
    parts = [(run.steps, run.sequence) for run in runs]
    steps = sum(count for count, _ in parts)
    total = Counter[str]()
    for _, counters in parts:
        total.update(counters._asdict())
    return Cost(
        utterances=len(parts),
        cycles=total["cycles"] / steps,
        utilisation=total["mac"] / total["cycles"],
        waits={name: total[name] / steps for name in WAITS},
        dram_words=total["dram_read"] / steps,
    )


def _zeros(compiled: Compiled, utterances: list[Utterance]) -> dict[str, F64]:
    """Share of zeros in each step, by layer: means over the utterances of the commonest length."""
    length = Counter(len(one.features) for one in utterances).most_common(1)[0][0]
    quantised, found = compiled.quantised, dict[str, list[F64]]()
    for one in utterances:
        if len(one.features) != length:
            continue
        x = quantised.arith.encode(one.features.astype(np.float64))
        for layer, states in zip(quantised.layers, reference.forward(quantised, x).states, strict=False):
            name = layer.layer.name
            found.setdefault(f"Δx of {name}", []).append(1 - states.dx.fires.mean(axis=0))
            found.setdefault(f"Δh of {name}", []).append(1 - states.dh.fires[:, :length].mean(axis=0))
    return {name: np.mean(shares, axis=0) for name, shares in found.items()}


def _procedures(compiled: Compiled, utterance: Utterance) -> dict[str, int]:
    """Predicted cycles of the program `sequence` by procedure, most first."""
    programs = analyse(compiled.image, utterance.features.astype(np.float64))
    cycles = Counter[str]()
    for (_, procedure), share in programs["sequence"].shares.items():
        cycles[procedure] += share.cycles
    return dict(cycles.most_common())


def _training(
    checkpoint: Checkpoint, network: Network, hw: HwConfig, utterances: list[Utterance], words: list[Word]
) -> Training | None:
    """A step on the first utterance that the RTL did not recognise, else on the first one."""
    if not all(isinstance(layer, DeltaLstm) for layer in network.recurrent):
        return None
    number = next((n for n, word in enumerate(words) if word.rtl != word.label), 0)
    one = utterances[number]
    image = compile_network(network, hw, len(one.features), train=True).image
    target = checkpoint.labels.index(one.label)
    trained = train_once(checkpoint, image, one.features, target, RATE)
    return Training(
        utterance=one.name,
        rate=RATE,
        loss_before=trained.step.before,
        loss_after=trained.step.after,
        rounded=trained.rounded,
        float32=trained.float32,
        cycles=trained.step.counters.cycles,
    )
