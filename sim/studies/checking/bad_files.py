"""Files that are wrong as files: no text, no TOML, too large, a key twice; and what a file may not extend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.studies.checking.bad_scenarios import NAMES, good, keys, literal, quoted


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Files that are wrong as files: their bytes, below no title, and the code of the refusal."""
    found: dict[str, tuple[str | bytes, str]] = {
        "byte-order mark": (b"\xef\xbb\xbfmonths = 3\n", "S117"),
        "utf-16": ("months = 3\n".encode("utf-16"), "S117"),
        "utf-16 without a mark": ("months = 3\n".encode("utf-16-le"), "S101"),
        "utf-32": ("months = 3\n".encode("utf-32"), "S117"),
        "latin-1": (b'start = "caf\xe9"\n', "S117"),
        "half a character": (b'start = "\xe2\x82"\n', "S117"),
        "overlong": (b'start = "\xc0\xaf"\n', "S117"),
        "surrogate": (b'start = "\xed\xa0\x80"\n', "S117"),
        "zero byte": (b"months = 3\x00\n", "S101"),
        "2 MiB of comment": (b"#" * (2 << 20), "S115"),
        "2 MiB of lines": (b"\n" * (2 << 20), "S115"),
        "2 MiB of text": (b'start = "' + b"x" * (2 << 20) + b'"\n', "S115"),
        "40 nested lists": ("event = " + "[" * 40 + "]" * 40, "S116"),
        "40 nested tables": ("regulation = " + "{a = " * 40 + "1" + "}" * 40, "S116"),
        "40 dotted keys": (".".join("a" * 40) + " = 1", "S116"),
        "a table 40 deep": ("[" + ".".join("a" * 40) + "]", "S116"),
        "40 deep over lines": ("".join(f"[{'.'.join('a' * n)}]\n" for n in range(1, 41)), "S116"),
        "brackets without an end": ("event = " + "[" * 100_000, "S116"),
        "key beyond Unicode": ('"\\UFFFFFFFF" = 1', "S101"),
        "key of half a character": ('"\\uD800" = 1', "S101"),
        "text beyond Unicode": ('start = "\\UFFFFFFFF"', "S101"),
        "number of 5000 digits": ("months = " + "9" * 5000, "S101"),
        "hexadecimal of 5000 digits": ("months = 0x" + "F" * 5000, "S106"),
        "carriage returns": ("months = 3\r[regulation]\r", "S101"),
        "json": ('{"months": 3}', "S101"),
        "yaml": ("months: 3", "S101"),
        "html": ("<script>alert(1)</script>", "S101"),
    }
    for number, (path, parameter) in enumerate(keys()):
        if path[0] == "uncertainty":
            continue
        table, name, value = ".".join(map(quoted, path[:-1])), path[-1], literal(good(parameter))
        twice = [
            f"[{table}]\n{name} = {value}\n{name} = {value}\n",
            f"[{table}]\n{name} = {value}\n[{table}]\n",
            f"{table}.{name} = {value}\n{table}.{name} = {value}\n",
            f"{table} = {{ {name} = {value}, {name} = {value} }}\n",
        ][number % 4]
        syntax = [
            f"[{table}\n{name} = {value}\n",
            f"[{table}]\n{name} = \n",
            f"[{table}]\n{name} {value}\n",
            f"[{table}]\n{name} = {value} {value}\n",
            f"[{table}]\n{name} = [{value}\n",
            f"[{table}]\n{name} = {{ x = {value}\n",
            f'[{table}]\n{name} = "{value}\n',
            f"[{table}]\n= {value}\n",
            f"[{table}]\n{name} = yes\n",
            f"[{table}]\n{name} = 0,5\n",
            f"[{table}]\n{name} = 50%\n",
            f"[{table}]\n{name} = .5\n",
            f"[{table}]\n{name} = 5.\n",
            f"[{table}]\n{name} = 1e\n",
            f"[{table}]\n{name} = 05\n",
            f"[{table}]\n{name} = True\n",
            f"[{table}]\n{name} = null\n",
            f"[[{table}]\n{name} = {value}\n",
            f"[{table}]]\n",
            f"[{table}.]\n{name} = {value}\n",
        ][number % 20]
        found[f"{'.'.join(path)} twice"] = (twice, "S102")
        found[f"{'.'.join(path)}, no TOML ({number % 20})"] = (syntax, "S101")
    return {name: (text if isinstance(text, bytes) else text.encode(), code) for name, (text, code) in found.items()}


def bad_parents(folder: Path) -> dict[str, tuple[Any, str]]:
    """What `extends` may not be, for a file in `folder`, and the code; makes the files and links that it needs."""
    outside = folder.parent / "outside.toml"
    outside.write_text('title = "Outside"\n')
    (folder / "link.toml").symlink_to(outside)
    (folder / "way").symlink_to(folder.parent)
    (folder / "loop.toml").symlink_to("loop.toml")
    (folder / "cycle.toml").write_text('extends = "a.toml"\n')
    (folder / "folder.toml").mkdir()
    cases: dict[str, tuple[Any, str]] = {
        "itself": ("a.toml", "S119"),
        "a cycle": ("cycle.toml", "S119"),
        "itself, the long way": ("./x/../a.toml", "S119"),
        "above": ("../outside.toml", "S118"),
        "far above": ("../" * 30 + "etc/passwd", "S118"),
        "down and above": ("x/../../outside.toml", "S118"),
        "absolute": (str(outside), "S118"),
        "a drive": ("C:\\x.toml", "S118"),
        "a share": ("\\\\host\\x.toml", "S118"),
        "backslash": ("\\x.toml", "S118"),
        "a link out": ("link.toml", "S118"),
        "a linked folder": ("way/outside.toml", "S118"),
        "nothing": ("", "S114"),
        "blank": (" ", "S114"),
        "zero byte": ("a\x00b", "S114"),
        "missing": ("none.toml", "S114"),
        "a folder": ("folder.toml", "S114"),
        "this folder": (".", "S114"),
        "home": ("~/x.toml", "S114"),
        "an address": ("https://example.org/x.toml", "S114"),
        "a variable": ("$HOME/x.toml", "S114"),
        "a number": (3, "S104"),
        "true": (True, "S104"),
        "a list": (["b.toml"], "S104"),
        "a table": ({"x": "b.toml"}, "S104"),
    }
    cases |= {f"a name: {word}": (name, "S1") for word, name in NAMES.items()}
    return cases | {"a link to itself": ("loop.toml", "S1")}
