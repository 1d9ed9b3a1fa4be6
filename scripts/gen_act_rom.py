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
ROW = 16
"""Entries in a line of the generated table."""

_SIGN = 0x8000
_INF = 0x7F80
_MIN_NORMAL = 0x0080


class TableError(Exception):
    """The golden function is not of the shape that the activation unit relies on."""


@dataclass(frozen=True)
class Region:
    """A function's table for magnitudes `lo` <= |x| < `hi`; `entries[k]` is its magnitude at |x| = lo + k."""

    name: str
    lo: int
    hi: int
    entries: tuple[int, ...]


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
        TableError: the functions lack the symmetry that `dtv1_act_fxp` relies on.
    """
    regions = []
    for func, mirror in ((Func.SIGMOID, 1 << frac), (Func.TANH, 0)):
        table = fxp16_table(func, frac).astype(int)
        negative = table[np.arange(-1, -_SIGN - 1, -1)]
        # The magnitude 2^15 has no positive operand: its entry comes from the negative one.
        values = [*table[:_SIGN].tolist(), mirror - int(negative[-1])]
        if not np.array_equal(negative, mirror - np.array(values[1:])):
            raise TableError(f"{func.name} with {frac} fraction bits is not symmetric")
        inside = [m for m, value in enumerate(values) if value != values[-1]]
        hi = inside[-1] + 1 if inside else 0
        regions.append(Region(func.name, 0, hi, tuple(values[: hi + 1])))
    return regions


def _bases(regions: list[Region]) -> list[int]:
    """Address of each region's first entry: they lie one after another."""
    return [sum(len(other.entries) for other in regions[:k]) for k in range(len(regions))]


def _depth(regions: list[Region]) -> int:
    """Words of the memory: all entries, in full lines."""
    return -(-sum(len(region.entries) for region in regions) // ROW) * ROW


def _table(regions: list[Region], width: int) -> list[str]:
    """The memory with its contents and its two read ports."""
    entries = [entry for region in regions for entry in region.entries]
    entries += [0] * (_depth(regions) - len(entries))
    rows = [
        f"    {16 * ROW}'h" + "_".join(f"{entry:04x}" for entry in entries[k : k + ROW])
        for k in range(0, len(entries), ROW)
    ]
    return [
        f"  // {len(entries)} entries, {ROW} to a line, the first one at address 0.",
        f"  localparam int unsigned ROWS = {len(rows)};",
        f"  localparam logic [ROWS-1:0][{ROW - 1}:0][15:0] TABLE = {{",
        ",\n".join(rows),
        "  };",
        "",
        f"  logic [{width - 1}:0] mem[ROWS*{ROW}];",
        "",
        "  initial begin : fill",
        f"    for (int unsigned k = 0; k < ROWS * {ROW}; k++) begin",
        f"      mem[k] = TABLE[ROWS-1-k/{ROW}][{ROW - 1}-k%{ROW}][{width - 1}:0];",
        "    end",
        "  end",
        "",
        "  for (genvar k = 0; k < 2; k++) begin : gen_port",
        f"    logic [{width - 1}:0] read_q, entry_q;",
        "",
        "    always_ff @(posedge clk_i) begin : read",
        "      if (en_i) begin",
        "        read_q  <= mem[addr[k]];",
        "        entry_q <= read_q;",
        "      end",
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
// below_o and above_o say, one enabled cycle after x_i, on which side of them |x| lies. The entry
// comes after two enabled cycles, for tanh that of |x|.
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
// The table holds the functions of x >= 0; what it gives, two enabled cycles after x_i, is that of |x|.
module dtv1_act_rom_fxp (
    input  logic             clk_i,
    input  logic             en_i,
    input  logic             tanh_i,  // 1: tanh, 0: sigmoid
    input  logic [1:0][15:0] x_i,     // signed, activation format
    output logic [1:0][15:0] entry_o  // unsigned, activation format
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
"""


def render_fp() -> str:
    """The text of `dtv1_act_rom_fp.sv`, the same for every configuration."""
    regions = bf16_regions()
    bases = _bases(regions)
    width = clog2(_depth(regions))
    lines = _head("Sigmoid and tanh of bf16: two lookups at once", "from the golden model", _FP_TEXT)
    lines += ["", f"  localparam int unsigned ADDR_W = {width};"]
    for region, base in zip(regions, bases, strict=True):
        offset = (base - region.lo) % (1 << width)
        lines += [
            f"  localparam logic [14:0] {region.name}_LO = 15'h{region.lo:04X};",
            f"  localparam logic [14:0] {region.name}_HI = 15'h{region.hi:04X};",
            f"  localparam logic [ADDR_W-1:0] {region.name}_OFFSET = {width}'d{offset};",
        ]
    lines += ["", _FP_LOGIC, *_table(regions, 15), "    assign entry_o[k] = entry_q;"]
    return "\n".join([*lines, "  end", "", "endmodule", ""])


def render_fxp(config: HwConfig) -> str:
    """The text of `dtv1_act_rom_fxp.sv`; of the configuration only `fxp_act_frac` counts."""
    frac = config.fxp_act_frac
    regions = fxp16_regions(frac)
    bases = _bases(regions)
    addr_w = clog2(_depth(regions))
    entry_w = max(entry for region in regions for entry in region.entries).bit_length()
    lines = _head(
        f"Sigmoid and tanh of 16-bit numbers with {frac} fraction bits: two lookups at once",
        f"for fxp_act_frac = {frac}",
        _FXP_TEXT,
    )
    lines += [
        "",
        f"  localparam int unsigned ADDR_W = {addr_w};",
        "  // Largest magnitude of its own, and where its entry lies.",
    ]
    for region, base in zip(regions, bases, strict=True):
        lines += [
            f"  localparam logic [15:0] {region.name}_LAST = 16'd{region.hi};",
            f"  localparam logic [ADDR_W-1:0] {region.name}_END = {addr_w}'d{base + region.hi};",
        ]
    lines.append(f"  localparam logic [ADDR_W-1:0] TANH_BASE = {addr_w}'d{bases[1]};")
    lines += ["", _FXP_LOGIC, *_table(regions, entry_w), "    assign entry_o[k] = 16'(entry_q);"]
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
