"""`--rules FILE.py --trust-code`: rules of a user's own, from a file."""

from __future__ import annotations

import hashlib
import json

import pytest

import sim
from sim.cli.own_rules import without_its_folder
from sim.engine import rules_file
from sim.engine.live import STAGES
from sim.engine.rules_file import RulesFile
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.sweep import Sweep

LEVY = """
import numpy as np
from sim.engine.live import STAGES

def levy(world, luck):
    {first}
    world.pay("levy", np.where(world.labs.active, 0.1, 0.0))

stages = (*STAGES, levy)
"""
HEAD = "from sim.engine.live import STAGES, market\ndef levy(world, luck): pass\n"
BAD = {
    "no stages": (HEAD, "levy.py defines no rule: it has no `stages`"),
    "the model's own alone": (HEAD + "stages = STAGES", "defines no rule: its `stages` are the model's own"),
    "none of the model's": (HEAD + "stages = [levy]", "hold none of the model's own"),
    "no list": (HEAD + "stages = levy", "stages must be a list of functions"),
    "no function": (HEAD + "stages = [*STAGES, 'levy']", "must be a function of 2 arguments, not 'levy'"),
    "another signature": (HEAD + "def other(world): pass\nstages = [*STAGES, other]", "takes others; a rule takes"),
    "no name": (HEAD + "stages = [*STAGES, lambda world, luck: None]", "a rule needs a name"),
    "one name twice": (HEAD + "one = levy\ndef levy(world, luck): pass\nstages = [*STAGES, one, levy]",
                       "two rules in its `stages` have the name levy"),
    "a name of the model's": (HEAD + "def market(world, luck): pass\nstages = [*STAGES, market]",
                              "two rules in its `stages` have the name market"),
    "no Python": ("def levy(world, luck)\n    pass\n", "levy.py, line 1: this is not Python: expected ':'"),
    "raises": ("x = 1\nx / 0\n", "levy.py, line 2: raised ZeroDivisionError: division by zero while it was loaded"),
    "exits": ("import sys\nsys.exit(3)\n", "levy.py, line 2: raised SystemExit: 3 while it was loaded"),
    "a neighbour": ("import not_beside_it\n", "No module named 'not_beside_it' while it was loaded"),
    "not text": (b"x = '\xff'\n", "levy.py is not text in UTF-8 (byte 5)"),
    "a null": (b"x = '\0'\n", "this is not Python"),
    "empty": ("", "defines no rule"),
    "huge": ("#" * (rules_file.MOST_BYTES + 1), "more than 1,000,000 bytes"),
}


@pytest.fixture
def levy(folder):
    path = folder / "levy.py"
    path.write_text(LEVY.format(first="pass"))
    return path


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_rules_is_refused_in_words_before_anything_runs(airace, folder, name):
    content, told = BAD[name]
    (folder / "levy.py").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = airace("compare", "short.toml", "strict.toml", "--runs", 2, "--rules", "levy.py", "--trust-code")
    assert done.exit_code == 2, done.output
    said = " ".join(done.stderr.split())
    assert told in said
    assert "Traceback" not in said
    assert not (folder / "out").exists()


@pytest.mark.parametrize(("name", "told"), [
    ("nowhere.py", "nowhere.py cannot be read: No such file"), (".", "is a folder"),
    ("short.toml", "has a plain name that ends in .py")])
def test_what_is_no_python_file_is_refused(airace, folder, name, told):  # noqa: ARG001
    done = airace("run", "short.toml", "--rules", name, "--trust-code")
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())


@pytest.mark.parametrize("command", [("run", "short.toml"), ("compare", "short.toml", "strict.toml"),
                                     ("sweep", "explorer"), ("reproduce", "out"), ("resume", "swept")])
def test_no_line_of_a_file_is_run_without_trust_and_trust_without_a_file_is_refused(airace, folder, command):
    (folder / "out").mkdir()
    (folder / "small.toml").write_text(
        'title = "Small"\nbase = "short.toml"\nruns = 1\nmonths = 1\n[axes]\n"regulation.strictness" = [0.0, 1.0]\n')
    if command[0] == "reproduce":
        sim.simulate(sim.Scenario.load("short.toml"), runs=1, months=1).save("out")
    Sweep.begin("swept", Design.load("small.toml"))
    (folder / "spy.py").write_text("open('ran', 'w').close()\n")
    done = airace(*command, "--rules", "spy.py")
    assert done.exit_code == 2
    assert "with your rights" in done.stderr
    assert "--trust-code" in done.stderr
    assert not (folder / "ran").exists()
    done = airace(*command, "--trust-code")
    assert done.exit_code == 2
    assert "trusts the code in --rules, and there is none" in " ".join(done.stderr.split())


