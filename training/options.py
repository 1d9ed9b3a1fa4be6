"""Options of `reneta train`: each declared once, with its default, its help and what its values may be.

The names are those of the published code (Gao, DeltaRNN; Chen et al., AAAI 2024), so that its users need not
learn new ones. The same object is the configuration of the library's functions.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from reneta.training.data.options import DataOptions
from reneta.training.errors import TrainingError

STEPS = ("synthesize", "prepare", "feature", "pretrain", "retrain", "test")
"""Steps in their order; --run_through 1 goes on from the one asked for to the last."""
STUDIES = ("sweep", "incremental")
"""Steps that train many networks; nothing runs after them."""
MODELS = ("cla-rnn", "cla-deltarnn")
RNN_TYPES = ("LSTM", "GRU")
OPTIMISERS = ("ADAMW", "ADAM", "SGD")
FEATURES = {"feat_fft": "fft", "feat_iir": "iir", "fft": "fft", "iir": "iir"}
"""Names of the feature configurations, the published ones and the short ones."""

T = TypeVar("T")


class OptionError(TrainingError):
    """An option that does not exist or has no possible value: one line, exit code 2."""


@dataclass(frozen=True)
class Declared:
    """What the command line needs to know of an option.

    Attributes:
        group: heading in the help.
        help: what it is for.
        parse: makes the value of the word on the command line.
        choices: the possible values, where they can be listed.
        shapes: "all" for options that a network's training depends on, "delta" for those that only a delta
            network's does; empty for the others, which may differ when a run goes on.
    """

    group: str
    help: str
    parse: Callable[[str], Any]
    choices: tuple[str, ...] = ()
    shapes: str = ""


def _flag(word: str) -> bool:
    if word not in ("0", "1"):
        raise argparse.ArgumentTypeError(f"{word!r} is neither 0 nor 1")
    return word == "1"


def _whole(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number") from None


def _number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{word!r} is no number")
    return number


_PARSERS: dict[type, Callable[[str], Any]] = {bool: _flag, int: _whole, float: _number, str: str}


def _list(item: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def parse(word: str) -> tuple[T, ...]:
        return tuple(item(part) for part in word.split(","))

    return parse


def _option(
    default: T,
    group: str,
    help_text: str,
    *,
    parse: Callable[[str], Any] | None = None,
    choices: tuple[str, ...] = (),
    shapes: str = "",
) -> T:
    """A field of Options; without `parse`, its default's type says how to read it."""
    reader = parse or _PARSERS[type(default)]
    if reader is _flag:
        choices = ("0", "1")
    return field(default=default, metadata={"declared": Declared(group, help_text, reader, choices, shapes)})


_WHAT = "what to do"
_DATA = "data"
_TRAIN = "training"
_NET = "network"
_DELTA = "delta network"
_NUMBERS = "numbers of a delta network (quantisation-aware training)"
_PRUNE = "column-balanced targeted dropout of weights (Spartus)"
_IL = "class-incremental learning (iCaRL)"
_SWEEP = "sweep over thresholds"


