"""A plot of an image's memory map."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reneta.compiler.errors import ImageError
from reneta.compiler.image_folder import ImageFolder
from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError

_COLOURS = {
    "weight": "#4477aa",
    "input": "#228833",
    "output": "#ccbb44",
    "gradient": "#aa3377",
    "program": "#ee6677",
    "inference": "#66ccee",
    "training": "#aa3377",
}


class Block(NamedTuple):
    """Something that stands in a memory; address and size in bytes (DRAM) or words."""

    name: str
    kind: str
    address: int
    size: int


def dram_blocks(image: ImageFolder) -> list[Block]:
    """Tensors and programs, by address."""
    hw, manifest = image.hw, image.manifest
    found = [Block(one.name, one.role, one.address, one.size(hw)) for one in manifest.tensors]
    found += [
        Block(name, "program", entry.address, entry.end - entry.address)
        for name, entry in manifest.entries.items()
    ]
    return sorted(found, key=lambda block: block.address)


def region_blocks(image: ImageFolder, memory: str, during: str) -> list[Block]:
    """What stands in SMEM or in the accumulators during inference or training."""
    return [
        Block(one.name, one.during, one.address, one.words)
        for one in image.manifest.regions
        if one.memory == memory and one.during == during
    ]


def write_plot(image: ImageFolder, path: Path) -> None:
    """Draw the memory map.

    Args:
        image: of it.
        path: of the file, whose suffix (.svg, .png, .pdf) is its format.

    Raises:
        ImageError: matplotlib is missing, the format is unknown, or the file cannot be written.
    """
    if path.suffix not in (".svg", ".png", ".pdf"):
        raise ImageError(f"{path}: plots are .svg, .png or .pdf")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise ImageError("plots need matplotlib: run make setup") from None

    hw = image.hw
    rows = [("DRAM (bytes)", image.manifest.dram_bytes, dram_blocks(image))]
    for during in ("inference", "training") if image.trains else ("inference",):
        rows.append((f"SMEM, {during} (words)", hw.smem_words, region_blocks(image, "smem", during)))
        blocks = region_blocks(image, "accumulators", during)
        rows.append((f"accumulators, {during} (words)", hw.acc_words, blocks))
    # The same picture gives the same bytes.
    with mpl.rc_context({"svg.hashsalt": "reneta"}):
        figure = Figure(figsize=(12, 1.3 * len(rows) + 0.6), layout="constrained")
        for axes, (title, size, blocks) in zip(
            figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True
        ):
            for block in blocks:
                axes.barh(0, block.size, left=block.address, color=_COLOURS[block.kind], edgecolor="white")
                if block.size > size / 40:
                    middle = block.address + block.size / 2
                    axes.text(middle, 0, block.name, ha="center", va="center", fontsize=7, rotation=20)
            axes.set_xlim(0, size)
            axes.set_yticks([])
            used = sum(block.size for block in blocks)
            axes.set_title(f"{title}: {used} of {size} used, {used / size:.0%}", fontsize=9, loc="left")
        try:
            with replaced_file(path) as part:
                figure.savefig(
                    part, format=path.suffix[1:], metadata={"Date": None} if path.suffix == ".svg" else None
                )
        except TrainingError as error:
            raise ImageError(str(error)) from None
