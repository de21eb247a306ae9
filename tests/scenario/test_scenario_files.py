"""A scenario cannot reach outside its folder, cannot hang the reader, and says what is wrong with a file."""

import os
import re
import time
from pathlib import Path

import pytest
from messages import message, refused

from sim.scenario.scenario import Scenario

TITLE = 'title = "A"\n'


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "baseline.toml").write_text(TITLE)
    shown = message(tmp_path / "basline.toml")
    assert "error[S114]: there is no file `basline.toml`" in shown
    assert "did you mean `baseline.toml`?" in shown


def test_a_missing_parent_is_shown_where_it_is_extended(tmp_path: Path) -> None:
    (tmp_path / "baseline.toml").write_text(TITLE)
    shown = refused(tmp_path, TITLE + 'extends = "basline.toml"\n')
    assert "error[S114]" in shown
    assert "--> a.toml:2:11" in shown
    assert "did you mean `baseline.toml`?" in shown


def test_a_folder_a_pipe_and_a_file_without_permission_are_not_read(tmp_path: Path) -> None:
    assert "error[S114]" in message(tmp_path)
    os.mkfifo(tmp_path / "pipe.toml")
    assert "is not a file" in message(tmp_path / "pipe.toml")
    assert "is not a file" in message(Path("/dev/zero"))
    assert "error[S114]" in message(tmp_path / ("x" * 300 + ".toml"))
    assert "error[S114]" in message(tmp_path / "nul\0.toml")


@pytest.mark.parametrize(
    "parent", ["../outside.toml", "sub/../../outside.toml", "..", "~/x/../../../outside.toml"]
)
def test_a_parent_outside_the_folder_is_refused(parent: str, tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text(TITLE)
    (tmp_path / "inside").mkdir()
    shown = refused(tmp_path / "inside", TITLE + f'extends = "{parent}"\n')
    assert f"error[S118]: `{parent}` lies outside the scenario's folder" in shown
    assert "--> a.toml:2:11" in shown
    assert "put the file into `inside`" in shown


@pytest.mark.parametrize("parent", ["/etc/hostname", "C:\\\\x.toml", "\\\\\\\\host\\\\x.toml", "c:x.toml"])
def test_an_absolute_parent_is_refused_on_any_system(parent: str, tmp_path: Path) -> None:
    shown = refused(tmp_path, TITLE + f'extends = "{parent}"\n')
    assert "error[S118]" in shown
    assert "is an absolute path" in shown


def test_a_link_out_of_the_folder_is_refused_and_the_target_stays_unread(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("password = 'hunter2'\n")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link.toml").symlink_to(tmp_path / "secret.toml")
    (tmp_path / "inside" / "way").symlink_to(tmp_path)
    for parent in ("link.toml", "way/secret.toml"):
        shown = refused(tmp_path / "inside", TITLE + f'extends = "{parent}"\n')
        assert f"error[S118]: `{parent}` is a link that leads out of the scenario's folder" in shown
        assert "hunter2" not in shown


def test_a_parents_parent_is_held_to_the_folder_of_the_first_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.toml").write_text('extends = "../c.toml"\n')
    (tmp_path / "c.toml").write_text("months = 5\n")
    (tmp_path / "a.toml").write_text(TITLE + 'extends = "sub/b.toml"\n')
    assert Scenario.load(tmp_path / "a.toml").months == 5  # up again, but still inside
    (tmp_path / "sub" / "b.toml").write_text('extends = "../../c.toml"\n')
    shown = message(tmp_path / "a.toml")
    assert "error[S118]" in shown
    assert "b.toml:1:11   (extended by a.toml:2)" in shown


def test_a_cycle_is_shown_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    shown = refused(tmp_path, TITLE + 'extends = "b.toml"\n')
    assert "error[S119]" in shown
    assert "a.toml -> b.toml -> a.toml" in shown
    assert "S119" in refused(tmp_path, TITLE + 'extends = "./a.toml"\n')


def test_a_chain_of_a_hundred_files_and_a_link_to_itself_end(tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / f"{n}.toml").write_text(TITLE + f'extends = "{n + 1}.toml"\n')
    assert "error[S116]: more than 32 files" in message(tmp_path / "0.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    assert re.search(r"S11[48]", refused(tmp_path, TITLE + 'extends = "loop.toml"\n'))
    assert "S114" in message(tmp_path / "loop.toml")


@pytest.mark.parametrize("parent", ["", " ", "a\\u0000b", "a\\nb", "."])
def test_extends_must_name_a_file(parent: str, tmp_path: Path) -> None:
    shown = refused(tmp_path, TITLE + f'extends = "{parent}"\n')
    assert "error[S114]" in shown
    assert "--> a.toml:2:11" in shown


@pytest.mark.slow
@pytest.mark.parametrize("text", [
    "x" * 1_000_000 + " = 1", "a." * 300_000 + "a = 1", "[" * 500_000, "[a]\n" * 200_000,
    "[[event]]\n" * 60_000, "\n".join(f"k{n} = {n}" for n in range(60_000)), '"' * 900_000, "#\n" * 400_000,
    "[regulation]\nx = " + "{a = " * 100_000, "event = [" + "{}," * 200_000 + "]"])
def test_a_hostile_file_of_a_megabyte_is_refused_in_seconds(text: str, tmp_path: Path) -> None:
    began = time.process_time()
    shown = refused(tmp_path, TITLE.replace("title", "titel") + text)
    assert time.process_time() - began < 20  # of the processor; about 1 s where it was written
    assert len(shown) < 50_000
