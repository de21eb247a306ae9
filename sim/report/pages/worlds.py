"""The report of policies across worlds: best and worst by world, pictures of differences, regrets, turns, worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.common.numbers import percent
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES, PRIMARY, Outcome
from sim.report.charts.rows import Row, drawn_rows
from sim.report.charts.style import hue
from sim.report.pages.study import Figure, Section, Study, how_to_repeat
from sim.report.words import narrative, worlds_brief
from sim.report.words import worlds as words
from sim.report.words.names import counted, listed, short
from sim.report.words.paths import date
from sim.report.words.units import SHARES, signed_difference, summary_heading
from sim.studies.comparing.worlds import RANKED

if TYPE_CHECKING:
    from sim.studies.comparing.worlds import Worlds


def told(found: Worlds, command: str = "") -> Study:
    """The study as it is told; `command` made it."""
    results, comparison = found.results, found.comparison
    left_out = f" ({comparison.left_out} that failed left out)" if comparison.left_out else ""
    facts = (f"{counted(len(found.policies), 'policy', 'policies')} in {counted(len(found.worlds), 'world')}, "
             f"{counted(found.runs, 'run')} of each on the same luck{left_out}, {date(results, 0)} to "
             f"{date(results, len(comparison.dates) - 1)}, seed {results.seed}, {in_words(results.uncertainty)}")
    title = f"{listed([short(policy) for policy in found.policies])}, in {counted(len(found.worlds), 'world')}"
    return Study(
        "worlds", title, facts, worlds_brief.claims(found), words.limits(found),
        [_best(found), _differences(found), _regret(found), _turns(found), _worlds(found)], command,
        how_to_repeat(results))


def _best(found: Worlds) -> Section:
    notes = ["Best and worst: clearly so against each other policy. Tied: none of these is clearly better than another "
             "of them, which is no proof that they are alike.", *narrative.cautions(RANKED)]
    said = [*(words.ranked_sentence(found, name) for name in RANKED), *words.unranked_sentences(found)]
    return Section("best", "Who is best where", words.best_counted(found), tables=[words.best_table(found)],
                   notes=[*said, *notes])


def _differences(found: Worlds) -> Section:
    """A picture for each primary outcome that moves, and the numbers of all behind it."""
    names = words.shown_outcomes(found)
    figures = [_figure(found, name, number) for number, name in enumerate(names)]
    still = [name for name in dict.fromkeys(found.table["outcome"]) if name not in names]
    notes = [f"Filled marks: the {percent(found.level)} interval leaves out zero; hollow: it covers zero. All "
             "intervals hold together, over primary outcomes, worlds and pairs of policies.",
             *narrative.cautions([name for name in PRIMARY if name not in RANKED])]
    if still:
        notes.insert(0, narrative.alike(still))
    lead = (f"Differences to {short(found.baseline)} in the same world, run by run on the same luck."
            if names else "No primary outcome differs clearly from the baseline policy in any world.")
    return Section("differences", "What differs, world by world", lead, figures,
                   folded=[words.outcome_table(found, name) for name in still], notes=notes)


def _figure(found: Worlds, outcome: str, number: int) -> Figure:
    about, several = OUTCOMES[outcome], len(found.policies) > 2
    part = found.table[(found.table["outcome"] == outcome) & (found.table["policy"] != found.baseline)]
    rows = [Row(f"{short(row['world'])}: {short(row['policy'])}" if several else short(row["world"]),
                signed_difference(about, row["difference"]), row["difference"], row["low"], row["high"],
                clear=row["clear"], role=found.policies.index(row["policy"])) for row in part.to_dict("records")]
    label = f"difference to {short(found.baseline)}{', points' if about.unit in SHARES else ''}"
    svg = drawn_rows(rows, label, lambda at: _tick(about, at), f"world{number}", f"{summary_heading(about)}: {label}")
    note = f"{about.better} is better" if about.better else "neither end is better"
    return Figure(summary_heading(about), note, svg, words.outcome_table(found, outcome),
                  hue=None if several else hue(1))


def _tick(about: Outcome, difference: float) -> str:
    """A difference on an axis whose unit stands beside it: "+10", "−$5bn"."""
    return signed_difference(about, difference).removesuffix(" points").removesuffix(" months")


def _regret(found: Worlds) -> Section:
    notes = ["Regret: how much worse a policy does, on average over runs, than the best of those compared in the same "
             "world. Its interval covers that the best is chosen by the same runs. Bold: clearly regretted least."]
    return Section("regret", "What is regretted", words.regretted_least(found), tables=[words.regret_table(found)],
                   notes=notes)


def _turns(found: Worlds) -> Section:
    table = words.flips_table(found)
    return Section("turns", "Where the order turns", words.turns(found) or "One world cannot show it.",
                   tables=[table] if table else [],
                   notes=["An order turns where two policies differ clearly one way in one world and clearly the other "
                          "way in another; where one of the two is unclear, nothing is said."])


def _worlds(found: Worlds) -> Section:
    return Section("worlds", "The worlds", words.NO_WEIGHTS, tables=[words.worlds_table(found.worlds)])
