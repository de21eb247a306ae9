"""Writes docs/claims.md, and a page for each claim of the article in docs/claims/.

    python docs/generate_claims.py

What the article says, levers and code come from the table in docs/model.md, rules from its lines "Claims", sizes from
the table in README.md and what was asked of them from `airace check`, numbers and grades from sim/data/, and how to
read it all from docs/claims.toml. The pages are never edited by hand; tests/test_docs.py fails when one is stale.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from generate_model import Rule, read_by, rules

from sim.model.parameters import GRADES, levers, parameters, show
from sim.studies.checking.claims import _CONVERSION, _S2, CLAIMS

DOCS = Path(__file__).parent
FOLDER = DOCS / "claims"
MODEL = (DOCS / "model.md").read_text(encoding="utf-8")
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")
NO_RULE_OF_ITS_OWN = "Nothing turns it: it is what the model measures."


class Row(NamedTuple):
    """A claim: what the tables of docs/model.md and README.md say of it."""

    number: str
    says: str
    mechanism: str
    lever: str
    code: str
    title: str
    turned: str
    moves: str
    verdict: str


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.split("|")[1:-1]]


@cache
def rows() -> tuple[Row, ...]:
    """All claims."""
    measured = {cells(line)[0].partition(" ")[0]: cells(line) for line in re.findall(r"^\| S\d+ .*$", README, re.M)}
    found = []
    for line in re.findall(r"^\| S\d+ \|.*$", MODEL[MODEL.index("## The claims"):], re.M):
        number, says, mechanism, lever, code, _ = cells(line)
        name, turned, moves, verdict = measured[number]
        found.append(Row(number, says, mechanism, lever, code, name.partition(" ")[2], turned, moves, verdict))
    return tuple(found)


@cache
def told() -> Mapping[str, Any]:
    """What stands in docs/claims.toml."""
    return tomllib.loads((DOCS / "claims.toml").read_text(encoding="utf-8"))


def rules_of(number: str) -> list[Rule]:
    """The rules of docs/model.md that name a claim."""
    return [rule for rule in rules(MODEL)
             if (line := re.search(r"^- Claims: (.+)$", rule.text, re.M)) and number in line[1].split(", ")]


def anchor(heading: str) -> str:
    """A heading's address in the page, as the site makes it."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-")


def read_in(number: str) -> dict[str, list[str]]:
    """The parameters that a claim's rules read, by heading; each under the first rule that reads it."""
    seen: set[str] = set()
    found = {}
    for rule in rules_of(number):
        fresh = sorted(read_by(MODEL)[rule.heading].parameters - seen)
        seen |= set(fresh)
        found[rule.heading] = fresh
    return found


