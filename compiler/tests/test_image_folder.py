"""Image folders: tensors lie as the machine's layouts say; what is damaged or does not fit is refused."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from reneta.compiler.errors import ImageError
from reneta.compiler.image import place_programs
from reneta.compiler.image_folder import FILES, ImageFolder
from reneta.compiler.layer_plan import padded_gates
from reneta.compiler.manifest import MANIFEST, EntryPoint, Layer, Manifest, NetworkInfo, Tensor
from reneta.golden.arith import arithmetic
from reneta.golden.asm import listing
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.lists import pack_matrix, pack_sequence


def small(name: str = "bf16_pe4") -> HwConfig:
    """A machine with little memory, whose images are written fast."""
    return load_config(name).model_copy(update={"smem_words": 64, "max_m": 16})


def tensor(hw: HwConfig, **fields: object) -> Tensor:
    """A tensor that takes the words which it needs."""
    made = Tensor.model_validate(
        {"name": "x", "role": "input", "address": 0, "format": "operand", "layout": "vectors", "words": 1}
        | fields
    )
    return made.model_copy(update={"words": made.needed_words(hw)})


def made_image() -> ImageFolder:
    """An image of a few instructions that compute nothing."""
    hw = small()
    x = tensor(hw, shape=(3, 5))
    programs = {"begin": [Instruction(Proc.IDLE)], "sequence": [Instruction(Proc.IDLE, note="wait")] * 7}
    data = np.frombuffer(x.encode(np.arange(15).reshape(3, 5), arithmetic(hw)), np.uint8)
    dram, entries = place_programs(hw, programs.values(), [(0, data)], x.size(hw))
    network = NetworkInfo(
        layers=(Layer(name="rnn", kind="DeltaGru", inputs=5, units=4, theta_x=0.1),),
        labels=("on", "off"),
        features=None,
        steps=3,
        lead=1,
        step_length=2,
        train_steps=0,
    )
    manifest = Manifest(
        hardware=hw,
        network=network,
        tensors=(x,),
        regions=(),
        entries={
            name: EntryPoint(address=entry.address, length=entry.length)
            for name, entry in zip(programs, entries, strict=True)
        },
        dram_bytes=len(dram),
        files={},
    )
    smem, spm = np.zeros(hw.smem_words * hw.word_bytes, np.uint8), np.zeros(2 * hw.max_m * 4, np.uint8)
    return ImageFolder(manifest, dram, smem, spm, listing(programs["sequence"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "image"
    made_image().write(path)
    return path


@pytest.mark.parametrize("config", ["bf16_pe4", "fxp16_pe8"])
@pytest.mark.parametrize(
    ("layout", "shape", "more"),
    [
        ("vectors", (9,), {}),
        ("vectors", (3, 9), {}),
        ("sequence", (3, 9), {}),
        ("matrix", (12, 5), {"gates": 4}),
        ("matrix", (12, 5), {"gates": 4, "parts": 2}),
        ("matrix", (12, 1), {"gates": 3, "parts": 3}),
    ],
)
@pytest.mark.parametrize("form", ["operand", "weight", "result"])
def test_tensors_come_back(
    config: str, layout: str, shape: tuple[int, ...], more: dict[str, int], form: str
) -> None:
    arith = arithmetic(load_config(config))
    t = tensor(arith.config, shape=shape, layout=layout, format=form, **more)
    values = np.random.default_rng(3).integers(-64, 64, shape) / 64
    data = t.encode(values, arith)
    assert len(data) == t.size(arith.config)
    np.testing.assert_array_equal(t.decode(data, arith), values)
    assert t.pack(t.unpack(data, arith), arith) == data


def test_layouts_are_those_of_the_machine() -> None:
    hw = load_config("bf16_pe4")
    arith = arithmetic(hw)
    values = np.random.default_rng(4).standard_normal((12, 5))
    operands = arith.encode(values)
    matrix = tensor(hw, shape=(12, 5), layout="matrix", gates=4)
    assert matrix.encode(values, arith) == pack_matrix(padded_gates(operands, hw, 4), 4).tobytes()
    parts = tensor(hw, shape=(12, 5), layout="matrix", gates=4, parts=2)
    halves = (pack_matrix(padded_gates(half, hw, 2), 4).tobytes() for half in np.split(operands, 2))
    assert parts.encode(values, arith) == b"".join(halves)
    sequence = tensor(hw, shape=(12, 5), layout="sequence")
    assert sequence.encode(values, arith) == pack_sequence(operands.T, 4).tobytes()
    vectors = tensor(hw, shape=(12, 5))
    assert vectors.encode(values, arith) == b"".join(
        pack_sequence(row[:, None], 4).tobytes() for row in operands
    )


def test_a_tensor_of_another_shape_is_refused() -> None:
    arith = arithmetic(load_config("bf16_pe4"))
    t = tensor(arith.config, shape=(3, 9))
    with pytest.raises(ImageError, match="x is 3 x 9, not 9 x 3"):
        t.encode(np.zeros((9, 3)), arith)
    with pytest.raises(ImageError, match="x takes 72 bytes, not 71"):
        t.decode(bytes(71), arith)


def test_a_folder_comes_back(folder: Path) -> None:
    image, wanted = ImageFolder.load(folder, small()), made_image()
    assert {file.name for file in folder.iterdir()} == FILES | {MANIFEST}
    assert image.manifest.model_copy(update={"files": {}}) == wanted.manifest
    np.testing.assert_array_equal(image.dram, wanted.dram)
    assert image.listing == wanted.listing
    assert image.sequence(2) == (image.entry("sequence").address, 5)
    for steps in (0, 4):
        with pytest.raises(ImageError, match="1 to 3"):
            image.sequence(steps)


def test_memories_as_text(folder: Path) -> None:
    """Lane 0 is at the low end of a word's digits."""
    lines = (folder / "dram.hex").read_text().split()
    assert len(lines) * 8 == len(made_image().dram)
    assert lines[0] == "404040003f800000"
    coe = (folder / "dram.coe").read_text()
    assert coe.startswith(
        "memory_initialization_radix=16;\nmemory_initialization_vector=\n404040003f800000,\n"
    )
    assert coe.endswith(lines[-1] + ";\n")
    assert (folder / "spm.hex").read_text() == "00000000\n" * 32


