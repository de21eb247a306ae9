"""Writes docs/gallery.md and its pictures: twelve questions, each with a command, a picture, and what its brief says.

    python docs/draw_gallery.py [NAME ...]     # simulates again, all or the pictures of these names
    python docs/draw_gallery.py --page         # writes the page again from docs/gallery.json alone

The words are those of the brief of the very study; nothing in the page is written by hand but the questions. What was
measured is kept in docs/gallery.json, so that a test can hold the page to it without simulating.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sim
from sim.common.shell import command_line
from sim.report.charts.style import DARK, LIGHT, css_variables
from sim.report.charts.svg import inline
from sim.report.pages.export import standing_alone
from sim.report.pages.sections import apart_section, differences_section, fans_section
from sim.report.pages.study import Figure
from sim.report.pages.worlds import told as told_of_worlds
from sim.report.words import brief, worlds_brief
from sim.report.words.names import inside
from sim.report.words.units import heading

DOCS = Path(__file__).parent
PAGE, MEASURED, PICTURES = DOCS / "gallery.md", DOCS / "gallery.json", DOCS / "images" / "gallery"
RUNS, SEED = 200, 0
OPENING = """# Gallery: twelve questions and their answers

<!-- Written by docs/draw_gallery.py: change the questions there, and run it. -->

