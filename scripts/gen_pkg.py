"""Generate `dtv1_pkg.sv`, the SystemVerilog package, from a hardware configuration.

    python -m reneta.scripts.gen_pkg [--config configs/NAME.yaml] [--out FILE | --check]

Without options it rewrites the committed `rtl/dtv1_pkg.sv` from the default configuration; `--check` fails
when that file is stale. The simulation, lint and synthesis tools generate other configurations into `build/`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reneta.golden.ccm_types import CCM_CFG_FIELDS, ErrorCause, Func, Mode, Proc
from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, load_config
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.ipm_types import IPM_CFG_FIELDS, Side, Source
from reneta.golden.opm_types import OPM_CFG_FIELDS, OpmMode
from reneta.golden.packed import CfgField
from reneta.scripts import isa_sv

PACKAGE = REPO / "rtl" / "dtv1_pkg.sv"

PARAMETERS = (
    "num_pe",
    "max_n",
    "max_m",
    "acc_words",
    "smem_words",
    "dram_ahead",
    "fxp_act_frac",
    "fxp_weight_frac",
)
DERIVED = (
    *(
        "data_w",
        "lane_w",
        "max_groups",
        "cnt_w",
        "idx_w",
        "nzc_w",
        "acc_addr_w",
        "smem_addr_w",
        "step_w",
        "desc_w",
    ),
    *("fp_mul_lat", "fp_add_lat", "fxp_mul_lat", "fxp_add_lat", "act_lat", "fxp_acc_w"),
    *("mul_lat", "add_lat", "acc_w", "res_w", "fp_cas_lat", "fxp_cas_lat", "cas_lat", "res_depth", "seq_w"),
)

DESC = """\
  typedef struct packed {
    logic [SMEM_ADDR_W-1:0] word;
    logic [LANE_W-1:0] lane;
    logic [NZC_W-1:0] count;
  } desc_t;"""

CCM_OP = """\
  // One operation of the compute core: what its loop nest tells the PE array and the accumulators.
  typedef struct packed {
    mode_e mode;
    logic uses;  // the sum is in an accumulator
    logic first;  // starts a sum: from the addend if init, else from zero
    logic init;
    logic clear;  // clears the accumulator, which keeps the sum otherwise
    logic result;  // the sum leaves
    logic last;  // ends its instruction
    logic book;  // result or last: takes a place among the results
    logic zero;  // no operand: the neutral product
    logic neg;  // subtract the product
    logic act_scale;  // fxp16: the product has the scale of two activations
    func_e func;  // on the result
    logic [ACC_ADDR_W-1:0] addr;  // accumulator
    logic drain;  // ends a VXV whose accumulators are sent out then: from ...
    logic [ACC_ADDR_W-1:0] drain_first;
    logic [ACC_ADDR_W-1:0] drain_last;  // ... to
  } ccm_op_t;

  // What the compute core's drain has still to do: operations wait for it.
  typedef struct packed {
    logic booking;  // results without a place
    logic busy;  // accumulators that are not cleared
    logic holding;  // accumulators that no operation may use: from ...
    logic [ACC_ADDR_W-1:0] first;
    logic [ACC_ADDR_W-1:0] last;  // ... to
    logic urgent;  // now it is its turn ...
    logic bank;  // ... in this bank
  } ccm_drain_t;

  // How a result leaves the compute core.
  typedef struct packed {
    logic scalar;  // a single sum of the cascade
    logic none;  // no result, only the end of an instruction
    logic last;  // ends its instruction
    logic act_scale;
    func_e func;
  } ccm_order_t;

  // What the compute core did in a cycle, for the performance counters.
  typedef struct packed {
    logic mac;  // an operand word entered the PE array
    logic wait_opd;  // no operand word was there
    logic wait_add;  // no addend word was there
    logic wait_cnt;  // no list count was there
    logic wait_acc;  // the accumulator was still in the adder, or to be drained
    logic wait_out;  // too many results waited, or had to go first
  } ccm_event_t;"""

IPM = """\
  // A point of an instruction's loop nest, as the units of the input module walk it.
  typedef struct packed {
    logic [STEP_W-1:0] step;
    logic [CNT_W-1:0] col;  // number of the column within the step
    logic [CNT_W-1:0] grp;
    logic grp_last;
    logic last;  // of the instruction
    logic [SMEM_ADDR_W:0] word;  // of the list entry in its region; one bit more tells its end
    logic [LANE_W-1:0] lane;
  } ipm_point_t;

  // Command of a DataMover (Xilinx PG022), for reads and writes.
  typedef struct packed {
    logic [3:0] reserved;
    logic [3:0] tag;
    logic [31:0] addr;  // first byte
    logic drr;
    logic eof;  // the packet ends with this command
    logic [5:0] dsa;
    logic incr;
    logic [22:0] btt;  // bytes to transfer
  } dm_cmd_t;"""

OPM = """\
  // What the output module did in a cycle, for the performance counters.
  typedef struct packed {
    logic [LANE_W:0] fired;  // elements that moved by the threshold
    logic dram_word;  // a word left for DRAM
    logic stall;  // a result waited
  } opm_event_t;"""


def _enum(name: str, width: int, members: list[tuple[str, int]]) -> list[str]:
    longest = max(len(label) for label, _ in members)  # aligned, as verible-verilog-format does
    rows = [f"    {label:{longest}} = {width}'d{value}" for label, value in members]
    return [f"  typedef enum logic [{width - 1}:0] {{", ",\n".join(rows), f"  }} {name};", ""]


def _struct(name: str, fields: Sequence[CfgField], config: HwConfig) -> list[str]:
    lines = ["  typedef struct packed {"]
    for field in fields:
        width = field.width(config)
        kind = field.sv_type or (f"logic [{width - 1}:0]" if width > 1 else "logic")
        lines += [f"    // {field.doc}", f"    {kind} {field.name};"]
    return [*lines, f"  }} {name};"]


def first_line(thing: object) -> str:
    """The first line of a docstring, without its full stop."""
    return str(thing.__doc__).strip().splitlines()[0].rstrip(".")


def render(config: HwConfig) -> str:
    """The text of the package for one configuration."""

    def number(name: str, value: int, comment: str) -> str:
        return f"  // {comment}.\n  localparam int unsigned {name} = {value};"

    def own(field: str) -> str:
        return str(HwConfig.model_fields[field].description)

    lines = [
        "// Parameters and types of DTV1, the single place where the RTL takes them from.",
        f"// Generated from configs/{config.name}.yaml by `make package`; do not edit.",
        "package dtv1_pkg;",
        "",
        "  // The configuration.",
        "  // 1: bf16 build, 0: fxp16 build.",
        f"  localparam bit FORMAT_FP = 1'b{int(config.is_fp)};",
    ]
    for field in PARAMETERS:
        lines.append(number(field.upper(), getattr(config, field), own(field)))
    lines += ["", "  // What follows from it."]
    for prop in DERIVED:
        lines.append(number(prop.upper(), getattr(config, prop), first_line(getattr(HwConfig, prop))))
    lines += ["", "  // Procedure codes (docs/ccm.md)."]
    lines += _enum("proc_e", 4, [(f"PROC_{m.name}", m.value) for m in Proc])
    lines += ["  // Functions on the way out."]
    lines += _enum("func_e", 2, [(f"FUNC_{m.name}", m.value) for m in Func])
    lines += ["  // Modes of the PE array."]
    lines += _enum("mode_e", 2, [(f"MODE_{m.name}", m.value) for m in Mode])
    lines += ["  // Causes of an error stop."]
    lines += _enum("err_e", 4, [(f"ERR_{m.name}", m.value) for m in ErrorCause])
    lines += ["  // Units that find errors, as registers name them."]
    lines += _enum("unit_e", 4, [(f"UNIT_{m.name}", m.value) for m in ErrorUnit])
    lines += ["  // States of the machine, as registers name them."]
    lines += _enum("state_e", 3, [(f"STATE_{m.name}", m.value) for m in MachineState])
    lines += [
        "  // Where the list of one step lies in its region, and how long it is.",
        *DESC.splitlines(),
        "",
    ]
    lines += ["  // Configuration of the compute core, one for each instruction."]
    lines += [*_struct("ccm_cfg_t", CCM_CFG_FIELDS, config), "", *CCM_OP.splitlines(), ""]
    lines += ["  // Where an operand of EWISE comes from."]
    lines += _enum("source_e", 3, [(f"SOURCE_{m.name}", m.value) for m in Source])
    lines += ["  // What goes past the compute core to the output module."]
    lines += _enum("side_e", 2, [(f"SIDE_{m.name}", m.value) for m in Side])
    lines += ["  // Configuration of the input module, one for each instruction (docs/ipm.md)."]
    lines += [*_struct("ipm_cfg_t", IPM_CFG_FIELDS, config), "", *IPM.splitlines(), ""]
    lines += ["  // Modes of the output module."]
    lines += _enum("opm_mode_e", 3, [(f"OPM_{m.name}", m.value) for m in OpmMode])
    lines += ["  // Configuration of the output module, one for each instruction (docs/opm.md)."]
    lines += [*_struct("opm_cfg_t", OPM_CFG_FIELDS, config), "", *OPM.splitlines(), ""]
    lines += [*isa_sv.lines(config), "", "endpackage", ""]
    return "\n".join(lines)


def write_package(config: HwConfig, out: Path) -> Path:
    """Write the package for `config` to `out`, leaving an equal file (and its time stamp) alone."""
    text = render(config)
    if not out.is_file() or out.read_text(encoding="utf-8") != text:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    return out


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="gen_pkg", description="Generate dtv1_pkg.sv from a configuration")
    parser.add_argument("--config", default=str(DEFAULT_CONFIG), help="configuration file")
    parser.add_argument("--out", type=Path, default=PACKAGE, help="file to write")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 when the file is stale")
    args = parser.parse_args(argv)
    try:
        config = load_config(args.config)
    except ConfigError as error:
        print(f"gen_pkg: {error}", file=sys.stderr)
        return 2
    if args.check:
        if not args.out.is_file() or args.out.read_text(encoding="utf-8") != render(config):
            print(f"gen_pkg: {args.out} is stale; run `make package`", file=sys.stderr)
            return 1
        return 0
    write_package(config, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