def test_the_same_image_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    made_image().write(tmp_path / "again")
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_another_folder_is_not_overwritten(tmp_path: Path, folder: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(ImageError, match="is no image folder"):
        made_image().write(mine)
    assert (mine / "thesis.txt").is_file()
    made_image().write(folder)
    ImageFolder.load(folder)


def test_another_machine_is_named(folder: Path) -> None:
    with pytest.raises(ImageError, match=r"bf16_pe4 \(max_m 16\), the machine is bf16_pe4 \(max_m 256\)"):
        ImageFolder.load(folder, load_config("bf16_pe4"))


def test_a_newer_version_is_named(folder: Path) -> None:
    file = folder / MANIFEST
    file.write_text(file.read_text().replace("version: 1\n", "version: 2\n"))
    with pytest.raises(ImageError, match="newer format version 2, this program reads 1"):
        ImageFolder.load(folder)


@pytest.mark.parametrize("name", sorted(FILES | {MANIFEST}))
def test_damage_is_found(folder: Path, name: str) -> None:
    """Every file: missing, cut off, with any one bit changed."""
    file, rng = folder / name, np.random.default_rng(len(name))
    content = file.read_bytes()
    ImageFolder.load(folder)
    for cut in (0, 1, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:cut])
        with pytest.raises(ImageError, match=name):
            ImageFolder.load(folder)
    for position in rng.integers(0, len(content) * 8, 60):
        damaged = bytearray(content)
        damaged[position // 8] ^= 1 << position % 8
        file.write_bytes(damaged)
        with pytest.raises(ImageError, match=name):
            ImageFolder.load(folder)
    file.unlink()
    with pytest.raises(ImageError, match=name):
        ImageFolder.load(folder)
    shutil.rmtree(folder)
    with pytest.raises(ImageError, match="No such file"):
        ImageFolder.load(folder)


def forged(folder: Path, old: str, new: str) -> None:
    """A manifest with another text, and a checksum that fits it."""
    text = (folder / MANIFEST).read_text()
    assert old in text
    body = text.rpartition("checksum: ")[0].replace(old, new, 1)
    (folder / MANIFEST).write_text(f"{body}checksum: {sha256(body.encode()).hexdigest()}\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("steps: 3", "steps: 4", "a sequence of 4 steps cannot have 7 instructions"),
        ("steps: 3", "steps: three", "network.steps: Input should be a valid integer"),
        ("steps: 3", "steps: 2026-11-26", "values that no manifest has"),
        ("steps: 3", "steps: 3\n  further: 1", "network.further: Extra inputs are not permitted"),
        ("  lead: 1\n", "", "network.lead: Field required"),
        ("\n  words: 6", "\n  words: 5", "x: 5 words are not what its shape takes"),
        ("address: 0", "address: 64", "x and program begin stand one over the other"),
        ("address: 0", "address: 4", "x: 0x4 is no word's address"),
        ("dram_bytes: 4096", "dram_bytes: 500", "behind the 0x1f4 bytes of DRAM"),
        ("dram_bytes: 4096", "dram_bytes: 8192", "4096 bytes, the memory has 8192"),
        ("num_pe: 4", "num_pe: 5", "num_pe is 5; it must be a power of two"),
        ("smem.bin", "../smem.bin", "does not list the files"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(folder: Path, old: str, new: str, says: str) -> None:
    forged(folder, old, new)
    with pytest.raises(ImageError) as error:
        ImageFolder.load(folder)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