def test_results_by_a_file_are_those_of_the_same_stages_in_python_on_any_workers(levy):
    base = sim.Scenario.load("short.toml")
    rules = RulesFile.read(levy).load()
    names: dict = {}
    exec(levy.read_text(), names)
    from_file = sim.simulate(base, runs=3, months=2, stages=rules)
    in_python = sim.simulate(base, runs=3, months=2, stages=names["stages"])
    assert from_file.hash() == in_python.hash() != sim.simulate(base, runs=3, months=2).hash()
    shared = sim.simulate(base, runs=3, months=2, stages=rules, workers=2)
    assert shared.hash() == from_file.hash()
    digest = hashlib.sha256(levy.read_bytes()).hexdigest()
    assert shared.departures == (f"rules of one's own: with levy, from levy.py (SHA-256 {digest})",)


def test_what_was_made_by_a_file_says_so_everywhere_and_is_made_again_by_that_file_alone(airace, folder, levy):
    asked = ("compare", "short.toml", "strict.toml", "--runs", 2, "--months", 2, "--rules", levy, "--trust-code")
    done = airace(*asked)
    assert done.exit_code == 0, done.output
    digest = hashlib.sha256(levy.read_bytes()).hexdigest()
    said = f"Not the results of the model alone. They were made with rules of one's own: with levy, from levy.py " \
           f"(SHA-256 {digest})."
    assert said in " ".join(done.stdout.split())
    assert digest in (folder / "out" / "report.html").read_text()
    assert digest in airace("brief", "out").stdout.replace("\n", "")
    assert str(folder) not in (folder / "out" / "manifest.json").read_text()
    assert json.loads(airace(*asked, "--format", "json").stdout)["own_rules"] == said
    # The same folder does not take runs by the model alone, nor by an edited file.
    plain = airace(*asked[:-3])
    assert plain.exit_code == 4
    assert "what departs from the model" in " ".join(plain.stderr.split())
    assert airace("reproduce", "out", "--rules", levy, "--trust-code").exit_code == 0
    missing = airace("reproduce", "out")
    assert missing.exit_code == 2
    assert "--rules levy.py --trust-code" in " ".join(missing.stderr.split())
    levy.write_text("open('ran', 'w').close()\n")
    other = airace("reproduce", "out", "--rules", levy, "--trust-code")
    assert other.exit_code == 2
    assert f"of SHA-256 {digest}" in " ".join(other.stderr.split())
    assert not (folder / "ran").exists(), "an edited file is not run"


def test_a_run_by_a_file_spoils_no_table_names_no_folder_and_is_not_taken_for_the_models(airace, folder, levy):
    levy.write_text(LEVY.format(first="print('said')"))
    asked = ("run", "short.toml", "--rules", levy, "--trust-code", "--format")
    told = airace(*asked, "json", "--out", "story.html")
    assert json.loads(told.stdout)["scenario"] == "Short"
    assert "said" in told.stderr
    page = (folder / "story.html").read_text()
    assert str(folder) not in page
    assert "--rules levy.py --trust-code" in page
    by_file, by_model = airace(*asked, "iamc"), airace("run", "short.toml", "--format", "iamc")
    assert by_file.stdout.splitlines()[1].startswith(f"airace {sim.__version__} with other rules or draws,")
    assert by_model.stdout.splitlines()[1].startswith(f"airace {sim.__version__},")


def test_what_a_rule_raises_is_told_whole_in_one_line(airace, folder, levy):  # noqa: ARG001
    levy.write_text(LEVY.format(first="raise ValueError('Failed in the pipeline\\n no field named cassh')"))
    done = airace("run", "short.toml", "--months", "2", "--rules", levy, "--trust-code")
    assert "rule levy raised ValueError: Failed in the pipeline no field named cassh (levy.py, line 6)" in done.stderr


def test_a_study_of_the_model_alone_takes_no_rules_when_it_is_made_again(airace, folder, levy):  # noqa: ARG001
    sim.simulate(sim.Scenario.load("short.toml"), runs=1, months=1).save("out")
    done = airace("reproduce", "out", "--rules", levy, "--trust-code")
    assert done.exit_code == 2
    assert "leave --rules out" in done.stderr


