"""Generate the tables of sigmoid and tanh (dtv1_act_rom_fp.sv, dtv1_act_rom_fxp.sv) from the golden model.

    python -m reneta.scripts.gen_act_rom [--config configs/NAME.yaml] [--out-dir DIR] [--check]

Without options it rewrites the committed files in `rtl/` for the default configuration; `--check` fails when
one of them is stale. A table holds only the operands for which the function is neither constant nor the
operand itself; where that range begins and ends is found by looking at the golden model's answer for every
operand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reneta.golden.activation import bf16_table, fxp16_table
from reneta.golden.ccm_types import Func
from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, clog2, load_config

RTL = REPO / "rtl"

_ROW_DIGITS = 64  # hexadecimal digits in a line of a generated table
_SIGN = 0x8000
_HALF = 0xFFFF
_INF = 0x7F80
_MIN_NORMAL = 0x0080


class TableError(Exception):
    """The golden function is not of the shape that the activation unit relies on."""


@dataclass(frozen=True)
class Region:
    """A function's table, `entries[k]` for the magnitude |x| = lo + k.

    bf16: for `lo` <= |x| < `hi`, without the sign. fxp16: for |x| <= `hi`, with the results for -|x| beside.
    """

    name: str
    lo: int
    hi: int
    entries: tuple[int, ...]
    negative: tuple[int, ...] = ()


def _region(name: str, values: Sequence[int], below: Sequence[int], above: int) -> Region:
    """The part of `values` (by magnitude) between those equal to `below` and those equal to `above`."""
    inside_lo = [m for m, value in enumerate(values) if value != below[m]]
    inside_hi = [m for m, value in enumerate(values) if value != above]
    if not inside_lo or not inside_hi or inside_lo[0] > inside_hi[-1]:
        raise TableError(f"{name}: no operand needs the table")
    lo, hi = inside_lo[0], inside_hi[-1] + 1
    return Region(name, lo, hi, tuple(int(value) for value in values[lo:hi]))


def bf16_regions() -> list[Region]:
    """Tables of the bf16 build over the magnitude patterns up to infinity: sigmoid x > 0, x < 0, tanh.

    Raises:
        TableError: the functions lack the symmetry or the limits that `dtv1_act_fp` has built in.
    """
    mags = np.arange(_INF + 1)
    sigmoid, tanh = bf16_table(Func.SIGMOID), bf16_table(Func.TANH)
    if not np.array_equal(tanh[mags | _SIGN], tanh[mags] | _SIGN):
        raise TableError("tanh is not odd")
    half, one = 0x3F00, 0x3F80
    limits = [sigmoid[0], sigmoid[_SIGN], sigmoid[_INF], sigmoid[_INF | _SIGN], tanh[_INF]]
    if [int(v) for v in limits] != [half, half, one, 0, one]:
        raise TableError(f"unexpected limits {limits}")
    constant = [half] * len(mags)
    identity = [m if m >= _MIN_NORMAL else 0 for m in range(len(mags))]
    return [
        _region("SIG_POS", sigmoid[mags].tolist(), constant, one),
        _region("SIG_NEG", sigmoid[mags | _SIGN].tolist(), constant, 0),
        _region("TANH", tanh[mags].tolist(), identity, one),
    ]


def fxp16_regions(frac: int) -> list[Region]:
    """Tables of the fxp16 build over magnitudes from 0; the last entry holds for all larger ones as well.

    Raises:
        TableError: a result has not the sign that `dtv1_act_rom_fxp` gives it.
    """
    regions = []
    for func in (Func.SIGMOID, Func.TANH):
        table = fxp16_table(func, frac).astype(int).tolist()
        # The magnitude 2^15 is a negative operand's only, and 0 a positive one's.
        positive = [*table[:_SIGN], table[_SIGN - 1]]
        negative = [0, *reversed(table[_SIGN:])]
        if min(positive) < 0 or any((value < 0) != (func == Func.TANH) for value in negative[1:]):
            raise TableError(f"{func.name} with {frac} fraction bits has an unexpected sign")
        pairs = list(zip(positive, negative, strict=True))
        hi = max(m + 1 for m in range(_SIGN) if pairs[m] != pairs[-1])
        regions.append(Region(func.name, 0, hi, tuple(positive[: hi + 1]), tuple(negative[: hi + 1])))
    return regions


def _bases(regions: list[Region]) -> list[int]:
    """Address of each region's first entry: they lie one after another."""
    return [sum(len(other.entries) for other in regions[:k]) for k in range(len(regions))]


def _words(regions: list[Region], per_row: int) -> list[int]:
    """Contents of the memory, full lines; entries for negative operands are in the upper half of 32 bits."""
    words = [
        value | (region.negative[k] & _HALF) << 16 if region.negative else value
        for region in regions
        for k, value in enumerate(region.entries)
    ]
    return words + [0] * (-len(words) % per_row)


