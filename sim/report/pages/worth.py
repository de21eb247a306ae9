"""The page on what knowledge is worth before a choice: each objective with its choice, its unknowns and its groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.charts.rows import Row, drawn_rows
from sim.report.charts.svg import Drawn
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words.names import counted, inside, opening, short
from sim.report.words.tables import Table
from sim.report.words.trust import all_set_beyond
from sim.report.words.worth import LIMITS, aim_in_words, amount, between, finding, name_of, rests_on, turn_at
from sim.studies.deciding.worth import Known, Worth

DRAWN = 12
SHOWN = 40


def told(found: Sequence[Worth], command: str = "") -> Study:
    """What knowledge is worth as it is told: one or several objectives, of the same runs."""
    results, several = found[0].results, len(found) > 1
    claims = [" ".join(finding(each)) for each in found]
    claims[0] += f" {rests_on(found)}"
    sections = [section for number, each in enumerate(found, 1) for section in _sections(each, number, several)]
    named = list(dict.fromkeys(name for each in found for name in each.objective.weights))
    limits = [*all_set_beyond(results.scenarios), *narrative.cautions(named), LIMITS]
    return Study(
        "worth", f"What is worth knowing before choosing: {' or '.join(short(title, 40) for title in results.titles)}",
        f"{counted(len(results.titles), 'scenario')}, {counted(found[0].runs, 'run')} on the same luck, "
        f"{results.values.shape[2]} months from {results.start}, seed {results.seed}",
        claims, " ".join(limits), sections, command,
        [("Method", "Value of partial perfect information by regression (Strong, Oakley and Brennan 2014), each draw "
          "judged by what the others say"),
         *((f"Objective {number}", each.objective.text) for number, each in enumerate(found, 1))])


def record(found: Sequence[Worth]) -> dict[str, Any]:
    """The same for JSON."""
    return {"finding": [*(sentence for each in found for sentence in finding(each)), rests_on(found)],
            "runs": found[0].runs, "draws": found[0].draws, "uncertainty": found[0].results.uncertainty,
            "part_of_the_choice": list(found[0].apart), "objectives": [_one(each) for each in found]}


def _one(found: Worth) -> dict[str, Any]:
    every = found.everything
    policies = [{"scenario": title, "benefit": float(found.means[place]),
                 "behind_by": float(found.leads.estimate[place]),
                 "low": float(found.leads.low[place]), "high": float(found.leads.high[place]),
                 "best_in": float(every.best[place])} for place, title in enumerate(found.policies)]
    return {"objective": found.objective.text, "weights": dict(found.objective.weights),
            "unit": OUTCOMES[found.objective.outcome].unit if found.objective.outcome else "points",
            "chosen": found.policies[found.chosen], "tied_with": [found.policies[place] for place in found.tied],
            "policies": policies, "at_least": every.at_least, "at_most": every.at_most, "floor": found.floor,
            "groups_floor": found.groups_floor, "worth": found.table().to_dict("records"),
            "flips": [{"name": known.name, "at": turn.at, "low": turn.low, "high": turn.high,
                       "before": found.policies[turn.before], "after": found.policies[turn.after]}
                      for known in found.unknowns if known.clear for turn in known.flips]}


# ---- sections ------------------------------------------------------------------------------------------------------
def _sections(found: Worth, number: int, several: bool) -> list[Section]:
    of = f" (objective {number})" if several else ""
    made = [_choice(found, number, of), _unknowns(found, number, of)]
    return made if not found.groups else [*made, _groups(found, number, of)]


def _choice(found: Worth, number: int, of: str) -> Section:
    aim = found.objective
    rows = [[short(title), amount(aim, found.means[place], 3),
             "chosen" if place == found.chosen else f"{amount(aim, found.leads.estimate[place])} "
             f"({between(aim, found.leads.low[place], found.leads.high[place])})"
             + (", a tie" if place in found.tied else ""), percent(float(found.everything.best[place]))]
            for place, title in enumerate(found.policies)]
    table = Table("Benefit by the objective: more is better", ("Scenario", "On average", "Behind the chosen",
                                                               "Expected to be best in"), rows)
    return Section(f"choice{number}", f"The choice{of}", opening(f"{aim_in_words(aim)}."), tables=[table],
                   notes=["The last column is the share of draws in which a scenario is expected to be best, luck "
                          "taken out."])


def _unknowns(found: Worth, number: int, of: str) -> Section:
    every, aim = found.everything, found.objective
    estimate, low, high = map(float, every.worth)
    all_ = Row("Everything but luck", amount(aim, estimate), estimate, low, high, bar=True, clear=low > 0.0, role=0)
    some = [known for known in found.unknowns if known.worth > 0.0][:DRAWN]
    svg = _drawn([all_, *(_row(found, known) for known in some)], found, f"worth{number}")
    table = Table(f"Worth of knowing each unknown alone; the first {min(SHOWN, len(found.unknowns))} of "
                  f"{len(found.unknowns):,}",
                  ("Unknown", "Name", "Worth", "95% interval", "Chosen otherwise in", "Turns at"),
                  [[name_of(known), known.name, *_cells(found, known), "; ".join(turn_at(known, t) for t in known.flips)
                    if known.clear else "-"] for known in found.unknowns[:SHOWN]])
    clear = len(found.clear)
    lead = (f"{counted(clear, 'unknown is', 'unknowns are')} clearly worth knowing." if clear else
            "No single unknown is clearly worth knowing.")
    notes = [f"Hollow, and an interval that begins at nil: not clear of what chance makes, which is up to "
             f"{amount(aim, found.floor)} for the largest of {len(found.unknowns):,} in 19 of 20 deals.",
             f"Everything but luck is worth at least {amount(aim, every.at_least)} and at most "
             f"{amount(aim, every.at_most)} if nothing is assumed of how luck adds to differences: the first is what "
             "one run of a draw brings in the other, the second what it would be to know both runs' luck too."]
    return Section(f"unknowns{number}", f"What is worth knowing{of}", lead,
                   [Figure("Worth of knowing", f"{unit_of(found)}; bar, mark and 95% interval", svg, table)],
                   notes=[*notes, *narrative.cautions(list(aim.weights))])


def _groups(found: Worth, number: int, of: str) -> Section:
    some = [known for known in found.groups if known.worth > 0.0]
    table = Table("Worth of knowing all of a group at once", ("Group", "Unknowns", "Worth", "95% interval",
                                                              "Chosen otherwise in"),
                  [[opening(name_of(known)), f"{known.members:,}", *_cells(found, known)] for known in found.groups])
    first = found.groups[0]
    lead = (f"Most worth knowing together: {inside(name_of(first))}." if first.clear else
            "No group is clearly worth knowing.")
    note = ("A group's unknowns add up in the fit: what two do only together is not in it. Chance makes up to "
            f"{amount(found.objective, found.groups_floor)} of the largest.")
    figures = [Figure("Worth of knowing together", f"{unit_of(found)}; bar, mark and 95% interval",
                      _drawn([_row(found, known) for known in some], found, f"groups{number}"), table)] if some else []
    return Section(f"groups{number}", f"What is worth knowing together{of}", lead, figures,
                   folded=[] if figures else [table], notes=[note])


def _row(found: Worth, known: Known) -> Row:
    return Row(opening(name_of(known)), amount(found.objective, known.worth), known.worth, known.low, known.high,
               bar=True, clear=known.clear)


def _cells(found: Worth, known: Known) -> list[str]:
    return [amount(found.objective, known.worth), between(found.objective, known.low, known.high),
            percent(known.otherwise) if known.clear else "not clear"]


def _drawn(rows: Sequence[Row], found: Worth, name: str) -> Drawn:
    return drawn_rows(rows, f"worth of knowing, {unit_of(found)}", plain, name, "Worth of knowing")


def unit_of(found: Worth) -> str:
    """The unit of what knowing is worth: the outcome's, or points of an objective by weights."""
    return OUTCOMES[found.objective.outcome].unit if found.objective.outcome else "points of the objective"
