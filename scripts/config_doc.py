"""Write the tables of docs/configuration.md from the configuration's definition in golden/config.py.

    python -m reneta.scripts.config_doc [--check]

Only what stands between the markers is replaced; `--check` fails when it is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from reneta.golden.config import DEFAULT_CONFIG, REPO, HwConfig, load_config, shipped_configs
from reneta.scripts.gen_pkg import DERIVED, first_line

PAGE = REPO / "docs" / "configuration.md"
BEGIN = "<!-- begin: written by `make package` -->"
END = "<!-- end: written by `make package` -->"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lines of a table in Markdown, and an empty one."""
    rule = ("---",) * len(header)
    return ["| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)] + [""]


def _range(field: str) -> str:
    """The values that a field may take by itself; what several fields must fulfil together is in the text."""
    schema = HwConfig.model_json_schema()["properties"][field]
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "pattern" in schema:
        return "lower case name"
    low, high = schema.get("minimum", ""), schema.get("maximum")
    return f"{low} to {high}" if high is not None else f"{low} or more"


def tables() -> str:
    """The generated part of the page."""
    configs = [load_config(path) for path in shipped_configs()]
    default = load_config(DEFAULT_CONFIG)
    fields = [
        (
            f"`{name}`",
            str(field.description),
            _range(name),
            "must be given" if field.is_required() else str(field.default),
        )
        for name, field in HwConfig.model_fields.items()
    ]
    names = [name for name in HwConfig.model_fields if name != "name"]
    shipped = [(f"`{c.name}`", *(str(getattr(c, name)) for name in names)) for c in configs]
    derived = [
        (f"`{name.upper()}`", first_line(getattr(HwConfig, name)), str(getattr(default, name)))
        for name in DERIVED
    ]
    lines = [
        *("## Fields of a configuration file", ""),
        *table(("field", "meaning", "values", "default"), fields),
        *("## Shipped configurations", ""),
        *table(("file in configs/", *(f"`{name}`" for name in names)), shipped),
        *(f"## What follows from them (values of `{default.name}`)", ""),
        *table(("in the package", "meaning", "value"), derived),
    ]
    return "\n".join(lines)


def replaced(page: str, generated: str, name: str) -> str:
    """A page with what stands between its markers replaced.

    Raises:
        ValueError: the markers are not there, once each and in order; `name` is the page's.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{name} lacks its markers {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{generated}\n{END}{tail}"


def render(page: str) -> str:
    """The page with its generated part replaced.

    Raises:
        ValueError: the markers are not there, once each and in order.
    """
    return replaced(page, tables(), PAGE.name)


def command(prog: str, page: Path, render: Callable[[str], str], argv: list[str] | None) -> int:
    """Command line that rewrites or checks a page; returns the exit code."""
    parser = argparse.ArgumentParser(prog=prog, description="Write the tables of the page")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 when the page is stale")
    args = parser.parse_args(argv)
    before = page.read_text(encoding="utf-8")
    after = render(before)
    if after == before:
        return 0
    if args.check:
        print(f"{prog}: docs/{page.name} is stale; run `make package`", file=sys.stderr)
        return 1
    page.write_text(after, encoding="utf-8")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    return command("config_doc", PAGE, render, argv)


if __name__ == "__main__":
    sys.exit(main())
