"""`airace cite`: what CITATION.cff says, in words and as BibTeX, and a study by its version and hash."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.cite import as_bibtex, citation, in_words
from sim.studies.keeping.store import read_manifest

CITATION = Path(sim.__file__).parents[1] / "CITATION.cff"
HEAVY = ("numpy", "pandas", "scipy", "pyarrow", "numba")


def test_airace_is_cited_as_its_citation_file_says_without_loading_what_computes(airace):
    done = airace("cite")
    assert done.exit_code == 0
    text = " ".join(done.stdout.split())
    year = re.search(r'^date-released: "(\d{4})-\d\d-\d\d"$', CITATION.read_text(), re.M)[1]
    assert text.startswith(f"airace contributors ({year}). airace: an agent-based simulation of competition in the "
                           f"AI industry, version {sim.__version__}. Software, MIT license.")
    assert "@software{airace, author = {{airace contributors}}," in text
    assert f"version = {{{sim.__version__}}}, year = {{{year}}}," in text
    asked = "import sys; from sim.cli.commands import app; app(['cite'], standalone_mode=False); " \
            f"assert not set({HEAVY}) & set(sys.modules), sorted(set({HEAVY}) & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_a_version_that_is_not_this_one_is_cited_without_this_ones_year():
    told = citation()
    for cited in (in_words(told, "0.0.9", None), as_bibtex(told, "0.0.9", None)):
        assert "0.0.9" in cited
        assert told["year"] not in cited
    assert told["year"] in as_bibtex(told, told["version"], None)


def test_a_study_is_cited_by_its_version_and_the_hash_of_its_results(airace, folder):  # noqa: ARG001
    assert airace("compare", "short.toml", "strict.toml", "--runs", "2", "--months", "2").exit_code == 0
    manifest = read_manifest("out")
    told = json.loads(airace("cite", "out", "--format", "json").stdout)
    assert told["study"]["hash"] == manifest["results_hash"]
    assert told["study"]["version"] == told["version"] == manifest["versions"]["airace"]
    for form in ("text", "bibtex"):
        assert manifest["results_hash"] in told[form]
        assert "2 runs, seed 0" in told[form]


def test_a_sweep_is_cited_by_the_digest_of_its_design(airace, folder):
    (folder / "small.toml").write_text('title = "A & B_{x}"\nbase = "short.toml"\nruns = 1\nmonths = 1\n[axes]\n'
                                       '"regulation.strictness" = [0.0, 1.0]\n')
    assert airace("sweep", "small.toml", "--out", "swept", "--workers", "1").exit_code == 0
    told = json.loads(airace("cite", "swept", "--format", "json").stdout)
    assert told["study"]["hash"] == json.loads((folder / "swept" / "sweep.json").read_text())["digest"]
    assert r"A \& B\_\{x\}" in told["bibtex"]


def test_bibtex_has_balanced_braces_whatever_a_title_holds():
    study = {"kind": "sweep", "version": "1", "hash": "ab", "seed": 0, "runs": 1, "titles": ["}{%$#_&~^\\"]}
    entry = as_bibtex(citation(), "1", study)
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")


@pytest.mark.parametrize("name", ["nowhere", "short.toml"])
def test_what_is_no_study_is_told_without_a_traceback(airace, folder, name):  # noqa: ARG001
    done = airace("cite", name)
    assert done.exit_code == 4
    assert "Traceback" not in done.stderr
