"""What a command suggests can be pasted into a shell, whatever the files are called."""

from __future__ import annotations

import re
import shlex

import pytest

from sim.common.shell import command_line

NAMES = ("mine one.toml", "$(touch x).toml", "it's \"q\".toml", "-dash.toml", "`id`;&.toml", "#2 50% & co.toml")


def suggested(stderr: str) -> list[list[str]]:
    """The words of each command after "next:"."""
    _, _, after = stderr.partition("next: ")
    return [shlex.split(line) for line in after.splitlines() if line.strip()]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_suggested_commands_come_back_from_a_shell_as_the_words_that_were_meant(airace, folder, name):
    given = f"./{name}" if name.startswith("-") else name
    made = airace("new", given)
    assert made.exit_code == 0, made.stderr
    assert suggested(made.stderr) == [["airace", "validate", given], ["airace", "compare", "baseline", given]]
    for command in suggested(made.stderr)[:1]:
        assert airace(*command[1:]).exit_code == 0
    different = airace("diff", "strict.toml", given)
    assert suggested(different.stderr) == [["airace", "compare", "strict.toml", given]]
    told = airace("compare", given).stderr
    found = re.search("or more; (airace run .*) shows one", told)
    assert found is not None
    assert shlex.split(found[1]) == ["airace", "run", given]
    assert {path.name for path in folder.glob("*.toml")} == {name, "short.toml", "strict.toml", "wrong.toml"}


@pytest.mark.parametrize("name", ["mon étude", "$(id)", "-study"])
def test_a_folder_to_go_on_with_is_named_as_a_shell_takes_it(airace, folder, name):
    for design, runs in (("a.toml", 1), ("b.toml", 2)):
        (folder / design).write_text(f'base = "short.toml"\nruns = {runs}\nmonths = 1\n'
                                     '[axes]\n"regulation.strictness" = [0.1]\n')
    out = f"--out=./{name}"
    assert airace("sweep", "a.toml", out, "--workers", "1").exit_code == 0
    refused = airace("sweep", "b.toml", out, "--workers", "1")
    assert refused.exit_code == 4
    found = re.search("(airace resume .*)", refused.stderr)
    assert found is not None
    words = shlex.split(found[1])
    assert words == ["airace", "resume", f"./{name}" if name.startswith("-") else name]
    assert airace(*words[1:], "--workers", "1").exit_code == 0


def test_options_are_left_as_they_are_and_odd_values_are_quoted():
    assert command_line("airace", "run", "a b", "--set", "x=$HOME") == "airace run 'a b' --set 'x=$HOME'"


def test_a_run_is_not_saved_into_a_folder_that_looks_like_a_file(airace, folder):
    refused = airace("run", "short.toml", "--out", "story.txt")
    assert refused.exit_code == 2
    assert ".html, .svg, .png, .pdf" in refused.stderr
    assert not (folder / "story.txt").exists()


@pytest.mark.parametrize("command", [
    ("why", "short.toml", "strict.toml", "--outcome", "hostilty"),
    ("sensitivity", "short.toml", "--outcome", "hostilty"),
])
def test_an_unknown_outcome_is_refused_with_the_nearest_and_with_where_they_are_listed(airace, command):
    done = airace(*command)
    assert done.exit_code == 2
    assert "did you mean hostility?" in done.stderr
    assert "airace list outcomes" in done.stderr


def test_an_unknown_kind_of_event_points_to_their_list(airace, folder):
    (folder / "event.toml").write_text('title = "A"\n[[event]]\ndate = "2027-01"\nkind = "wolrd_war"\nseverity = 0.5\n')
    assert "airace list events" in airace("validate", "event.toml").stderr


@pytest.mark.parametrize(("what", "name"), [("scenarios", "baseline"), ("outcomes", "us_china_lag_months"),
                                            ("events", "new_law"), ("designs", "everything"),
                                            ("levers", "regulation.strictness"), ("channels", "capital.bust")])
def test_what_can_be_named_is_listed_a_line_each(airace, what, name):
    done = airace("list", what)
    assert [line for line in done.stdout.splitlines() if line.startswith(f"{name} ")]
    assert airace("list", what, "--format", "csv").stdout.count("\n") >= len(done.stdout.splitlines())
    assert airace("list", "wolves").exit_code == 2
