"""Names for what stands in SMEM and in the accumulators, of the plans that put it there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from reneta.compiler.layer_plan import LayerPlan
from reneta.compiler.lstm_plan import BackPlan
from reneta.compiler.manifest import Region
from reneta.compiler.parts import Smem
from reneta.golden.layers import GATES

During = Literal["inference", "training"]

_VECTORS = {
    "state": "x̂, ĥ",
    "ones": "1",
    "h": "h",
    "ifo": "i, f, o",
    "g": "g",
    "c": "c",
    "tc": "tanh(c)",
    "rz": "r, z",
    "n": "n",
    "m_nx": "M_nx",
    "m_nh": "M_nh",
}
_BACKWARD = {
    "dl": "dL/dh",
    "s": "y, dcf, dh, gh, dĥ, dx̂",
    "r": "R",
    "v": "v",
    "dc": "dc",
    "dm": "dM",
    "dx": "dx",
}


def smem_regions(
    during: During,
    smem: Smem,
    plans: Sequence[tuple[str, LayerPlan]],
    backs: Sequence[tuple[str, BackPlan]] = (),
    more: Sequence[tuple[str, int]] = (),
) -> tuple[Region, ...]:
    """All that was taken of SMEM.

    Args:
        during: which programs use it.
        smem: of which it was taken.
        plans: the layers by their names.
        backs: their backward passes.
        more: names and addresses of what belongs to no delta layer.
    """
    names: dict[int, str] = {}
    for layer, plan in plans:
        lists = zip(
            ("indices of Δx", "values of Δx", "indices of Δh", "values of Δh"),
            (*plan.lists[0], *plan.lists[1]),
            strict=True,
        )
        found = [(plan.x.addr, "x"), *((addr, what) for what, addr in lists)]
        found += [(getattr(plan, key), what) for key, what in _VECTORS.items() if hasattr(plan, key)]
        for addr, what in found:
            # The input of a layer is the h of the one below.
            names.setdefault(addr, f"{layer}: {what}")
    for layer, back in reversed(backs):
        for key, what in _BACKWARD.items():
            names.setdefault(getattr(back, key), f"{layer}: {what}")
    names |= {addr: what for what, addr in more}
    return tuple(
        Region(memory="smem", name=names[addr], address=addr, words=words, during=during)
        for addr, words in sorted(smem.taken.items())
    )


def accumulator_regions(
    during: During, plans: Sequence[tuple[str, LayerPlan]], more: Sequence[tuple[str, int, int]] = ()
) -> tuple[Region, ...]:
    """Accumulators of the layers, and more: names, first words and numbers of words."""
    found = []
    for layer, plan in plans:
        found.append((f"{layer}: M", plan.base, GATES * plan.groups))
        found.append((f"{layer}: sums", plan.scratch, plan.groups))
    return tuple(
        Region(memory="accumulators", name=name, address=first, words=words, during=during)
        for name, first, words in [*found, *more]
    )