def test_a_rule_that_raises_costs_its_run_alone_and_is_named_with_month_and_line(folder):
    base, strict = (sim.Scenario.load(name) for name in ("short.toml", "strict.toml"))
    sound, broken = folder / "levy.py", folder / "broken.py"
    sound.write_text(LEVY.format(first="pass"))
    broken.write_text(LEVY.format(first="if world.month == 1 and 2 in world.luck.runs: raise KeyError('lost')"))
    good, bad = (sim.simulate([base, strict], runs=5, months=3, stages=RulesFile.read(path).load())
                 for path in (sound, broken))
    assert [str(failure) for failure in bad.failures] == [
        f"{title}, run 2, month 1: rule levy raised KeyError: 'lost' (broken.py, line 6)"
        for title in ("Short", "Strict")]
    others = [0, 1, 3, 4]
    assert (bad.values[:, others] == good.values[:, others]).all()
    assert (bad.values[:, 2, 0] == good.values[:, 2, 0]).all(), "what was lived before it stays"
    assert not bad.values[:, 2, 1:].any() or (bad.values[:, 2, 1:] != bad.values[:, 2, 1:]).all()
    kept = good.events[~((good.events["run"] == 2) & (good.events["month"] >= 1))].reset_index(drop=True)
    assert bad.events.reset_index(drop=True).equals(kept)
    by_batches = sim.simulate([base, strict], runs=5, months=3, batch=2, stages=RulesFile.read(broken).load())
    assert by_batches.hash() == bad.hash()


def test_a_sweep_by_a_file_goes_on_with_it_alone_and_says_so(airace, folder, levy):
    (folder / "small.toml").write_text(
        'title = "Small"\nbase = "short.toml"\nruns = 2\nmonths = 2\n[axes]\n"regulation.strictness" = [0.0, 1.0]\n')
    done = airace("sweep", "small.toml", "--out", "swept", "--rules", levy, "--trust-code", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "from levy.py" in " ".join(done.stdout.split())
    assert "Not the results of the model alone" in (folder / "swept" / "report.html").read_text()
    whole = (folder / "swept" / "runs.parquet").read_bytes()
    for part in (folder / "swept" / "shards").iterdir():
        part.unlink()
    without = airace("resume", "swept")
    assert without.exit_code == 2
    assert "--rules levy.py --trust-code" in " ".join(without.stderr.split())
    with pytest.raises(Exception, match="which it does not hold"):
        Sweep.open("swept").run()
    assert airace("resume", "swept", "--rules", levy, "--trust-code", "--workers", 1).exit_code == 0
    assert (folder / "swept" / "runs.parquet").read_bytes() == whole
    blind = airace("reproduce", "swept")
    assert blind.exit_code == 2
    assert "--rules levy.py --trust-code" in " ".join(blind.stderr.split())
    again = airace("reproduce", "swept", "--rules", levy, "--trust-code", "--workers", 1)
    assert again.exit_code == 0, again.output
    Sweep.begin("alone", Design.load("small.toml")).run()
    mixed = airace("discover", "swept", "alone", "--outcome", "hostility")
    assert mixed.exit_code == 2
    assert "made by different rules" in " ".join(mixed.stderr.split())
    (folder / "other.toml").write_text((folder / "small.toml").read_text().replace("short.toml", "strict.toml"))
    Sweep.begin("other", Design.load("other.toml"), RulesFile.read(levy).load()).run()
    found = airace("discover", "swept", "other", "--outcome", "hostility")
    assert found.exit_code == 0, found.output
    assert "Not the results of the model alone" in " ".join(found.stdout.split())
    assert "Not the results of the model alone" in (folder / "swept" / "regret.html").read_text()
    plain = airace("sweep", "small.toml", "--out", "swept")
    assert plain.exit_code == 4
    assert "not with the rules of the model alone" in " ".join(plain.stderr.split())


def test_a_manifest_names_the_file_of_rules_without_its_folder():
    command = ["run", "--rules", "/home/me/levy.py", "--trust-code", "--rules=/a/b.py", "x/y.toml"]
    assert without_its_folder(command) == [
        "run", "--rules", "levy.py", "--trust-code", "--rules=b.py", "x/y.toml"]


def test_the_models_own_stages_have_names_of_their_own():
    """So that no file of rules is refused for a name that the model itself has twice."""
    names = [stage.__name__ for stage in STAGES]
    assert len(set(names)) == len(names)
