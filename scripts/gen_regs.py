"""Generate all that comes from the register description `rtl/dtv1_regs.rdl`.

    python -m reneta.scripts.gen_regs [--check]

The register block and its package (peakrdl-regblock), the C header (peakrdl-cheader), the map for Python and
docs/registers.md. `--check` writes nothing and says what is stale.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from peakrdl_cheader.exporter import CHeaderExporter
from peakrdl_regblock import RegblockExporter
from peakrdl_regblock.cpuif.axi4lite import AXI4Lite_Cpuif_flattened
from peakrdl_regblock.udps import ALL_UDPS
from systemrdl.compiler import RDLCompiler
from systemrdl.node import AddrmapNode, FieldNode, MemNode, Node, RegfileNode, RegNode

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import REPO
from reneta.golden.control_types import ErrorUnit, MachineState

RDL = REPO / "rtl" / "dtv1_regs.rdl"
BLOCK = "rtl/dtv1_regs.sv"
PACKAGE = "rtl/dtv1_regs_pkg.sv"
HEADER = "sw_driver/dtv1_regs.h"
MAP = "golden/registers.py"
PAGE = "docs/registers.md"

# What the description repeats of the package's enumerations, so that its documents can name them.
ENUMS: dict[str, type[IntEnum]] = {"state_e": MachineState, "cause_e": ErrorCause, "unit_e": ErrorUnit}


class RegisterError(Exception):
    """The description disagrees with the rest of the project."""


def compiled() -> AddrmapNode:
    """The address map of the description."""
    compiler = RDLCompiler()
    for definition in ALL_UDPS:
        compiler.register_udp(definition, soft=True)
    compiler.compile_file(str(RDL))
    return compiler.elaborate(top_def_name="dtv1_regs").top


def check_enums(top: AddrmapNode) -> None:
    """Compare the description's enumerations with the project's.

    Raises:
        RegisterError: a name or code differs.
    """
    for field in (node for node in top.descendants() if isinstance(node, FieldNode)):
        encode: Any = field.get_property("encode")
        if encode is None:
            continue
        wanted = {member.name: int(member) for member in ENUMS[encode.type_name]}
        found = {member.name: int(member) for member in encode}
        if wanted != found:
            raise RegisterError(f"{RDL.name}: {encode.type_name} is {found}, not {wanted}")


def registers(node: Node) -> Iterator[RegNode]:
    """The registers of a map, in the order of their addresses."""
    for child in node.children():
        if isinstance(child, RegNode):
            yield child
        elif isinstance(child, RegfileNode):
            yield from registers(child)


def _text(value: object) -> str:
    return " ".join(str(value or "").split())


def _name(register: RegNode) -> str:
    """A register's name with that of the group that it is in."""
    group = register.parent
    return f"{group.inst_name}_{register.inst_name}" if isinstance(group, RegfileNode) else register.inst_name


def _access(field: FieldNode) -> str:
    access = f"{field.get_property('sw').name}"
    return f"{access}, write 1 to clear" if field.get_property("onwrite") else access


