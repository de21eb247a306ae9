"""Compiled rules are kept, never stale, and nothing about keeping them can stop a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from numba.core.errors import NumbaWarning

from sim.model.cache import _Reduced

ROOT = Path(__file__).parents[2]
ONE_ENTRY = """
import warnings
import numpy as np
from sim.model import luck
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = luck.normal_quantiles(np.array([0.1, 0.3, 0.999]))
hits = sum(luck._normal_quantiles.stats.cache_hits.values())
print(found.tobytes().hex(), hits, len([each for each in caught if each.category.__name__ == "NotKept"]))
"""


def one_entry(cache: Path | str, root: Path = ROOT) -> tuple[str, int, int]:
    """What a small entry gives, how often it was found compiled, how often it was said that it cannot be kept."""
    environment = {**os.environ, "PYTHONPATH": str(root), "AIRACE_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", ONE_ENTRY]
    told = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True)
    found, hits, warned = told.stdout.split()
    return found, int(hits), int(warned)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a compiled entry, and what it gave."""
    folder = tmp_path_factory.mktemp("cache")
    found, hits, warned = one_entry(folder)
    assert (hits, warned) == (0, 0)
    return folder, found


@pytest.mark.slow
def test_rules_are_compiled_once_and_found_again(kept: tuple[Path, str]) -> None:
    assert one_entry(kept[0]) == (kept[1], 1, 0)


@pytest.mark.slow
def test_an_edit_in_another_file_than_the_entrys_is_seen(kept: tuple[Path, str], tmp_path: Path) -> None:
    for part in ("sim", "scenarios"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    rules = tmp_path / "sim" / "model" / "elementary.py"
    text = rules.read_text(encoding="utf-8")
    assert "        return q * (top / bottom)\n" in text
    rules.write_text(text.replace("        return q * (top", "        return 2.0 * q * (top"), encoding="utf-8")
    found, hits, _ = one_entry(kept[0], tmp_path)
    assert hits == 0
    assert found != kept[1]


@pytest.mark.slow
def test_a_damaged_cache_is_made_anew(kept: tuple[Path, str], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(kept[0], cache)
    for path in cache.rglob("*.nb*"):
        path.write_bytes(b"not a pickle" if path.suffix == ".nbc" else path.read_bytes()[:40])
    assert one_entry(cache) == (kept[1], 0, 0)
    assert one_entry(cache) == (kept[1], 1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["a file", "/proc/nowhere"])
def test_where_nothing_can_be_kept_it_is_said_once_and_runs_go_on(
    where: str, kept: tuple[Path, str], tmp_path: Path
) -> None:
    if where == "a file":
        where = str(tmp_path / "file")
        Path(where).write_text("", encoding="utf-8")
    assert one_entry(where) == (kept[1], 0, 1)


def test_a_function_that_numba_cannot_keep_is_named_and_goes_on() -> None:
    """As with NUMBA_OPT=0 in the environment, under which the long entry holds addresses of this process."""
    compiled = SimpleNamespace(lifted=(), library=SimpleNamespace(has_dynamic_globals=True),
                               fndesc=SimpleNamespace(qualname="sim.model.luck.draw"))
    with pytest.warns(NumbaWarning, match='Cannot cache compiled function "draw"'):
        assert not _Reduced(test_a_function_that_numba_cannot_keep_is_named_and_goes_on).check_cachable(compiled)
