"""Deliberate faults: the list of a module, and the copy of the design that one of them is put into.

mutations.yaml is a list of

    - name: overflow             # unique
      file: dtv1_fifo.sv         # in rtl/
      find: "assign ready_o = …" # text that stands exactly once in the file
      replace: "…"
      why: a word is accepted while the FIFO is full
      tests: [FillDrainTest]     # that are run (default: all)
      formats: [bf16]            # of configurations in which the fault can show (default: both)
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reneta.scripts.sources import GENERATED
from reneta.verif.common.testplan import BOTH, Format, Testplan


class MutationError(Exception):
    """A list of faults, or a fault, that cannot be used; one line."""


class Mutation(BaseModel):
    """One fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    file: str
    find: str = Field(min_length=1)
    replace: str
    why: str
    tests: tuple[str, ...] | None = None
    formats: tuple[Format, ...] = BOTH


def load_mutations(folder: Path, plan: Testplan) -> list[Mutation]:
    """Read and check the list of an environment's folder.

    Raises:
        MutationError: the file is missing or malformed, or names tests that the plan does not have.
    """
    file = folder / "mutations.yaml"
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        mutations = TypeAdapter(list[Mutation]).validate_python(data)
    except OSError:
        raise MutationError(f"{file}: no such file") from None
    except yaml.YAMLError as error:
        raise MutationError(f"{file}: not a YAML file: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise MutationError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    twice = [name for name, count in Counter(m.name for m in mutations).items() if count > 1]
    if twice:
        raise MutationError(f"{file}: {', '.join(twice)} is listed twice")
    known = {test.name for test in plan.tests}
    for mutation in mutations:
        unknown = sorted(set(mutation.tests or ()) - known)
        if unknown:
            raise MutationError(f"{file}: {mutation.name} names the unknown test {', '.join(unknown)}")
        if Path(mutation.file).stem in GENERATED:
            raise MutationError(f"{file}: {mutation.name} is in {mutation.file}, which is generated")
    return mutations


def mutated(text: str, mutation: Mutation) -> str:
    """The text with the fault.

    Raises:
        MutationError: what is to be replaced does not stand in the text exactly once.
    """
    count = text.count(mutation.find)
    if count != 1:
        raise MutationError(f"{mutation.name}: 'find' stands {count} times in {mutation.file}, not once")
    return text.replace(mutation.find, mutation.replace)


def write_mutant(mutation: Mutation, rtl_dir: Path, copy: Path) -> Path:
    """Copy the design to `copy` (emptied first) and put the fault into the copy.

    Raises:
        MutationError: see `mutated`; or the file does not exist.
    """
    source = rtl_dir / mutation.file
    if not source.is_file():
        raise MutationError(f"{mutation.name}: there is no {source}")
    text = mutated(source.read_text(encoding="utf-8"), mutation)
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for file in rtl_dir.glob("*.sv*"):
        shutil.copy(file, copy)
    (copy / mutation.file).write_text(text, encoding="utf-8")
    return copy