def _table(words: list[int], per_row: int, width: int, fields: str) -> list[str]:
    """The memory with its contents and its two read ports.

    Args:
        words: what it holds.
        per_row: words in a line of 256 bits.
        width: bits of a word that are kept.
        fields: which ones, where `{}` stands for the word.
    """
    digits = _ROW_DIGITS // per_row
    rows = [
        f"      {4 * _ROW_DIGITS}'h" + "_".join(f"{word:0{digits}x}" for word in words[k : k + per_row])
        for k in range(0, len(words), per_row)
    ]
    word = f"TABLE[k/{per_row}][{per_row - 1}-k%{per_row}]"
    return [
        f"  // {len(words)} entries, {per_row} to a line, the first one at address 0.",
        f"  localparam int unsigned ROWS = {len(rows)};",
        f"  localparam logic [{per_row - 1}:0][{4 * digits - 1}:0] TABLE[ROWS] = '{{",
        ",\n".join(rows),
        "  };",
        "",
        f"  logic [{width - 1}:0] mem[ROWS*{per_row}];",
        "",
        "  initial begin : fill",
        f"    for (int unsigned k = 0; k < ROWS * {per_row}; k++) begin",
        f"      mem[k] = {fields.replace('{}', word)};",
        "    end",
        "  end",
        "",
        "  for (genvar k = 0; k < 2; k++) begin : gen_port",
        f"    logic [{width - 1}:0] read_q;",
        "",
        "    always_ff @(posedge clk_i) begin : read",
        "      if (en_i) read_q <= mem[addr[k]];",
        "    end",
        "",
    ]


def _head(title: str, origin: str, body: str) -> list[str]:
    return [
        f"// {title}.",
        "//",
        f"// Generated {origin} by `make package`; do not edit.",
        *body.splitlines(),
    ]


_FP_TEXT = """\
// The table covers the operands for which the function is neither constant nor the operand itself;
// below_o and above_o say on which side of them |x| lies. These and the entry, for tanh that of
// |x|, come one enabled cycle after x_i.
module dtv1_act_rom_fp (
    input  logic             clk_i,
    input  logic             en_i,
    input  logic             tanh_i,   // 1: tanh, 0: sigmoid
    input  logic [1:0][15:0] x_i,      // bf16, no NaN
    output logic [1:0]       below_o,
    output logic [1:0]       above_o,
    output logic [1:0][14:0] entry_o   // bf16 without its sign
);
"""

_FP_LOGIC = """\
  // Where the table of this function and sign begins and ends, and address minus magnitude there.
  logic [1:0][14:0] lo, hi;
  logic [1:0][ADDR_W-1:0] offset, addr;
  logic [1:0] below_d, below_q, above_d, above_q;

  always_comb begin : find
    for (int unsigned k = 0; k < 2; k++) begin
      if (tanh_i) begin
        lo[k] = TANH_LO;
        hi[k] = TANH_HI;
        offset[k] = TANH_OFFSET;
      end else if (x_i[k][15]) begin
        lo[k] = SIG_NEG_LO;
        hi[k] = SIG_NEG_HI;
        offset[k] = SIG_NEG_OFFSET;
      end else begin
        lo[k] = SIG_POS_LO;
        hi[k] = SIG_POS_HI;
        offset[k] = SIG_POS_OFFSET;
      end
      below_d[k] = x_i[k][14:0] < lo[k];
      above_d[k] = x_i[k][14:0] >= hi[k];
      addr[k] = x_i[k][ADDR_W-1:0] + offset[k];
    end
  end

  always_ff @(posedge clk_i) begin : ranges
    if (en_i) begin
      below_q <= below_d;
      above_q <= above_d;
    end
  end

  assign below_o = below_q;
  assign above_o = above_q;
"""

_FXP_TEXT = """\
// A word of the table holds the function of a magnitude and of its negative, so that no carry chain
// follows the memory. entry_o comes one enabled cycle after x_i.
module dtv1_act_rom_fxp (
    input  logic             clk_i,
    input  logic             en_i,
    input  logic             tanh_i,  // 1: tanh, 0: sigmoid
    input  logic [1:0][15:0] x_i,     // signed, activation format
    output logic [1:0][15:0] entry_o  // signed, activation format
);
"""

