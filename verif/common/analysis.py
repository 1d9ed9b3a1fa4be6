"""Subscribers with any number of inputs, and the base of predictors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyuvm import uvm_analysis_export, uvm_analysis_port, uvm_component, uvm_factory, uvm_subscriber


class AnalysisImp(uvm_analysis_export):
    """An analysis export that hands each transaction to a function."""

    def __init__(self, name: str, parent: uvm_component, function: Callable[[Any], None]) -> None:
        """Args: name, owner, and the function that takes the transactions."""
        super().__init__(name, parent)
        self._function = function

    def write(self, transaction: Any) -> None:
        """Take a transaction."""
        self._function(transaction)


class Predictor(uvm_subscriber):
    """Turns what goes into the design into what must come out, with the golden model.

    Subclasses define `write` (and further `AnalysisImp` inputs where there are several) and put each expected
    transaction on `ap` in the order in which the design must give them.
    """

    def build_phase(self) -> None:
        """Make the output."""
        self.ap = uvm_analysis_port("ap", self)

    @property
    def pending(self) -> int:
        """Results that the design owes but that `ap` has not announced yet; the drain waits for them."""
        return 0

    def reset(self) -> None:
        """Forget all state, as the design does in a reset."""


def spoil(model: type[Predictor], fault: type[Predictor]) -> None:
    """For a negative test: put a wrong predictor in; `fault` overrides a method of the model's base class."""
    uvm_factory().set_type_override_by_type(model, type(f"Spoilt{model.__name__}", (fault, model), {}))
