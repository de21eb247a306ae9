"""How every command behaves: streams, colour, exit codes, bugs, interruptions, closed pipes, start-up."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from sim.cli import commands, exits, signals, validate
from sim.cli.terminal import Terminal
from sim.model.cache import cache_home

ROOT = Path(__file__).parents[2]


def process(
    *arguments: str, code: str = "from sim.cli import main; main()", **environment: str
) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


# ---- help --------------------------------------------------------------------------------------------


def test_help_names_every_command_and_every_exit_code(airace):
    text = airace("--help").stdout
    assert all(re.search(rf"^  {name} ", text, re.M) for name in commands.COMMANDS)
    for code, meaning in exits.EXIT_CODES.items():
        assert re.search(rf"^ +{code}  {re.escape(meaning)}$", text, re.M)


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_each_command_has_help_with_the_common_options(airace, name):
    result = airace(name, "--help")
    assert result.exit_code == 0
    assert all(option in result.stdout for option in ("--quiet", "--debug", "--help"))


# ---- exit codes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["validate"],
        ["run", "baseline", "--seed", "many"],
        ["compare", "baseline"],
        ["run", "baseline", "--run", "-1"],
        ["compare", "baseline", "baseline", "--runs", "0"],
        ["params", "--format", "parquet"],
        ["schema", "--nonsense"],
    ],
)
def test_a_wrong_command_line_exits_2_and_says_why(airace, arguments):
    result = airace(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "rror" in result.stderr


def test_a_bug_is_owned_up_to_and_exits_70(airace, monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("inner detail")

    monkeypatch.setattr(validate, "load_scenario", broken)
    result = airace("validate", "short.toml")
    assert result.exit_code == 70
    assert "bug in airace" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.output
    assert "Traceback" in airace("validate", "short.toml", "--debug").stderr


def test_an_interruption_exits_130_and_says_what_was_kept(airace, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(validate, "load_scenario", interrupted)
    result = airace("validate", "short.toml")
    assert result.exit_code == 130
    assert result.stderr == f"{signals.AGAIN}\n"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 3.2 GiB"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libscipy.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
    ],
)
def test_too_little_memory_is_not_called_a_bug(error):
    code, message = exits.explain(error)
    assert code == exits.USAGE
    assert message.startswith(f"error: memory ran out ({error})")
    assert "--runs" in message


def test_a_killed_worker_is_named_as_that_and_is_no_fault_of_the_command_line():
    code, message = exits.explain(BrokenProcessPool())
    assert code == exits.SOME_RUNS_FAILED
    assert "a worker process was killed" in message


# ---- signals -----------------------------------------------------------------------------------------

WORK = """
from concurrent.futures import wait
from time import sleep
from sim.cli import commands, exits, main
from sim.engine.workers import worker_processes

def work(terminal):
    with worker_processes(2) as pool:
        print(*pool.map(abs, (-1, -2)), flush=True)
        wait([pool.submit(sleep, 600) for _ in range(9)])

commands.app.command("work")(exits.command(work))
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "to_all", "times", "code"),
    [(signal.SIGINT, True, 2, 130), (signal.SIGTERM, False, 1, 143), (signal.SIGHUP, True, 1, 129)],
)
def test_signals_end_a_command_and_its_workers_in_a_sentence(number, to_all, times, code):
    """Work is queued behind busy workers; a terminal sends to all its processes, a batch system to one."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, "work"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1 2\n"
    for _ in range(times):
        (os.killpg if to_all else os.kill)(process.pid, number)
    _, errors = process.communicate(timeout=60)  # returns when no process holds the streams any more
    assert errors == f"{signals.AGAIN}\n"
    assert process.returncode == code


def test_an_error_in_the_wake_of_a_signal_counts_as_the_interruption(monkeypatch):
    """Python's decoder, for one, turns an interruption into a SyntaxError."""
    monkeypatch.setattr(signals, "_came", [signal.SIGTERM])
    with pytest.raises(signals.Interrupted) as ended, signals.at_work():
        raise SyntaxError
    assert ended.value.code == 143


# ---- streams -----------------------------------------------------------------------------------------


def test_data_goes_to_stdout_and_suggestions_to_stderr(airace):
    result = airace("diff", "short.toml", "strict.toml")
    assert "regulation.strictness" in result.stdout
    assert "next:" not in result.stdout
    assert "next: airace compare short.toml strict.toml" in result.stderr


def test_quiet_keeps_data_and_errors_only(airace):
    result = airace("diff", "short.toml", "strict.toml", "--quiet")
    assert "regulation.strictness" in result.stdout
    assert result.stderr == ""
    assert "error" in airace("validate", "wrong.toml", "--quiet").stderr