_FXP_LOGIC = """\
  // |x| of a negative x is ~x + 1; the 1 is part of what ~x is compared with and added to.
  logic [1:0][15:0] folded, last;
  logic [1:0][ADDR_W-1:0] first, addr;

  always_comb begin : find
    for (int unsigned k = 0; k < 2; k++) begin
      folded[k] = x_i[k] ^ {16{x_i[k][15]}};
      last[k]   = (tanh_i ? TANH_LAST : SIGMOID_LAST) - 16'(x_i[k][15]);
      first[k]  = (tanh_i ? TANH_BASE : '0) + ADDR_W'(x_i[k][15]);
      if (folded[k] > last[k]) addr[k] = tanh_i ? TANH_END : SIGMOID_END;
      else addr[k] = ADDR_W'(folded[k]) + first[k];
    end
  end

  // Of tanh all results for a negative x are negative, of sigmoid none is.
  logic [1:0] mirror_q;
  logic tanh_q;

  always_ff @(posedge clk_i) begin : choice
    if (en_i) begin
      mirror_q <= {x_i[1][15], x_i[0][15]};
      tanh_q   <= tanh_i;
    end
  end
"""


def render_fp() -> str:
    """The text of `dtv1_act_rom_fp.sv`, the same for every configuration."""
    regions = bf16_regions()
    words = _words(regions, 16)
    width = clog2(len(words))
    lines = _head("Sigmoid and tanh of bf16: two lookups at once", "from the golden model", _FP_TEXT)
    lines += ["", f"  localparam int unsigned ADDR_W = {width};"]
    for region, base in zip(regions, _bases(regions), strict=True):
        offset = (base - region.lo) % (1 << width)
        lines += [
            f"  localparam logic [14:0] {region.name}_LO = 15'h{region.lo:04X};",
            f"  localparam logic [14:0] {region.name}_HI = 15'h{region.hi:04X};",
            f"  localparam logic [ADDR_W-1:0] {region.name}_OFFSET = {width}'d{offset};",
        ]
    lines += ["", _FP_LOGIC, *_table(words, 16, 15, "{}[14:0]"), "    assign entry_o[k] = read_q;"]
    return "\n".join([*lines, "  end", "", "endmodule", ""])


def render_fxp(config: HwConfig) -> str:
    """The text of `dtv1_act_rom_fxp.sv`; of the configuration only `fxp_act_frac` counts."""
    frac = config.fxp_act_frac
    regions = fxp16_regions(frac)
    bases = _bases(regions)
    words = _words(regions, 8)
    width = clog2(len(words))
    entry_w = max(max(region.entries).bit_length() for region in regions)
    if min(min(region.negative) for region in regions) < -(1 << entry_w):
        raise TableError(f"tanh with {frac} fraction bits needs more than {entry_w} bits")
    lines = _head(
        f"Sigmoid and tanh of 16-bit numbers with {frac} fraction bits: two lookups at once",
        f"for fxp_act_frac = {frac}",
        _FXP_TEXT,
    )
    lines += [
        "",
        f"  localparam int unsigned ADDR_W = {width};",
        f"  localparam int unsigned ENTRY_W = {entry_w};",
        "  // Largest magnitude with an entry of its own, and where that lies.",
    ]
    for region, base in zip(regions, bases, strict=True):
        lines += [
            f"  localparam logic [15:0] {region.name}_LAST = 16'd{region.hi};",
            f"  localparam logic [ADDR_W-1:0] {region.name}_END = {width}'d{base + region.hi};",
        ]
    lines.append(f"  localparam logic [ADDR_W-1:0] TANH_BASE = {width}'d{bases[1]};")
    fields = "{{}[16+:ENTRY_W], {}[0+:ENTRY_W]}"
    lines += ["", _FXP_LOGIC, *_table(words, 8, 2 * entry_w, fields)]
    lines += [
        "    assign entry_o[k] = mirror_q[k] ? {{(16 - ENTRY_W) {tanh_q}}, read_q[ENTRY_W+:ENTRY_W]}",
        "                                    : 16'(read_q[0+:ENTRY_W]);",
    ]
    return "\n".join([*lines, "  end", "", "endmodule", ""])


def rendered(config: HwConfig) -> dict[str, str]:
    """Text of each generated file by its name."""
    return {"dtv1_act_rom_fp.sv": render_fp(), "dtv1_act_rom_fxp.sv": render_fxp(config)}


def write_roms(config: HwConfig, outdir: Path) -> list[Path]:
    """Write the tables for `config` into `outdir`, leaving equal files (and their time stamps) alone."""
    paths = []
    for name, text in rendered(config).items():
        path = outdir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            outdir.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="gen_act_rom", description="Generate the tables of sigmoid and tanh"
    )
    parser.add_argument("--config", default=str(DEFAULT_CONFIG), help="configuration file")
    parser.add_argument("--out-dir", type=Path, default=RTL, help="folder to write to")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 when a file is stale")
    args = parser.parse_args(argv)
    try:
        config = load_config(args.config)
    except ConfigError as error:
        print(f"gen_act_rom: {error}", file=sys.stderr)
        return 2
    if not args.check:
        write_roms(config, args.out_dir)
        return 0
    stale = 0
    for name, text in rendered(config).items():
        path = args.out_dir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"gen_act_rom: {path} is stale; run `make package`", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
