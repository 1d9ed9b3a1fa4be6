"""The whole chip as a shared library with a DRAM and a register port, without VPI (docs/fast_sim.md)."""

from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.fast_sim.build import Library, build_library
from reneta.sw_driver.fast_sim.simulation import FastSim, NoInterruptError, RegisterError, SimulationError
from reneta.sw_driver.fast_sim.timing import MemoryTiming, Resp

__all__ = [
    "BuildError",
    "FastSim",
    "Library",
    "MemoryTiming",
    "NoInterruptError",
    "RegisterError",
    "Resp",
    "SimulationError",
    "build_library",
]
