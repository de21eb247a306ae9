"""Collect what airace says into the message catalogues, `sim/data/lang/*.po`: `python docs/catalogues.py`.

A message that the code no longer has goes, a new one comes without a translation; what is translated stays. Messages
come from the code (`gettext`, `ngettext`, `noted`, `counted`), from the templates and scripts of pages, and from tables
of the model that are said as they stand: outcomes, events, levers, units.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

import sim
from sim.app.play.roles import ROLES
from sim.common.language import ENGLISH, IN_SCRIPT, LANGUAGES
from sim.model.events import EVENTS
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import event_kinds, levers, parameters
from sim.model.state import NATIONS
from sim.report.charts.story import SHORT
from sim.report.words.levers import beginning, lever_unit
from sim.report.words.names import PLACES, opening
from sim.report.words.units import unit

ROOT = Path(sim.__file__).parent
FOLDER = ROOT / "data" / "lang"
PLURALS = {"zh": "nplurals=1; plural=0;", "fr": "nplurals=2; plural=(n > 1);"}
HEADER = """# {language} of airace. docs/howto/languages.md tells how to change it.
# The translation was made without a native speaker's check, which is still wanted."""
CALLS = ("gettext", "noted", "ngettext", "counted")
Message = str | tuple[str, str]


@cache
def messages() -> dict[Message, list[str]]:
    """Every message of the code, a plural as its two English forms, with the files that say it."""
    found: dict[Message, list[str]] = {}
    for place, message in _all():
        if message and place not in found.setdefault(message, []):
            found[message].append(place)
    return found


def _all() -> Iterator[tuple[str, Message]]:
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(ROOT.parent).as_posix()
        if place != "sim/common/language.py" and any(f"{name}(" in text for name in CALLS):
            yield from ((place, each) for each in _in_code(ast.parse(text)))
    for path in sorted([*ROOT.glob("report/pages/templates/*"), *ROOT.glob("app/play/page/*")]):
        read = {".js": _in_script, ".j2": _in_template}.get(path.suffix)
        if read:
            place = path.relative_to(ROOT.parent).as_posix()
            yield from ((place, each) for each in read(path.read_text(encoding="utf-8")))
    yield from _of_tables()


def _in_template(text: str) -> Iterator[Message]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for _, message, _, _ in extract("jinja2.ext:babel_extract", io.BytesIO(text.encode()), keywords={"_": None},
                                    options=options):
        yield str(message)


def _in_script(text: str) -> Iterator[Message]:
    for found in IN_SCRIPT.finditer(text):
        yield (json.loads(found[1]), json.loads(found[2])) if found[0].startswith("ngettext") else json.loads(found[1])


def _in_code(tree: ast.AST) -> Iterator[Message]:
    """What a module says; of `counted(runs, "run")` the noun with its plural. One message may stand inside another."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if words and node.func.id in CALLS[:2]:
            yield words[0]
        elif words and node.func.id == "ngettext":
            yield words[0], words[1]
        elif words and node.func.id == "counted":
            yield f"{{number}} {words[0]}", f"{{number}} {words[1] if len(words) > 1 else words[0] + 's'}"


def _of_tables() -> Iterator[tuple[str, Message]]:
    for outcome in OUTCOMES.values():
        yield from (("outcomes", each) for each in (outcome.title, outcome.caution, outcome.unit, unit(outcome)
                                                    if "=" not in outcome.unit else ""))
    yield from (("outcomes", each) for each in ("FLOP", "effective FLOP"))
    yield from (("events", each.sentence) for each in EVENTS.values())
    yield from (("events", each) for each in SHORT.values() if each.strip("{}") != "actor")
    yield from (("names", each) for each in dict.fromkeys((*PLACES, *NATIONS)))
    for path, lever in levers().items():
        yield "levers", beginning(lever.text)
        yield "levers", lever_unit(path)
        for choice in lever.choices:
            yield "levers", opening(choice.replace("_", " "))
            yield "levers", choice.replace("_", " ")
    for role in ROLES.values():
        yield from (("roles", each) for each in (role.name, role.task, *(aim.words for aim in role.aims)))
        for decision in role.decisions:
            yield from (("roles", each) for each in (
                decision.title, decision.title.replace("your rules", "its rules"), decision.about,
                *(words for _, words in decision.values)))
    yield "parameters", parameters()["severe_hazard"].changes_our_mind
    yield from (("play", name) for name in ("quarters", "run"))
    yield from (("events", each) for kind in event_kinds().values() for each in (
        kind.text, kind.name.replace("_", " ")))


def updated(code: str) -> Catalog:
    """The catalogue of a language with exactly the messages of the code."""
    path = FOLDER / f"{code}.po"
    held = read_po(io.BytesIO(path.read_bytes()), locale=code) if path.exists() else Catalog(locale=code)
    made = Catalog(locale=code, header_comment=HEADER.format(language=LANGUAGES[code]), project="airace", fuzzy=False)
    for message, places in messages().items():
        first = message if isinstance(message, str) else message[0]
        known = held.get(first)
        string = known.string if known is not None and known.id == message else ""
        made.add(message, string=string, locations=[(place, None) for place in places])  # type: ignore[list-item]
    return made


def text_of(catalog: Catalog) -> bytes:
    """A catalogue as the file holds it: no dates, so that the same messages are the same bytes."""
    written = io.BytesIO()
    write_po(written, catalog, width=120, omit_header=True, include_lineno=False)
    code = str(catalog.locale)
    head = (f'{catalog.header_comment}\nmsgid ""\nmsgstr ""\n"Project-Id-Version: airace\\n"\n"Language: {code}\\n"\n'
            f'"Plural-Forms: {PLURALS[code]}\\n"\n"MIME-Version: 1.0\\n"\n'
            '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n')
    return head.encode() + written.getvalue()


def main() -> None:
    """Bring every catalogue up to date, and say what is not translated."""
    FOLDER.mkdir(exist_ok=True)
    for code in LANGUAGES:
        if code != ENGLISH:
            catalog = updated(code)
            open_ = [each for each in catalog if each.id and not all(
                each.string if isinstance(each.string, tuple) else (each.string,))]
            (FOLDER / f"{code}.po").write_bytes(text_of(catalog))
            print(f"{code}: {len(catalog)} messages, {len(open_)} of them without a translation", file=sys.stderr)


if __name__ == "__main__":
    main()
