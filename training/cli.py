"""The command `reneta train`: one step, or all that follow it, too.

reneta train --dataset gscdv2 --step pretrain --rnn_type LSTM --run_through 1
python -m torch.distributed.run --nproc_per_node 2 -m reneta.training.cli --step pretrain
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NoReturn

from reneta.training.errors import TrainingError
from reneta.training.options import NAMES, STEPS, STUDIES, OptionError, Options, declared, word_of

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; the exit code is 1 for a mistake in data or files, 2 in the options, 130 for Ctrl-C."""
    try:
        options = parse(sys.argv[1:] if argv is None else argv)
        # What trains needs PyTorch, whose import takes seconds: --help and a misspelt option do not wait.
        from reneta.training.steps import run

        run(options)
    except TrainingError as error:
        # Of several processes (torchrun numbers them), the others say who they are.
        rank = os.environ.get("RANK", "0")
        process = "" if rank == "0" else f"process {rank}: "
        print(f"reneta train: {process}{error}", file=sys.stderr)
        return 2 if isinstance(error, OptionError) else 1
    except KeyboardInterrupt:
        print("reneta train: stopped; the same command goes on after the last whole epoch", file=sys.stderr)
        return INTERRUPTED
    return 0


def parse(argv: Sequence[str]) -> Options:
    """The options on a command line.

    Raises:
        OptionError: one is unknown, has no possible value, or contradicts another.
    """
    return Options(**vars(parser().parse_args(list(argv))))


def parser() -> argparse.ArgumentParser:
    """The command line's parser: groups, help texts and defaults from the declarations in `options`."""
    made = _Parser(
        prog="reneta train",
        usage="reneta train [--OPTION VALUE] ...",
        description="Train delta networks on spoken commands, step by step: "
        f"{', '.join(STEPS)}; or studies of many networks: {', '.join(STUDIES)}.",
        epilog="With several processes: python -m torch.distributed.run --nproc_per_node N "
        "-m reneta.training.cli --OPTION VALUE ...",
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=110),
    )
    groups: dict[str, Any] = {}
    for entry in fields(Options):
        option = declared(entry.name)
        if option.group not in groups:
            groups[option.group] = made.add_argument_group(option.group)
        text = option.help if entry.default is None else f"{option.help} (default: {word_of(entry.default)})"
        # Choices are checked by Options, whose message says what there is.
        metavar = "{" + ",".join(option.choices) + "}" if option.choices else entry.name.upper()
        groups[option.group].add_argument(
            f"--{entry.name}", type=option.parse, default=entry.default, metavar=metavar, help=text
        )
    return made


class _Parser(argparse.ArgumentParser):
    """A parser that raises its complaints, as one line, and knows what was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint.

        Raises:
            OptionError: always.
        """
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown == message:
            raise OptionError(message.removeprefix("argument "))
        name = unknown.split()[0]
        near = difflib.get_close_matches(name.split("=")[0], [f"--{option}" for option in NAMES], 1)
        hint = f"did you mean {near[0]}?" if near else "--help lists the options"
        raise OptionError(f"there is no option {name}: {hint}")


if __name__ == "__main__":
    sys.exit(main())
