"""The command `reneta`: one front door for the toolkit's own programs.

    reneta train --dataset gscdv2 --step pretrain ...

Each subcommand is a module with `main(argv) -> int`, imported only when it is asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "train": ("reneta.training.cli", "data sets, features and training of (delta) networks"),
    "compile": ("reneta.compiler.cli", "trained networks to images for the machine"),
    "inspect": ("reneta.compiler.inspect", "what an image holds, and how it will run"),
    "compare": ("reneta.scripts.compare.main", "a network in all its forms, from float32 to the RTL"),
    "demo": ("reneta.scripts.demo.main", "a trained network on recorded words: golden machine and RTL"),
    "bringup": ("reneta.scripts.bringup.main", "tests of a machine: golden model, RTL or hardware"),
}


def usage() -> str:
    """What can be asked for."""
    lines = [f"  {name:10s} {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(["usage: reneta COMMAND [options]; reneta COMMAND --help tells more", *lines])


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] in (["-h"], ["--help"]):
        print(usage())
        return 0
    if not arguments or arguments[0] not in COMMANDS:
        if arguments:
            known = ", ".join(COMMANDS)
            print(f"reneta: there is no command {arguments[0]!r}; there are: {known}", file=sys.stderr)
        else:
            print(usage(), file=sys.stderr)
        return 2
    module, _ = COMMANDS[arguments[0]]
    code: int = import_module(module).main(arguments[1:])
    return code


if __name__ == "__main__":
    sys.exit(main())
