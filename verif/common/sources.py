"""Which files a module's simulation under cocotb is built from."""

from __future__ import annotations

from pathlib import Path

from reneta.golden.config import HwConfig
from reneta.scripts.sources import BUILD, LINT_WAIVERS, RTL, VERIF, SourceSet, design_files, locked


def _ports_public(top: str, folder: Path) -> Path:
    """Verilator's control file that lets cocotb see the ports of the top, and nothing else."""
    file = folder / f"ports_{top}.vlt"
    text = f'`verilator_config\npublic_flat_rw -module "{top}" -port "*"\n'
    with locked(folder):
        if not file.exists():
            file.write_text(text, encoding="utf-8")
    return file


def collect(module: str, config: HwConfig, rtl_dir: Path = RTL, verif_dir: Path = VERIF) -> SourceSet:
    """Sources of a module's simulation: control files, package, the modules it needs, top last.

    Args:
        module: name of the module.
        config: configuration that the generated files are made for.
        rtl_dir: folder of the design; the mutation check gives a copy.
        verif_dir: folder of the environments.
    """
    folder = verif_dir / module
    wrapper = folder / f"tb_{module}.sv"
    top, top_file = ("tb", wrapper) if wrapper.is_file() else (module, rtl_dir / f"{module}.sv")
    controls = (LINT_WAIVERS, _ports_public(top, BUILD / "gen"), folder / "public.vlt")
    files = [file for file in controls if file.is_file()]
    design = design_files(top_file, top, config, rtl_dir)
    return SourceSet(top, (*files, *design), tuple(sorted(rtl_dir.glob("*.svh"))))
