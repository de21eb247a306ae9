"""Pages, pictures and files are written whole or not at all, and a failure names the file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.report.charts.style import chart
from sim.report.pages.study import Study
from sim.studies.keeping import folders


def full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("name", "write"), [
    ("page.html", lambda path: Study("run", "Title", "facts", ["claim"], "", (), "", ()).write(path)),
    ("chart.svg", lambda path: chart(100.0).savefig(path)),
    ("chart.png", lambda path: chart(100.0).savefig(str(path))),
    ("my.toml", lambda path: folders.write_whole(path, b"title = 1")),
])
def test_a_full_disk_leaves_the_old_file_and_is_told_by_name(
    name: str, write: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / name
    write(path)
    old = path.read_bytes()
    assert len(old) > 5
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left") as failed:
        write(path)
    assert failed.value.filename == str(path)
    assert path.read_bytes() == old
    assert [each.name for each in path.parent.iterdir()] == [name]
