"""The report of a sensitivity study: tornado diagrams of shares of variance and of the screening, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.common.numbers import percent, plain
from sim.model.parameters import levers, parameters
from sim.report.charts.rows import Row, drawn_rows
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words.levers import lever_in_words, lever_unit
from sim.report.words.names import counted, inside, listed
from sim.report.words.tables import Table
from sim.report.words.trust import set_beyond
from sim.studies.sweeping.sensitivity import WIDE

if TYPE_CHECKING:
    from sim.studies.sweeping.sensitivity import Indices, Sensitivity

SHOWN = 40
NAMED = 3
SCREENED = 12  # drawn; the table has more
_LIMITS = ("A share says whose range moves the outcome most. It cannot tell which values are right, nor what the model "
           "leaves out; with other ranges the shares are others.")


def finding(found: Sensitivity) -> str:
    """What drives the outcome, or that so few samples do not tell; luck's share; how many samples would do."""
    luck = _whose(found)
    indices = found.indices
    shown = indices.indices[:NAMED if indices.converged else 1]
    told = [f"{inside(lever_in_words(index.axis))} ({_share(index.total)}, {_share(index.total - index.total_half)} to "
            f"{_share(index.total + index.total_half)})" for index in shown]
    share, it, interval = (("shares", "each", "95% intervals") if len(told) > 1 else
                           ("its share", "it", "the 95% interval"))
    driven = (f"{found.subject} is driven most by {listed(told)}: {share} of the variance over the parameters' ranges, "
              f"in all that {it} acts through, with {interval}.")
    if indices.converged:
        return f"{driven} {luck}"
    more = f"With --samples {indices.samples_needed} all shares should be within ±{percent(WIDE)}."
    if _stands_out(indices):
        return f"{driven} {more} {luck}"
    widest = max(index.total_half for index in indices.indices)
    first = [lever_in_words(effect.axis) for effect in found.effects[:NAMED]]
    screened = f" The screening puts first: {listed(list(map(inside, first)))}." if first else ""
    return (f"{counted(indices.samples, 'base sample')} cannot tell what drives {inside(found.subject)} most: a share "
            f"of its variance is uncertain by up to ±{_share(widest)}.{screened} {more} {luck}")


def _whose(found: Sensitivity) -> str:
    """What luck makes of a single run's variance, and theories where some were drawn."""
    if found.shares is None:
        return f"Luck makes {percent(found.luck_share)} of a single run's variance."
    shares = found.shares
    parts = [f"{_share(size)} ({_share(size - half)} to {_share(size + half)}) is {what}" for what, size, half in (
        ("which theory holds", shares.theories, shares.theories_half),
        ("what parameters are", shares.parameters, shares.parameters_half))]
    return (f"Of a single run's variance over all axes {parts[0]}, {parts[1]}, {_share(shares.joint)} what both make "
            f"only together, and {percent(shares.luck)} luck.")


def _stands_out(indices: Indices) -> bool:
    """Whether the interval of the largest share lies above those of all others."""
    first, *others = indices.indices
    return all(first.total - first.total_half > other.total + other.total_half for other in others)


def _possible(share: float) -> float:
    """A share within what a share can be; an estimate beyond it is noise."""
    return min(max(share, 0.0), 1.0)


def _share(share: float) -> str:
    return percent(_possible(share))


def told(found: Sensitivity, command: str = "") -> Study:
    """The study as it is told; `command` made it."""
    sections = [_shares(found)] + ([_screening(found)] if found.effects else [])
    return Study(
        "sensitivity", f"What drives it: {found.subject}",
        f"{counted(found.points, 'point')}, {counted(found.runs, 'run')} each on the same luck; "
        f"{counted(found.indices.samples, 'base sample')} of Sobol' indices", [finding(found)],
        f"{set_beyond(found.beyond)} {_LIMITS}".strip(), sections,
        command,
        [("Methods", "Morris (1991) screening; Sobol' indices with bootstrap intervals (Saltelli 2010), by SALib"),
         ("Luck's share of a single run's variance", percent(found.luck_share))])


def _meaning(axis: str) -> str:
    group, _, name = axis.partition(".")
    known = parameters().get(name) if group == "uncertainty" else levers().get(axis)
    if known is None or known.low is None or known.high is None:
        return ""
    return f"{known.text} ({plain(known.low)} to {plain(known.high)} {lever_unit(axis)})".replace(" )", ")")


def _shares(found: Sensitivity) -> Section:
    indices = found.indices.indices
    rows = [Row(lever_in_words(i.axis), _share(i.total), _possible(i.total), _possible(i.total - i.total_half),
                _possible(i.total + i.total_half), thick=(0.0, _possible(min(i.first, i.total))), bar=True,
                clear=i.total > i.total_half) for i in indices]
    svg = drawn_rows(rows, "share of the variance over the ranges", percent, "shares", "Shares of variance")
    table = Table("Shares of variance, with 95% half-widths", ("Axis", "Name", "Alone", "In all", "What it is"),
                  [[lever_in_words(i.axis), i.axis, f"{i.first:.2f} ± {i.first_half:.2f}",
                    f"{i.total:.2f} ± {i.total_half:.2f}", _wrapped(_meaning(i.axis))] for i in indices])
    top = indices[0]
    lead = (f"{lever_in_words(top.axis)} has the largest share, {_share(top.total)} in all it acts through and "
            f"{_share(min(top.first, top.total))} alone." if found.indices.converged or _stands_out(found.indices) else
            "So few samples do not tell which share is the largest; the intervals show how wide they leave it.")
    note = ("Pale bar and mark: share in all that an axis acts through, with its 95% interval; dark bar: share alone. "
            "Hollow: the interval covers zero. The chart ends where a share must; the table has estimates as they come "
            "out, below 0, above 1 or alone beyond in all where samples are few.")
    converged = ([] if found.indices.converged else
                 [f"Not converged: some intervals are wider than ±{percent(WIDE)}; about "
                  f"{found.indices.samples_needed:,} base samples would do."])
    figure = Figure("Shares of variance", "total and alone", svg, table)
    return Section("shares", "Whose variance it is", lead, [figure], notes=[note, *converged,
                                                                            *narrative.cautions([found.outcome])])


def _screening(found: Sensitivity) -> Section:
    shown = found.effects[:SCREENED]
    rows = [Row(lever_in_words(e.axis), plain(e.mu_star, 2), e.mu_star, e.mu_star - e.half_width,
                e.mu_star + e.half_width, bar=True, clear=e.mu_star > e.half_width) for e in shown]
    svg = drawn_rows(rows, "mean absolute effect of a step, in the outcome's unit", plain, "screening", "Screening")
    table = Table("Mean absolute effect of a step of two thirds of the range, in the outcome's unit (Morris)",
                  ("Axis", "Name", "Effect", "95% half-width", "Spread"),
                  [[lever_in_words(e.axis), e.axis, plain(e.mu_star), plain(e.half_width, 2), plain(e.sigma)]
                   for e in found.effects[:SHOWN]])
    lead = (f"Of {counted(len(found.effects), 'axis', 'axes')} the strongest {len(found.indices.indices)} went on to "
            "the indices above; the others stayed at their defaults there.")
    return Section("screening", "What was screened", lead,
                   [Figure("Effect of a step", f"the strongest {len(shown)}", svg, table)])


def _wrapped(text: str, width: int = 60) -> str:
    """Text in lines, since a table's cells keep theirs."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
