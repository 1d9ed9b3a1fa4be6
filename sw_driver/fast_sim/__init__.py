"""The whole chip as a shared library with a DRAM and a register port, called without VPI (docs/fast_sim.md)."""

from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.fast_sim.build import Library, build_library
from reneta.sw_driver.fast_sim.simulation import FastSim, RegisterError, SimulationError, TimeoutExceeded
from reneta.sw_driver.fast_sim.timing import MemoryTiming, Resp

__all__ = [
    "BuildError",
    "FastSim",
    "Library",
    "MemoryTiming",
    "RegisterError",
    "Resp",
    "SimulationError",
    "TimeoutExceeded",
    "build_library",
]