@dataclass(frozen=True)
class Options:
    """All options; what each is for stands in its help text."""

    # RUF009: a Path is as immutable as a string.

    step: str = _option("pretrain", _WHAT, "step to run", choices=STEPS + STUDIES)
    run_through: bool = _option(False, _WHAT, "1: run all steps that follow, too")
    dataset: str = _option("gscdv2", _WHAT, "layout of the raw data", choices=("gscdv2", "fsc"))
    data_dir: Path | None = _option(  # noqa: RUF009
        None, _WHAT, "folder of the raw data (default: build/data/DATASET)", parse=Path
    )
    out_dir: Path = _option(  # noqa: RUF009
        Path("build/training"),
        _WHAT,
        "folder of all results; with several hosts, one that all of them see",
        parse=Path,
    )
    path_net_pretrain: Path | None = _option(  # noqa: RUF009
        None, _WHAT, "checkpoint that retrain begins with (default: of pretrain's options)", parse=Path
    )
    path_net: Path | None = _option(  # noqa: RUF009
        None, _WHAT, "checkpoint to test (default: all that these options trained)", parse=Path
    )
    resume: bool = _option(True, _WHAT, "1: go on where a run was stopped; 0: refuse to")
    restart: bool = _option(False, _WHAT, "1: forget the run that lies there and train anew")
    use_cuda: bool = _option(True, _WHAT, "1: use a CUDA device if there is one")

    words: str = _option(
        "10", _DATA, "classes of gscdv2: 10 (with silence, unknown), all, or a comma list of words"
    )
    cfg_feat: str = _option("feat_fft", _DATA, "feature configuration", choices=tuple(FEATURES))
    num_utterances: int = _option(150, _DATA, "synthesize: utterances of each word")
    overwrite: bool = _option(False, _DATA, "1: synthesize may replace what lies in --data_dir")
    processes: int = _option(DataOptions.processes, _DATA, "worker processes of the steps that make data")

    seed: int = _option(0, _TRAIN, "of all random choices", shapes="all")
    epochs_pretrain: int = _option(50, _TRAIN, "epochs of pretraining")
    epochs_retrain: int = _option(50, _TRAIN, "epochs of retraining")
    batch_size: int = _option(64, _TRAIN, "utterances of a batch, in each process", shapes="all")
    batch_size_eval: int = _option(256, _TRAIN, "the same, without training")
    opt: str = _option("ADAMW", _TRAIN, "optimiser", choices=OPTIMISERS, shapes="all")
    lr: float = _option(1e-3, _TRAIN, "learning rate at first", shapes="all")
    lr_retrain: float = _option(0.0, _TRAIN, "the same when retraining; 0: as --lr")
    lr_end: float = _option(3e-4, _TRAIN, "learning rate at the lowest", shapes="all")
    lr_schedule: bool = _option(
        True, _TRAIN, "1: lower the rate when the validation loss stays", shapes="all"
    )
    decay_factor: float = _option(0.8, _TRAIN, "what the rate is then multiplied by", shapes="all")
    patience: int = _option(4, _TRAIN, "epochs to wait before that", shapes="all")
    weight_decay: float = _option(0.01, _TRAIN, "weight decay", shapes="all")
    grad_clip_val: float = _option(200.0, _TRAIN, "norm to clip gradients to; 0: never", shapes="all")

    model_pretrain: str = _option("cla-rnn", _NET, "what pretrain trains", choices=MODELS)
    model_retrain: str = _option("cla-deltarnn", _NET, "what retrain trains", choices=MODELS)
    rnn_type: str = _option("LSTM", _NET, "kind of layers", choices=RNN_TYPES)
    rnn_layers: int = _option(1, _NET, "number of layers")
    rnn_size: int = _option(128, _NET, "units of each layer")
    rnn_dropout: float = _option(0.0, _NET, "dropout between the layers")

    thx: float = _option(0.0, _DELTA, "threshold of the inputs")
    thh: float = _option(0.0, _DELTA, "threshold of the hidden states")
    beta: float = _option(0.0, _DELTA, "weight of mean |Δh| in the loss", shapes="delta")
    use_hardsigmoid: bool = _option(False, _DELTA, "1: hard sigmoid, x / 4 + 1/2")
    use_hardtanh: bool = _option(False, _DELTA, "1: hard tanh")

    bf16: bool = _option(False, _NUMBERS, "1: bfloat16 weights and activations, instead of fixed point")
    qa: bool = _option(False, _NUMBERS, "1: activations in fixed point")
    aqi: int = _option(8, _NUMBERS, "integer bits of activations, the sign among them")
    aqf: int = _option(8, _NUMBERS, "fraction bits of activations")
    qw: bool = _option(False, _NUMBERS, "1: weights in fixed point")
    wqi: int = _option(2, _NUMBERS, "integer bits of weights, the sign among them")
    wqf: int = _option(14, _NUMBERS, "fraction bits of weights")
    bw_acc: int = _option(0, _NUMBERS, "bits of accumulators, aqf + wqf of them fraction; 0: exact")
    mqi: int = _option(0, _NUMBERS, "integer bits of accumulators, instead of --bw_acc")
    mqf: int = _option(0, _NUMBERS, "fraction bits of accumulators, with --mqi")

    cbtd: bool = _option(False, _PRUNE, "1: drop the smallest weights after each epoch", shapes="all")
    gamma_rnn: float = _option(0.7, _PRUNE, "share of the layers' weights to drop", shapes="all")
    alpha_anneal_epoch: int = _option(
        0, _PRUNE, "epochs of pretraining until they are dropped for certain", shapes="all"
    )
    num_array_pe: int = _option(16, _PRUNE, "processing elements that rows are dealt to", shapes="all")

    il_mode: bool = _option(False, _IL, "1: pretrain and retrain learn classes on top of learned ones")
    num_learned_classes: int = _option(0, _IL, "classes that the network knows")
    num_new_classes: int = _option(20, _IL, "classes to learn")
    num_exemplars: int = _option(2000, _IL, "utterances kept of all classes together")
    il_stages: tuple[int, ...] = _option(
        (20, 25, 30, 35), _IL, "--step incremental: classes after each stage", parse=_list(_whole)
    )

    thresholds: tuple[float, ...] = _option(
        (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5), _SWEEP, "thresholds of inputs and states", parse=_list(_number)
    )
    rnn_types: tuple[str, ...] = _option(RNN_TYPES, _SWEEP, "kinds of layers", parse=_list(str))

    def __post_init__(self) -> None:
        """Check the values, each for itself and with the others.

        Raises:
            OptionError: the first that cannot be.
        """
        for condition, message in self._mistakes():
            if condition:
                raise OptionError(message)

    def _mistakes(self) -> list[tuple[bool, str]]:
        """Conditions under which the options cannot be, and what to say then."""
        return [
            *((getattr(self, n) < 1, f"--{n} {getattr(self, n)}: give at least 1") for n in _AT_LEAST_1),
            *((getattr(self, n) < 0, f"--{n} {getattr(self, n)}: give 0 or more") for n in _NOT_NEGATIVE),
            *(
                (self.words_of(n) not in declared(n).choices, _no_choice(n, self.words_of(n)))
                for n in NAMES
                if declared(n).choices
            ),
            (self.lr <= 0, f"--lr {self.lr:g}: give more than 0"),
            *(
                (
                    self.lr_end > getattr(self, n) > 0,
                    f"--lr_end {self.lr_end:g} is above --{n} {getattr(self, n):g}: give at most that",
                )
                for n in ("lr", "lr_retrain")
            ),
            (
                not 0 < self.decay_factor < 1,
                f"--decay_factor {self.decay_factor:g}: give more than 0 and less than 1",
            ),
            *(
                (not 0 <= getattr(self, n) < 1, f"--{n} {getattr(self, n):g}: give 0 to less than 1")
                for n in ("rnn_dropout", "gamma_rnn")
            ),
            (
                self.rnn_dropout > 0 and self.rnn_layers == 1,
                "--rnn_dropout works between layers: give --rnn_layers 2 or more, or --rnn_dropout 0",
            ),
            (self.bf16 and (self.qa or self.qw), "--bf16 1 excludes --qa 1 and --qw 1: give one of them"),
            (
                bool(self.mqi or self.mqf) and bool(self.bw_acc),
                "--bw_acc and --mqi, --mqf say the same: give one of them",
            ),
            ((self.mqi == 0) != (self.mqf == 0), "--mqi and --mqf go together: give both"),
            (
                bool(self.mqi or self.bw_acc) and not (self.qa and self.qw),
                "accumulators in fixed point (--bw_acc, --mqi, --mqf) need --qa 1 and --qw 1",
            ),
            (
                0 < self.bw_acc <= self.aqf + self.wqf,
                f"--bw_acc {self.bw_acc}: {self.aqf + self.wqf} bits are fraction (--aqf, --wqf): give more",
            ),
            (
                self.cbtd and self.rows % self.num_array_pe != 0,
                f"--num_array_pe {self.num_array_pe} does not divide the {self.rows} rows of the weights: "
                "give another number, or another --rnn_size",
            ),
            (
                self.il_mode and self.step not in ("pretrain", "retrain"),
                f"--il_mode 1 goes with --step pretrain and retrain, not with {self.step}",
            ),
            (
                self.il_mode and self.step == "pretrain" and self.num_learned_classes > 0,
                "--step pretrain learns the first classes: give --num_learned_classes 0, or --step retrain",
            ),
            (
                list(self.il_stages) != sorted(set(self.il_stages)) or min(self.il_stages) < 1,
                f"--il_stages {self.words_of('il_stages')}: give numbers that rise from at least 1",
            ),
            (
                min(self.thresholds) < 0,
                f"--thresholds {self.words_of('thresholds')}: give 0 or more for each",
            ),
            (
                not set(self.rnn_types) <= set(RNN_TYPES),
                f"--rnn_types {self.words_of('rnn_types')}: give some of {','.join(RNN_TYPES)}",
            ),
        ]

    def words_of(self, name: str) -> str:
        """The value of an option as it is given on the command line."""
        return word_of(getattr(self, name))

    @property
    def data(self) -> DataOptions:
        """What the steps that make data are told."""
        return DataOptions(
            dataset="fsc" if self.dataset == "fsc" else "gscdv2",
            data_dir=self.data_dir or Path("build/data") / self.dataset,
            out_dir=self.out_dir,
            words=self.words,
            seed=self.seed,
            cfg_feat=FEATURES[self.cfg_feat],
            num_utterances=self.num_utterances,
            overwrite=self.overwrite,
            processes=self.processes,
        )

    @property
    def rows(self) -> int:
        """Rows of the weights of one layer: all gates."""
        return (4 if self.rnn_type == "LSTM" else 3) * self.rnn_size

    def shaping(self, delta: bool) -> dict[str, str]:
        """The options that the training of a network depends on, beside the network, as words."""
        kinds = ("all", "delta") if delta else ("all",)
        return {name: self.words_of(name) for name in NAMES if declared(name).shapes in kinds}


NAMES = tuple(entry.name for entry in fields(Options))
_AT_LEAST_1 = (
    *("num_utterances", "processes", "epochs_pretrain", "epochs_retrain", "batch_size", "batch_size_eval"),
    *("rnn_layers", "rnn_size", "num_array_pe", "num_new_classes", "num_exemplars"),
)
_NOT_NEGATIVE = (
    *(
        "seed",
        "patience",
        "weight_decay",
        "grad_clip_val",
        "lr_end",
        "lr_retrain",
        "thx",
        "thh",
        "beta",
        "aqf",
        "wqf",
    ),
    *("bw_acc", "mqi", "mqf", "alpha_anneal_epoch", "num_learned_classes"),
)


def declared(name: str) -> Declared:
    """What the command line needs to know of an option."""
    found: Declared = Options.__dataclass_fields__[name].metadata["declared"]
    return found


def word_of(value: object) -> str:
    """A value as it is given on the command line."""
    if isinstance(value, tuple):
        return ",".join(word_of(item) for item in value)
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _no_choice(name: str, word: str) -> str:
    return f"--{name} {word}: there are {', '.join(declared(name).choices)}"
