"""The hardware configuration: one YAML file is the single source of every parameter of the machine.

`HwConfig` holds what the file says and all that follows from it (widths, latencies, depths). The
SystemVerilog package is generated from it (`scripts/gen_pkg.py`), and the golden model, the environments and
the tools read it, so no number is written twice.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

REPO = Path(__file__).resolve().parents[1]
CONFIG_DIR = REPO / "configs"
DEFAULT_CONFIG = CONFIG_DIR / "bf16_pe16.yaml"


class ConfigError(Exception):
    """A configuration file that cannot be used; the message is one line that names the file and the fix."""


def clog2(value: int) -> int:
    """Bits needed to count `value` different things: SystemVerilog's $clog2, for value >= 1."""
    return (value - 1).bit_length()


def is_pow2(value: int) -> bool:
    """Whether `value` is a power of two."""
    return value > 0 and value & (value - 1) == 0


class HwConfig(BaseModel):
    """Parameters of one build of the machine. Field descriptions appear in the generated package."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the configuration, as its file")
    format: Literal["bf16", "fxp16"] = Field(description="Arithmetic of the PE array")
    num_pe: int = Field(ge=2, le=64, description="Processing elements: lanes of a word")
    max_n: int = Field(ge=1, le=1024, description="Largest layer size; a matrix has up to 4*MAX_N rows")
    max_m: int = Field(ge=1, le=4096, description="Largest number of time steps of a sequence")
    acc_words: int = Field(ge=1, description="Words of NUM_PE accumulators in the compute core")
    smem_words: int = Field(
        default=8192, ge=4, le=1 << 16, description="Words of the shared memory, both banks together"
    )
    dram_ahead: int = Field(
        default=64, ge=1, le=1024, description="DRAM read commands that may run ahead of their data"
    )
    fxp_act_frac: int = Field(
        default=8, ge=0, le=14, description="fxp16: fraction bits of activations; 1.0 has to be one"
    )
    fxp_weight_frac: int = Field(default=14, ge=0, le=15, description="fxp16: fraction bits of weights")

    @model_validator(mode="after")
    def _possible(self) -> HwConfig:
        if not is_pow2(self.num_pe):
            raise ValueError(f"num_pe is {self.num_pe}; it must be a power of two from 2 to 64")
        if self.max_n % self.num_pe:
            raise ValueError(f"max_n is {self.max_n}; it must be a multiple of num_pe ({self.num_pe})")
        if not is_pow2(self.acc_words):
            raise ValueError(f"acc_words is {self.acc_words}; it must be a power of two")
        if self.acc_words < self.max_groups:
            raise ValueError(
                f"acc_words is {self.acc_words}; one column of 4*max_n rows needs at least {self.max_groups}"
            )
        if not is_pow2(self.smem_words):
            raise ValueError(f"smem_words is {self.smem_words}; it must be a power of two")
        if self.desc_w > 32:
            raise ValueError(f"a list descriptor needs {self.desc_w} bits, not 32: make smem_words smaller")
        return self

    @property
    def is_fp(self) -> bool:
        """True for the bf16 build, False for the fxp16 build."""
        return self.format == "bf16"

    @property
    def data_w(self) -> int:
        """Width of a memory element in bits."""
        return 16

    @property
    def word_bytes(self) -> int:
        """Bytes of a word in DRAM."""
        return self.num_pe * self.data_w // 8

    @property
    def lane_w(self) -> int:
        """Width of a lane index."""
        return clog2(self.num_pe)

    @property
    def max_groups(self) -> int:
        """Row groups (words of NUM_PE lanes) of the tallest matrix column: four gates of MAX_N units."""
        return 4 * self.max_n // self.num_pe

    @property
    def cnt_w(self) -> int:
        """Width of a loop counter's upper bound (count - 1)."""
        return clog2(max(self.max_groups, self.max_n, self.max_m, 2))

    @property
    def idx_w(self) -> int:
        """Width of a list index, 0 .. MAX_N-1."""
        return clog2(max(self.max_n, 2))

    @property
    def nzc_w(self) -> int:
        """Width of a list count, which holds MAX_N itself."""
        return self.max_n.bit_length()

    @property
    def smem_addr_w(self) -> int:
        """Width of a shared memory word address; its top bit is the bank."""
        return clog2(self.smem_words)

    @property
    def step_w(self) -> int:
        """Width of a time step's number."""
        return clog2(max(self.max_m, 2))

    @property
    def desc_w(self) -> int:
        """Width of a list descriptor: head word, head lane, count."""
        return self.smem_addr_w + self.lane_w + self.nzc_w

    @property
    def acc_addr_w(self) -> int:
        """Width of an accumulator address."""
        return clog2(max(self.acc_words, 2))

    @property
    def fp_mul_lat(self) -> int:
        """Pipeline stages of dtv1_fp_mul."""
        return 2

    @property
    def fp_add_lat(self) -> int:
        """Pipeline stages of dtv1_fp_add: the shortest distance of two additions to one accumulator."""
        return 4

    @property
    def fxp_mul_lat(self) -> int:
        """Pipeline stages of the fxp16 multiplier."""
        return 2

    @property
    def fxp_add_lat(self) -> int:
        """Pipeline stages of the fxp16 accumulator."""
        return 1

    @property
    def act_lat(self) -> int:
        """Pipeline stages of dtv1_act_fp and dtv1_act_fxp."""
        return 4

    @property
    def fxp_acc_w(self) -> int:
        """fxp16 accumulator width: no sum of 4*MAX_N (or MAX_M) products and one addend overflows."""
        return 32 + clog2(max(4 * self.max_n, self.max_m)) + 1

    @property
    def mul_lat(self) -> int:
        """Multiplier stages of this build."""
        return self.fp_mul_lat if self.is_fp else self.fxp_mul_lat

    @property
    def add_lat(self) -> int:
        """Adder stages of this build."""
        return self.fp_add_lat if self.is_fp else self.fxp_add_lat

    @property
    def acc_w(self) -> int:
        """Width of an accumulator lane of this build."""
        return 32 if self.is_fp else self.fxp_acc_w

    @property
    def res_w(self) -> int:
        """Width of a result (and addend) lane: float32 in the bf16 build, 16 bits in the fxp16 build."""
        return 32 if self.is_fp else 16

    @property
    def fp_cas_lat(self) -> int:
        """Stages from operand to sum in dtv1_macc_fp's cascade: multiplier, lane tree, group tree."""
        return self.fp_mul_lat + self.fp_add_lat * (self.lane_w + clog2(self.max_groups))

    @property
    def fxp_cas_lat(self) -> int:
        """Stages from operand to sum in dtv1_macc_fxp's cascade: multiplier, lane tree, accumulator."""
        return self.fxp_mul_lat + self.lane_w + self.fxp_add_lat

    @property
    def cas_lat(self) -> int:
        """Cascade stages of this build."""
        return self.fp_cas_lat if self.is_fp else self.fxp_cas_lat

    @property
    def seq_w(self) -> int:
        """Width of an instruction's number where units count them: more than may be under way."""
        return 8

    @property
    def res_depth(self) -> int:
        """Results that may be in flight or waiting: covers the longest pipeline, so it never throttles."""
        return 1 << clog2(self.cas_lat + 8)

    def digest(self) -> str:
        """Short hash of all parameters but the name: equal hardware has an equal digest."""
        fields = self.model_dump(exclude={"name"})
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]


def one_line(error: ValidationError) -> str:
    """The first complaint of pydantic as one line that starts with the field's name."""
    first: dict[str, Any] = dict(error.errors()[0])
    where = ".".join(str(part) for part in first["loc"])
    text = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {text} (got {first['input']!r})" if where else text


def load_config(path: str | Path) -> HwConfig:
    """Read and check a configuration file.

    A bare name such as `bf16_pe4` means `configs/bf16_pe4.yaml`.

    Raises:
        ConfigError: the file is missing, is not YAML, or describes impossible hardware.
    """
    file = Path(path)
    if file.suffix == "" and not file.is_file():
        file = CONFIG_DIR / f"{path}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(f"configs/{p.name}" for p in CONFIG_DIR.glob("*.yaml")))
        raise ConfigError(f"{path}: no such configuration; shipped ones: {known}")
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a mapping of parameters, such as 'num_pe: 16'")
    try:
        return HwConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{path}: {one_line(error)}") from None


def shipped_configs() -> list[Path]:
    """All configuration files in configs/, by name."""
    return sorted(CONFIG_DIR.glob("*.yaml"))
