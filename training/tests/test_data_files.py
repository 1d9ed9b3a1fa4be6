"""Files and folders are there as a whole or not at all; work is spread over processes in order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reneta.training.data.files import replaced_file, replaced_folder
from reneta.training.data.parallel import map_jobs
from reneta.training.errors import TrainingError


def test_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    for text in ("first", "second"):
        with replaced_file(path) as part:
            part.write_text(text)
        assert path.read_text() == text

    def fail() -> None:
        with replaced_file(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_folder_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder"
    for name in ("first", "second"):
        with replaced_folder(path) as part:
            (part / name).touch()
        assert [item.name for item in path.iterdir()] == [name]

    def fail() -> None:
        with replaced_folder(path) as part:
            (part / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [item.name for item in path.iterdir()] == ["second"]
    assert list(path.parent.iterdir()) == [path]
    plain = tmp_path / "plain"
    plain.mkdir()
    assert path.stat().st_mode == plain.stat().st_mode


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for replaced in (replaced_file, replaced_folder):
        with (
            pytest.raises(TrainingError, match=r"cannot write .*file/within: "),
            replaced(tmp_path / "file" / "within"),
        ):
            pass


def test_results_are_in_order() -> None:
    assert list(map_jobs(str, range(5), 1, "test")) == ["0", "1", "2", "3", "4"]


def test_killed_worker() -> None:
    with pytest.raises(TrainingError, match="a worker process was killed"):
        list(map_jobs(os._exit, [9, 9, 9], 2, "test"))
