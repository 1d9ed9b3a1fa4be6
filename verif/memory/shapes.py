"""For testbenches with several shapes of a design behind one set of ports; `sel_i` chooses the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from reneta.verif.common.base_env import EnvCfg
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng


@dataclass
class ShapeCfg(EnvCfg):
    """Adds the shape in use; subclasses list them."""

    # As the testbench numbers them.
    shapes: ClassVar[Sequence[Any]]
    shape: Any = None

    def select(self, index: int) -> None:
        """Use the shape with this index; an `env.reset` must follow."""
        self.shape = self.shapes[index]
        self.dut.sel_i.value = index


class ShapeTest(BaseTest):
    """Runs `traffic` for every shape, each from a reset."""

    cfg: ShapeCfg

    def configure(self) -> None:
        """Begin with the first shape."""
        self.random = rng("traffic")
        self.cfg.select(0)

    def use(self, index: int) -> None:
        """Switch to another shape; a reset must follow."""
        self.cfg.select(index)

    async def body(self) -> None:
        """One shape after another."""
        for index in range(len(self.cfg.shapes)):
            self.use(index)
            await self.env.reset()
            await self.traffic()
            await self.env.drain()

    async def traffic(self) -> None:
        """What happens to one shape."""
        raise NotImplementedError