What people ask in public about rules, rivalry and AI: which policy, when, against whom, and resting on what. Each
answer is taken from the brief of the study that the command makes ({runs} runs, seed {seed}), with the range beside
each number and who loses beside who gains. Brackets hold 95% intervals. How often severe incidents happen is an
assumption ([glossary](glossary.md#severe-incident)); sales, taxes and use hang on it, users' gain on an assumed worth
of AI. These are answers of a model with stated assumptions, not forecasts; `airace brief DIR` tells the whole of each.
"""


@dataclass(frozen=True)
class Entry:
    """A question, the scenarios that answer it, and what is drawn: "dots", "apart" or "fan", and of which outcome."""

    name: str
    question: str
    scenarios: tuple[str, ...]
    drawn: str
    outcome: str = ""
    worlds: str = ""
    sentences: tuple[str, ...] = ("harm", "price")  # of the brief's answer

    @property
    def command(self) -> list[str]:
        """The command that makes the study."""
        worlds = ["--worlds", self.worlds] if self.worlds else []
        return ["airace", "compare", *self.scenarios, *worlds, "--out", f"gallery/{self.name}"]


ENTRIES = (
    Entry("strict_rules", "Do strict rules make severe incidents rarer, and what do they cost?",
          ("light_rivalry", "strict_rivalry"), "dots"),
    Entry("cooperation", "Does it help more if the US and China cooperate?",
          ("light_rivalry", "light_cooperation"), "dots", sentences=("harm", "rest")),
    Entry("licensing", "Should training at the frontier need a licence, as nuclear plants do?",
          ("baseline", "licensing"), "apart", "compliance_cost_usd_bn"),
    Entry("small_labs", "Do strict rules spare small labs if the small are exempt?",
          ("strict_rivalry", "small_lab_exemption"), "apart", "small_labs", sentences=("rest", "harm")),
    Entry("strict_eu", "What do strict EU rules from 2027 cost us, and whom?",
          ("baseline", "strict_eu"), "apart", "compliance_cost_usd_bn"),
    Entry("after_an_incident", "When: can we wait for a severe incident, and regulate then?",
          ("light_rivalry", "after_an_incident"), "apart", "compliance_cost_usd_bn"),
    Entry("sunset", "When: what is left of strict rules that lapse after five years?",
          ("light_rivalry", "sunset"), "apart", "safety_effort"),
    Entry("chips", "What does public money for chips buy, if both powers spend it?",
          ("baseline", "chips_push"), "dots", sentences=("rest", "price")),
    Entry("sanctions", "Against whom: what do chip controls and metals bans do if neither side gives way?",
          ("baseline", "sanctions_war"), "fan", "us_china_lag_months", sentences=("rest", "harm")),
    Entry("truce", "With whom: does a truce hold that each side keeps only while the other does?",
          ("baseline", "mutual_truce"), "apart", "hostility", sentences=("first", "rest")),
    Entry("open_weights", "What if labs published their weights far more often?",
          ("baseline", "open_weights"), "dots", sentences=("harm", "rest")),
    Entry("worlds", "Resting on what: which policy is best, whatever the world is like?",
          ("baseline", "strict_rivalry", "strict_cooperation"), "worlds", "severe_incidents", worlds="worlds",
          sentences=("first", "last")),
)


# ---- measured ------------------------------------------------------------------------------------------------------
def measured(entry: Entry) -> dict[str, Any]:
    """What the brief of an entry's study says, and its picture drawn."""
    scenarios = [sim.Scenario.load(name) for name in entry.scenarios]
    if entry.worlds:
        worlds = [sim.Scenario.load(name) for name in sim.worlds()]
        found = sim.across_worlds(scenarios, worlds, runs=RUNS, seed=SEED, workers=2)
        told, figures = worlds_brief.brief(found), told_of_worlds(found).figures
        title = sim.OUTCOMES[entry.outcome].title
        figure = next((each for each in figures if each.title.startswith(title)), figures[0])
    else:
        comparison = sim.compare(sim.simulate(scenarios, runs=RUNS, seed=SEED, workers=2))
        told, figure = brief.brief(comparison), _figure(comparison, entry)
    return {"name": entry.name, "title": told.title, "facts": told.facts, "alt": f"{figure.title}: {figure.note}",
            "answer": list(told.answer), "gains": list(told.gains),
            "losses": list(told.losses), "picture": _draw(entry, figure, told.facts)}


def _figure(comparison: Any, entry: Entry) -> Figure:
    """The figure that an entry asks for, else the differences: an outcome that does not differ has none."""
    if entry.drawn != "dots":
        section = (apart_section if entry.drawn == "apart" else fans_section)(comparison)
        title = heading(sim.OUTCOMES[entry.outcome]).rpartition(", ")[0]
        for figure in section.figures if section else ():
            if figure.title.startswith((title, sim.OUTCOMES[entry.outcome].running_title)):
                return figure
    return differences_section(comparison).figures[0]


def _draw(entry: Entry, figure: Figure, facts: str) -> str:
    """Draw a picture that is readable on light and dark pages alike; its path from the page."""
    drawn = standing_alone(figure, facts)
    text = inline(drawn, entry.name, figure.title, figure.note)
    width, height = text.partition('viewBox="')[2].partition('"')[0].split()[2:]
    style = (f"<style>svg {{ {css_variables(LIGHT)} font-family: system-ui, sans-serif; background: var(--paper) }}"
             f"@media (prefers-color-scheme: dark) {{ svg {{ {css_variables(DARK)} }} }}</style>")
    head = text.partition(">")[0] + f' width="{width}" height="{height}">'
    PICTURES.mkdir(exist_ok=True, parents=True)
    path = PICTURES / f"{entry.name}.svg"
    path.write_text(f"{head}{style}{text.partition('>')[2]}\n", encoding="utf-8")
    return path.relative_to(DOCS).as_posix()


# ---- the page ------------------------------------------------------------------------------------------------------
STARTS = {"harm": "Severe incidents over", "price": "What labs pay"}
MOST_TOLD = 3


def chosen(sentences: tuple[str, ...], answer: list[str]) -> list[str]:
    """The sentences of a brief's answer on harm, on the price, on the rest; or its first or last."""
    found = {name: next((said for said in answer if said.startswith(start)), "") for name, start in STARTS.items()}
    rest = [said for said in answer if not said.startswith(tuple(STARTS.values()))]
    found |= {"first": answer[0], "last": answer[-1], "rest": rest[-1] if rest else ""}
    return [found[name] for name in sentences if found[name]]


def side(paragraphs: list[str]) -> str:
    """Who gains or loses, the first of them, and how many more the brief names."""
    told = [each for each in paragraphs if each != brief.BY_SALES]
    rest = len(told) - MOST_TOLD
    return inside(" ".join([*told[:MOST_TOLD], *([f"{rest} more in the brief."] if rest > 0 else [])]))


def page(found: list[dict[str, Any]]) -> str:
    """The page as text, from what was measured."""
    by_name = {each["name"]: each for each in found}
    parts = [OPENING.format(runs=RUNS, seed=SEED)]
    for number, entry in enumerate(ENTRIES, 1):
        each = by_name[entry.name]
        sides = [f"- **Who gains**: {side(each['gains'])}", f"- **Who loses**: {side(each['losses'])}"]
        answer = [line for said in chosen(entry.sentences, each["answer"]) for line in (said, "")]
        parts.append("\n".join([
            f"## {number}. {entry.question}", "", *answer, *sides, "",
            f"![{each['alt']}]({each['picture']}){{ .gallery }}", "",
            "```text", command_line(*entry.command), "```", ""]))
    return "\n".join(parts)


def main(words: list[str]) -> None:
    """Measure what is asked for, keep it, and write the page."""
    before = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else []
    kept = {each["name"]: each for each in before}
    for entry in ENTRIES if words != ["--page"] else ():
        if not words or entry.name in words:
            kept[entry.name] = measured(entry)
            print(entry.name, kept[entry.name]["answer"], sep=": ")
    found = [kept[entry.name] for entry in ENTRIES]
    MEASURED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
