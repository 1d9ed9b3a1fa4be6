"""One program on dtv1, with AxiRam of cocotbext-axi as its DRAM: what `make bench-sim` compares with.

The environment tells what to run and where to write the result:

- `BENCH_DRAM`: file with the DRAM's bytes; what it holds in the end goes to the same name with `.out`.
- `BENCH_PROGRAM`: address and number of instructions.
- `BENCH_RESULT`: file for JSON: cycles until the interrupt, and the processor's seconds for them.
"""

from __future__ import annotations

import json
import os
import time
from mmap import mmap
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

from reneta.golden import registers
from reneta.golden.registers import Reg

PERIOD_NS = 10
RESET_CYCLES = 4


@cocotb.test()
async def run_program(dut: Any) -> None:
    """Load it, run it until the interrupt, keep the DRAM."""
    image = Path(os.environ["BENCH_DRAM"])
    address, length = (int(word) for word in os.environ["BENCH_PROGRAM"].split())
    contents = image.read_bytes()
    memory = mmap(-1, len(contents))
    memory[:] = contents

    ram = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.clk_i, dut.rst_ni, False, mem=memory)
    host = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk_i, dut.rst_ni, False)
    for part in (ram.read_if, ram.write_if, host.read_if, host.write_if):
        part.log.setLevel("WARNING")  # otherwise every burst is a line of the log
    dut.rst_ni.value = 0
    Clock(dut.clk_i, PERIOD_NS, "ns").start()
    await ClockCycles(dut.clk_i, RESET_CYCLES)
    dut.rst_ni.value = 1

    for register, value in (
        (Reg.PROG_ADDR, address),
        (Reg.PROG_LEN, length),
        (Reg.IRQ_ENABLE, registers.IRQ_ENABLE_DONE.bit | registers.IRQ_ENABLE_ERROR.bit),
        (Reg.CTRL, registers.CTRL_START.bit),
    ):
        await host.write_dword(register, value)
    begin, seconds = get_sim_time("ns"), time.process_time()
    await RisingEdge(dut.irq_o)
    seconds = time.process_time() - seconds
    cycles = round((get_sim_time("ns") - begin) / PERIOD_NS)

    done = await host.read_dword(Reg.IRQ_STATUS)
    assert done == registers.IRQ_STATUS_DONE.bit, f"interrupts 0x{done:x}: the program did not end well"
    image.with_suffix(".out").write_bytes(memory[:])
    result = {"cycles": cycles, "seconds": seconds}
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(result), encoding="utf-8")