def table(headings: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    headings = tuple(headings)
    every = [headings, tuple("---" for _ in headings), *lines]
    return "\n".join("| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in line) + " |"
                     for line in every)


# ---- the parts of a page -------------------------------------------------------------------------------------------
def asked(number: str) -> str:
    """What `airace check --only claims` asks of a claim, and why a weak one is weak."""
    lines = []
    for claim in (*_S2, *_CONVERSION, *CLAIMS):
        if claim.row == number:
            least = f"{claim.least:g}" if claim.absolute else f"{claim.least:.0%}"
            weak = f". Where it is weak: {claim.weak}." if claim.weak else ""
            way = "falls" if claim.falls else "rises"
            lines.append(f"- {claim.what}: {way} by {least} or more with *{claim.high}* against *{claim.low}*{weak}")
    return "\n".join(lines)


def attempt(row: Row) -> str:
    """A scenario that turns the claim, to be tried."""
    entry = told()[row.number]
    if "set" not in entry:
        return "Any comparison does: `airace compare baseline strict_rivalry --all`.\n"
    file, against = f"{row.number.lower()}.toml", entry.get("against", "baseline")
    sections: dict[str, list[str]] = {}
    for path, value in entry["set"].items():
        section, _, name = path.partition(".")
        sections.setdefault(section, []).append(f"{name} = {show(value)}")
    body = "".join(f"\n[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items())
    return (f'Write this into `{file}`:\n\n```toml\ntitle = "{row.number} turned"\nextends = "{against}"\n{body}```\n\n'
            f"```sh\nairace validate {file}\nairace diff {against} {file}\n```\n\n"
            f"Then `airace compare {against} {file} --all` shows what it moves, with parameters as the record leaves "
            "them: the sizes above are with their defaults.\n")


def the_rules(number: str) -> str:
    """Links to the rules, with their code."""
    lines = [f"- [{rule.heading}](../model.md#{anchor(rule.heading)})" for rule in rules_of(number)]
    return "\n".join(lines)


def the_levers(row: Row) -> str:
    """The levers that turn the claim."""
    named = [path for path, lever in levers().items() if row.number in lever.s_rows]
    if not named:
        return NO_RULE_OF_ITS_OWN
    lines = [(f"`{path}`", levers()[path].text, show(levers()[path].default), levers()[path].range) for path in named]
    return f"Turned off by {row.lever}.\n\n" + table(("lever", "meaning", "default", "range"), lines)


def what_it_rests_on(number: str) -> str:
    """The parameters by rule, with grade and what would move them."""
    names = [name for those in read_in(number).values() for name in those]
    if not names:
        return "It has no parameter of its own."
    of = {p.name: p for p in parameters().values()}
    counts = Counter(of[name].grade for name in names)
    grades = ", ".join(f"*{text}* for {counts[grade]}" for grade, text in GRADES.items() if counts[grade])
    lines = [(f"`{name}`", of[name].text, f"{show(of[name].default)} {of[name].unit}", GRADES[of[name].grade],
              of[name].changes_our_mind) for those in read_in(number).values() for name in those]
    return (f"Evidence says of the {len(names)} parameters that these rules read: {grades}. Ranges, sources and steps "
            "stand in [Parameters](../parameters.md).\n\n"
            + table(("parameter", "meaning", "default", "evidence", "would change our mind"), lines))


def page(row: Row) -> str:
    """One claim's page."""
    place = [other.number for other in rows()].index(row.number)
    around = [(label, rows()[other].number) for label, other in (("before", place - 1), ("after", place + 1))
              if 0 <= other < len(rows())]
    links = ", ".join(f"{label}: [{number}]({number.lower()}.md)" for label, number in around)
    check = asked(row.number)
    return "\n".join([
        f"# {row.number}: {row.title}\n",
        f"**The article says:** {row.says}.\n",
        f"**In the model:** {row.mechanism}.\n", told()[row.number]["reading"].strip() + "\n",
        "## How far it bites\n", f"{row.turned[0].upper()}{row.turned[1:]}: {row.moves}. **{row.verdict}**\n",
        *([f"`airace check --only claims` asks:\n\n{check}\n"] if check else []),
        "## Try it\n", attempt(row),
        "## Rules and levers\n", the_rules(row.number) + f"\n\nCode: {row.code}\n", the_levers(row) + "\n",
        "## What it rests on, and what would change our mind\n", what_it_rests_on(row.number) + "\n",
        f"[All claims](../claims.md); {links}\n"])


def index() -> str:
    """The page that lists all claims."""
    alive = sum(row.verdict.startswith("alive") for row in rows())
    lines = [(f"[{row.number}](claims/{row.number.lower()}.md)", row.says, f"{row.turned}: {row.moves}", row.verdict)
             for row in rows()]
    return (
        "# The article's claims\n\nWritten by `docs/generate_claims.py`; do not edit by hand.\n\n"
        f"The model is built on an article about the quarrels of the industry at the beginning of 2025. Each of its\n"
        f"{len(rows())} claims is a rule that a lever turns; {alive} move what they should by an amount that matters, "
        "some in part only. A page\nfor each says what the article says, how the model has it, how far it bites, "
        "what it rests on, and what would change our mind.\n\n"
        "Sizes are run against run on the same luck: 256 runs from January 2026, parameters at their defaults; what\n"
        "hinges on OpenAI's conversion from January 2025. `airace check --only claims` measures them again.\n\n"
        + table(("claim", "the article says", "turned, and what it moves", ""), lines) + "\n")


def pages() -> dict[Path, str]:
    """Every page by its file."""
    return {DOCS / "claims.md": index()} | {FOLDER / f"{row.number.lower()}.md": page(row) for row in rows()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    print(f"claims.md and {len(rows())} pages in claims/")
