"""The report prints the command that tells its example run: the same files, changes, seed, months and beliefs."""

from __future__ import annotations

import shlex

import pytest

from sim.report.words.commands import files_and_settings, why_command


@pytest.mark.parametrize(("command", "files", "kept"), [
    ("airace compare a.toml b.toml --runs 200 --out out", ["a.toml", "b.toml"], []),
    ("airace --debug compare a b --seed 3 -q --months=24 --workers 2", ["a", "b"], ["--seed", "3", "--months", "24"]),
    ("airace compare --set a.b=1 --set c.d=2 a 'b $(x).toml' --uncertainty luck --check", ["a", "b $(x).toml"],
     ["--set", "a.b=1", "--set", "c.d=2", "--uncertainty", "luck"]),
    ("airace report out", [], []),
    ("", [], []),
])
def test_what_fixes_a_run_is_kept_and_the_rest_is_left_out(command, files, kept):
    assert files_and_settings(shlex.split(command)) == (files, kept)


def test_the_command_names_the_two_scenarios_and_is_quoted():
    told = why_command(["airace", "compare", "a", "b c.toml", "d", "--seed", "5"], (0, 1), 148)
    assert shlex.split(told) == ["airace", "why", "a", "b c.toml", "--run", "148", "--seed", "5"]
    assert why_command(["airace", "compare", "a"], (0, 1), 3) == ""
    assert why_command([], (0, 1), 3) == ""
