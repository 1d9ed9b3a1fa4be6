"""Programs as text: assembler and disassembler. docs/isa.md describes the language.

An instruction is a line such as

    MXV_SP cnt0=31 cnt1=127 lanes=15 src0_dram=1 dram_src=0x8000 cont=1 ; M += Wx Δx

The mnemonic is the procedure, fields are attributes of Instruction, those left out are zero, and what follows
the semicolon is the note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from enum import IntEnum

from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.isa import widths

NAMED: dict[str, type[IntEnum]] = {"func": Func, "a_src": Source, "b_src": Source, "c_src": Source}
"""Fields whose values have names."""

FIELDS = tuple(item.name for item in fields(Instruction) if item.name not in ("proc", "note"))
"""All fields of a line, in the order in which they are written."""

_HEX = ("theta", "dram_src", "dram_dst")
# The mnemonic of a code that is no procedure.
_CODE = "PROC"


class AsmError(ValueError):
    """A line that is no instruction; the message is one line that begins with its number."""

    def __init__(self, line: int, text: str) -> None:
        """Complain about a line; the first one is 1."""
        super().__init__(f"line {line}: {text}")
        self.line = line


def disassemble(instruction: Instruction) -> str:
    """An instruction as a line; fields that are zero are left out."""
    parts = [mnemonic(instruction.proc)]
    for attr in FIELDS:
        value = int(getattr(instruction, attr))
        if value:
            parts.append(f"{attr}={_text(attr, value)}")
    note = " ".join(instruction.note.split())
    return " ".join([*parts, "; " + note] if note else parts)


def listing(program: Iterable[Instruction]) -> str:
    """A program as text."""
    return "".join(disassemble(instruction) + "\n" for instruction in program)


def mnemonic(proc: int) -> str:
    """The name of a procedure; of a code that is none, PROC and the code."""
    return Proc(proc).name if proc in list(Proc) else f"{_CODE}{proc}"


def assemble(text: str, hw: HwConfig) -> list[Instruction]:
    """The instructions of a program; empty lines and lines with a comment only are none.

    Raises:
        AsmError: a line is no instruction of this configuration.
    """
    program = []
    for number, line in enumerate(text.splitlines(), 1):
        code, _, note = line.partition(";")
        if code.strip():
            try:
                program.append(_instruction(code.split(), note.strip(), hw))
            except ValueError as error:
                raise AsmError(number, str(error)) from None
    return program


def _instruction(parts: list[str], note: str, hw: HwConfig) -> Instruction:
    bits = widths(hw)
    values = {"proc": _proc(parts[0], bits["proc"])}
    for part in parts[1:]:
        attr, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"expected field=value, not '{part}'")
        if attr not in FIELDS:
            raise ValueError(f"unknown field '{attr}'")
        if attr in values:
            raise ValueError(f"field '{attr}' is given twice")
        values[attr] = _value(attr, value, bits[attr])
    return Instruction(**values, note=note)


def _proc(text: str, bits: int) -> int:
    name = text.upper()
    code = name.removeprefix(_CODE)
    if name in Proc.__members__:
        return Proc[name]
    if code != name and code.isdecimal() and int(code) < 1 << bits:
        return int(code)
    raise ValueError(f"unknown mnemonic '{text}'; known: {', '.join(Proc.__members__)}")


def _value(attr: str, text: str, bits: int) -> int:
    names = NAMED[attr].__members__ if attr in NAMED else {}
    if text.upper() in names:
        return int(names[text.upper()])
    try:
        value = int(text, 0)
    except ValueError:
        known = f", nor one of {', '.join(names)}" if names else ""
        raise ValueError(f"{attr}: '{text}' is not a number{known}") from None
    if not 0 <= value < 1 << bits:
        raise ValueError(f"{attr}={text} is not within 0 to {(1 << bits) - 1}")
    return value


def _text(attr: str, value: int) -> str:
    names = NAMED.get(attr)
    if names is not None and value in list(names):
        return names(value).name
    return hex(value) if attr in _HEX else str(value)