def page(top: AddrmapNode) -> str:
    """docs/registers.md."""
    lines = [
        "# Registers",
        "",
        f"Generated from `{RDL.relative_to(REPO)}` by `make package`; do not edit. How the machine is run",
        "with them is in [ctl.md](ctl.md).",
        "",
        _text(top.get_property("desc")),
        "",
        "| address | register | bits | field | access | meaning |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for register in registers(top):
        group = register.parent
        about = [_text(register.get_property("name")), _text(register.get_property("desc"))]
        if isinstance(group, RegfileNode):
            about = [
                f"{_text(group.get_property('name'))}, {about[0].lower()}",
                _text(group.get_property("desc")),
            ]
        title = ". ".join(part.rstrip(".") for part in about if part)
        lines.append(f"| 0x{register.absolute_address:04x} | `{_name(register)}` | | | | {title} |")
        for field in register.fields():
            bits = f"{field.msb}:{field.lsb}" if field.msb != field.lsb else str(field.lsb)
            meaning = _text(field.get_property("desc"))
            lines.append(f"| | | {bits} | `{field.inst_name}` | {_access(field)} | {meaning} |")
    for memory in (node for node in top.children() if isinstance(node, MemNode)):
        span = f"0x{memory.absolute_address:04x} to 0x{memory.absolute_address + memory.size - 1:04x}"
        meaning = f"{_text(memory.get_property('name'))}. {_text(memory.get_property('desc'))}"
        lines.append(f"| {span} | `{memory.inst_name}` | | | rw | {meaning} |")
    for title, name in (("States", "state_e"), ("Causes", "cause_e"), ("Units", "unit_e")):
        lines += ["", f"## {title}", "", "| code | name | meaning |", "| --- | --- | --- |"]
        lines += [f"| {int(m)} | {m.name} | {_text(m.rdl_desc)} |" for m in _encoding(top, name)]
    return "\n".join([*lines, ""])


def _encoding(top: AddrmapNode, name: str) -> Iterator[Any]:
    """The members of an enumeration of the description."""
    for node in top.descendants():
        encode: Any = node.get_property("encode") if isinstance(node, FieldNode) else None
        if encode is not None and encode.type_name == name:
            return iter(encode)
    raise RegisterError(f"{RDL.name}: no field uses {name}")


def python_map(top: AddrmapNode) -> str:
    """golden/registers.py."""
    lines = [
        '"""Registers of the machine. Generated from rtl/dtv1_regs.rdl by `make package`; do not edit."""',
        "",
        "from __future__ import annotations",
        "",
        "from enum import IntEnum",
        "from typing import NamedTuple",
        "",
        "",
        "class Reg(IntEnum):",
        '    """Byte addresses."""',
        "",
        *(f"    {_name(register)} = 0x{register.absolute_address:04X}" for register in registers(top)),
        "",
        "",
        "class Field(NamedTuple):",
        '    """A field of a register: its lowest bit and its width."""',
        "",
        "    lsb: int",
        "    width: int",
        "",
        "    def of(self, word: int) -> int:",
        '        """The field in a word of its register."""',
        "        return word >> self.lsb & (1 << self.width) - 1",
        "",
        "    @property",
        "    def bit(self) -> int:",
        '        """The word in which only the lowest bit of the field is set."""',
        "        return 1 << self.lsb",
        "",
        "",
    ]
    for register in registers(top):
        for field in register.fields():
            name = f"{_name(register)}_{field.inst_name}".upper()
            lines.append(f"{name} = Field({field.lsb}, {field.width})")
    lines.append("")
    for register in registers(top):
        for field in register.fields():
            if field.get_property("hw").name == "na":
                name = f"{_name(register)}_{field.inst_name}".upper()
                lines.append(f"{name}_VALUE = 0x{field.get_property('reset'):X}")
    for memory in (node for node in top.children() if isinstance(node, MemNode)):
        lines.append(f"{memory.inst_name}_BASE = 0x{memory.absolute_address:04X}")
    return "\n".join([*lines, ""])


def generated() -> dict[str, str]:
    """All files: path from the repository's root, and text.

    Raises:
        RegisterError: see check_enums.
    """
    top = compiled()
    check_enums(top)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        RegblockExporter().export(
            top,
            str(folder),
            cpuif_cls=AXI4Lite_Cpuif_flattened,
            default_reset_async=True,
            default_reset_activelow=True,
        )
        # The include guard is made of the file's name.
        header = folder / Path(HEADER).name
        CHeaderExporter().export(top, str(header))
        texts = {
            BLOCK: (folder / Path(BLOCK).name).read_text(encoding="utf-8"),
            PACKAGE: (folder / Path(PACKAGE).name).read_text(encoding="utf-8"),
            HEADER: header.read_text(encoding="utf-8"),
        }
    return texts | {MAP: python_map(top), PAGE: page(top)}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="gen_regs", description="Generate what comes from the registers")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 when a file is stale")
    args = parser.parse_args(argv)
    try:
        texts = generated()
    except RegisterError as error:
        print(f"gen_regs: {error}", file=sys.stderr)
        return 2
    stale = []
    for name, text in texts.items():
        file = REPO / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not args.check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    if args.check and stale:
        print(f"gen_regs: stale: {', '.join(stale)}; run `make package`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