@pytest.mark.slow
def test_no_color_means_no_escape_sequence_even_if_colour_is_forced():
    coloured = process("params", "strictness", FORCE_COLOR="1")
    plain = process("params", "strictness", FORCE_COLOR="1", NO_COLOR="1")
    assert plain.returncode == coloured.returncode == 0
    assert "\x1b[3" not in plain.stdout


@pytest.mark.slow
def test_a_closed_pipe_ends_in_silence():
    command = f"{sys.executable} -m sim.cli params --format csv | head -n 1; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    header, code = result.stdout.splitlines()
    assert header.startswith("path,")
    assert code == "0"
    assert result.stderr == "" or "next:" in result.stderr
    assert "rror" not in result.stderr


@pytest.mark.slow
def test_a_terminal_without_utf_8_gets_numbers_for_letters(tmp_path):
    (tmp_path / "odd.toml").write_text('title = "Café"\n', encoding="utf-8")
    result = process("validate", str(tmp_path / "odd.toml"), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 0
    assert "Caf\\xe9" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("validate baseline >&-", 0, ""),
        ("validate nothing.toml 2>&-", 4, ""),
        ("validate nothing.toml >&-", 4, "nothing.toml"),
        ("params --format csv >/dev/full", 4, "error: No space left on device"),
    ],
)
def test_closed_and_full_streams_show_no_traceback_and_mix_nothing(command, code, said):
    result = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m sim.cli {command}"], cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )
    assert result.returncode == code
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr


# ---- start-up ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["validate", "baseline"]])
def test_light_commands_load_no_heavy_library(arguments):
    # 0.3 s for --help and 0.5 s for validate hold only without these; the claim is tested by what is loaded,
    # since a clock would fail on a busy machine.
    code = (
        "import sys\nfrom sim.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = set(process(*arguments, code=code).stdout.rpartition("loaded:")[2].split())
    assert "typer" in loaded
    assert not loaded & {
        "babel",
        "numpy",
        "pandas",
        "scipy",
        "matplotlib",
        "mesa",
        "xarray",
        "pyarrow",
        "rich",
        "jinja2",
    }


# ---- progress ------------------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_shows_count_and_failures_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", Screen())
    with Terminal(quiet=True).progress("runs", 10) as advance:
        assert advance is None
    with Terminal().progress("runs", 10) as advance:
        assert advance is not None
        advance(10, 10, 3)
    assert "10/10" in sys.stderr.getvalue()
    assert "3 failed" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with Terminal().progress("runs", 10) as advance:
        assert advance is None


@pytest.mark.slow
def test_a_command_takes_no_window_no_home_and_no_library_warning_from_where_it_is_called(tmp_path):
    picture = tmp_path / "run.png"
    done = process("run", "baseline", "--months", "2", "--out", str(picture), "-q",
                   MPLBACKEND="nonsense", HOME="/proc/nowhere", XDG_CACHE_HOME="/proc/nowhere",
                   AIRACE_CACHE=str(cache_home()))
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_picture_that_lacks_letters_says_so_in_a_sentence(tmp_path):
    scenario = tmp_path / "cuneiform.toml"
    scenario.write_text('title = "\N{CUNEIFORM SIGN A}"\n')
    done = process("run", str(scenario), "--months", "2", "--out", str(tmp_path / "run.pdf"), "-q")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: no font of this machine has \N{CUNEIFORM SIGN A};")
    assert done.stderr.count("\n") == 1


# ---- names of files ----------------------------------------------------------------------------------
@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_a_file_whose_name_is_no_text_is_read_and_written_like_any_other(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    (tmp_path / os.fsdecode(b"f\xff.toml")).write_text('title = "Short"\nmonths = 6\n[regulation]\nstrictness = 0.9\n')
    (tmp_path / os.fsdecode(b"d\xff.toml")).write_text(
        'title = "D"\nbase = "baseline"\nruns = 2\nmonths = 6\n[axes]\n"regulation.strictness" = [0.0, 1.0]\n')
    scenario, design = folder + b"/f\xff.toml", folder + b"/d\xff.toml"
    for words in (
        (b"compare", b"baseline", scenario, b"--months", b"6", b"--runs", b"6", b"--out", folder + b"/c\xff"),
        (b"report", folder + b"/c\xff"),
        (b"run", scenario, b"--out", folder + b"/r\xff"),
        (b"new", folder + b"/n\xff.toml"),
        (b"sweep", design, b"--out", folder + b"/s\xff"),
        (b"resume", folder + b"/s\xff"),
    ):
        done = subprocess.run([os.fsencode(sys.executable), b"-m", b"sim.cli", *words], cwd=ROOT, capture_output=True,
                              timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert {name for name in os.listdir(folder) if name.endswith(b"\xff")} == {b"c\xff", b"r\xff", b"s\xff"}
