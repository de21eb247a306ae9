"""Draws the five loops of cause in docs/lesson.md, and writes its list of arrows, from what the rules read and write.

    python docs/draw_causes.py

Groups, places and loops are chosen here, so that a person can read the picture; whether there is an arrow, and what it
is made of, `docs/causes.py` takes from the code. An arrow of a loop that no rule makes is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from causes import STATE, Cause, causes

PAGE = Path(__file__).parent / "lesson.md"
PICTURE = Path(__file__).parent / "images" / "causes.svg"
TITLE = "Five loops of cause between twelve groups of the model's state"


class Group(NamedTuple):
    """Quantities that are drawn as one box: its place, two lines of small print, and what is in it."""

    column: int
    row: int
    print: tuple[str, str]
    quantities: str


GROUPS = {
    "Customers": Group(0, 0, ("sales, shares,", "brands"), """
        labs.revenue labs.share labs.people_share labs.reputation customers.adoption customers.potential
        customers.spending customers.revenue customers.segment_size customers.market_share customers.brand
        customers.user_gain customers.fixed_price now.short_of_customers"""),
    "Money": Group(1, 0, ("value, cash,", "rounds, busts"), """
        labs.cash labs.valuation labs.worth labs.standing labs.priced labs.owned labs.raised labs.burn labs.need
        labs.funding_gap labs.parent_share labs.parent_cash_flow labs.research_share labs.credits labs.patron
        labs.spending_wanted labs.growth_wanted labs.distress_months capital.sentiment capital.bust_months capital.pool
        capital.market_before capital.market_growth now.capital_raised now.raised_in_china now.largest_round
        now.short_of_money"""),
    "Courts": Group(2, 0, ("suits, rulings,", "conversions"), """
        docket.active docket.kind docket.plaintiff docket.founder docket.defendant docket.age docket.merit docket.stakes
        docket.injunction docket.ruling_due docket.allies labs.converting labs.review_months labs.barred_months
        labs.enjoined labs.suits_against now.conversions now.suits_filed now.injunctions now.legal_cost"""),
    "Capability": Group(0, 1, ("algorithms,", "best models"), """
        labs.algorithm labs.capability labs.largest_run labs.largest_run_cost labs.run_flop labs.run_months
        labs.followed labs.decided_by_others labs.openness past.frontier past.algorithm nations.frontier"""),
    "Compute": Group(1, 1, ("chips, plants,", "price, power"), """
        labs.compute labs.training_compute labs.user_cost chips.capacity chips.disruption chips.cumulative
        chips.expansion chips.margin chips.margin_seen chips.price chips.premium chips.user_cost chips.sold
        nations.imported_stock nations.domestic_stock nations.domestic_capacity nations.ordered nations.domestic_made
        nations.imported nations.subsidy nations.fab_money nations.fab_pipeline nations.power nations.power_used
        now.short_of_chips now.short_of_power"""),
    "Mission": Group(2, 1, ("legal form,", "founders"), """
        labs.form labs.mission labs.mission_kept founders.home founders.controls founders.mission
        founders.combativeness founders.wealth founders.access founders.grievance_lab founders.grievance
        founders.left_lab founders.know_how now.departures now.spin_offs foundings.decided foundings.founder
        foundings.nation foundings.cash foundings.algorithm foundings.mission foundings.own_money"""),
    "Care": Group(0, 2, ("safety effort", "in the race"), """
        labs.safety labs.enmity labs.race_safety labs.safety_unbound labs.research_kept"""),
    "Distrust": Group(1, 2, ("hostility, arms,", "treaties"), """
        nations.hostility nations.trust nations.lead_expected nations.armed_share nations.military_weight
        nations.revenue_share nations.treaty nations.breach nations.treaty_care labs.defence"""),
    "Withheld": Group(2, 2, ("chips, metals,", "truces"), """
        nations.export_control nations.mineral_ban nations.imports_refused nations.control_suspended
        nations.ban_suspended nations.answers nations.answer_months nations.truce_months chips.mineral_price
        chips.substitution"""),
    "Harm": Group(0, 3, ("incidents, and", "severe ones"), """
        now.incidents now.severe_hazard now.severe_incidents regulators.incident_memory nations.incidents_seen"""),
    "Rules": Group(1, 3, ("laws, licences,", "compliance"), """
        regulators.aim regulators.strictness regulators.draft regulators.bill_months regulators.gap_accepted
        regulators.licences regulators.queue labs.regulated labs.complies labs.licensed labs.held_back
        labs.compliance_cost now.compliance_cost"""),
    "Lobbying": Group(2, 3, ("capture, access", "to politics"), """
        regulators.capture regulators.captured now.lobbying labs.access"""),
}
LEFT_OUT = """
    labs.active labs.nation labs.big4 labs.age_months founders.active capital.market_start chips.cumulative_start
    chips.price_start chips.usual_start chips.shortage_start customers.algorithm_start customers.margin_start
    nations.capital_share nations.chip_leverage nations.mineral_leverage nations.market_size nations.market_closed
    nations.power_reference triggers.held_months triggers.due_months triggers.in_force triggers.fired_month
    announced.months announced.value"""
"""What says who an agent is, or how things stood at the start, or what the scenario is about to do."""
WHOLE_LABS = ("control", "dated")
"""Entry, failure and mergers carry all of a lab away, and dated events strike anywhere: neither is a cause to draw."""

LOOPS = {
    "Capital": ("#0072b2", "#56b4e9", "Money Compute Capability Customers Money"),
    "Chips and metals": ("#b34d00", "#f0883e", "Capability Distrust Withheld Compute Capability", "Withheld Distrust"),
    "Rules and capture": ("#00795a", "#2fc79a", "Harm Rules Care Harm", "Rules Lobbying Rules"),
    "Mission and courts": ("#a3437f", "#e08fc0", "Money Courts Mission Money", "Mission Courts Money",
                           "Mission Lobbying"),
    "Race and distrust": ("#7a6a00", "#d9c640", "Distrust Care Capability", "Care Harm Distrust"),
}
"""Each loop: its colour on white and on black, and the paths that its arrows make."""


# ---- what there is to draw -----------------------------------------------------------------------------------------
@cache
def group_of() -> dict[str, str]:
    """The group of each quantity that is in one."""
    return {quantity: name for name, group in GROUPS.items() for quantity in group.quantities.split()}


@cache
def links() -> dict[tuple[str, str], tuple[Cause, ...]]:
    """Which group moves which other, and by which causes."""
    found: dict[tuple[str, str], list[Cause]] = {}
    for cause in causes():
        ends = group_of().get(cause.source, ""), group_of().get(cause.target, "")
        if all(ends) and ends[0] != ends[1] and cause.rule.partition(".")[0] not in WHOLE_LABS:
            found.setdefault(ends, []).append(cause)
    return {ends: tuple(those) for ends, those in sorted(found.items())}


@cache
def arrows() -> dict[tuple[str, str], str]:
    """The arrows of the picture, each with the first loop that it is in."""
    found: dict[tuple[str, str], str] = {}
    for loop, (_, _, *paths) in LOOPS.items():
        for path in paths:
            for ends in pairwise(path.split()):
                if ends not in links():
                    raise ValueError(f"{loop}: no rule reads {ends[0]} to write {ends[1]}; see docs/causes.py")
                found.setdefault(ends, loop)
    return found


# ---- the picture ---------------------------------------------------------------------------------------------------
WIDE, HIGH, BETWEEN, BELOW, EDGE = 98, 62, 34, 46, 2
WIDTH, TOP = 390, 8
LEGEND = TOP + 4 * HIGH + 3 * BELOW + 28
HEIGHT = LEGEND + 24 * 3 - 8
SHIFT, SHORT, BADGE = 10.0, 2.0, 7.5  # of the two arrows of a pair; before a box; radius of a loop's number
AT = 0.32  # where on an arrow its number stands, so that those of crossing arrows do not meet


def corner(group: Group) -> tuple[float, float]:
    """Upper left corner of a box."""
    return EDGE + group.column * (WIDE + BETWEEN), TOP + group.row * (HIGH + BELOW)


def ends_of(arrow: tuple[str, str]) -> tuple[float, float, float, float]:
    """Where an arrow begins and ends: on the line between two boxes, moved aside where there is one back."""
    (x, y), (to_x, to_y) = (corner(GROUPS[name]) for name in arrow)
    along, down = to_x - x, to_y - y
    length = hypot(along, down)
    paired = SHIFT if arrow[::-1] in arrows() else 0.0
    middle_x, middle_y = x + WIDE / 2 - paired * down / length, y + HIGH / 2 + paired * along / length
    cut = min(WIDE / 2 / abs(along) if along else 1.0, HIGH / 2 / abs(down) if down else 1.0)
    space = SHORT / length
    return (middle_x + along * (cut + space), middle_y + down * (cut + space),
            middle_x + along * (1 - cut - 2 * space), middle_y + down * (1 - cut - 2 * space))


def past(arrow: tuple[str, str]) -> tuple[str, float, float]:
    """An arrow over more than one row, bent at the right of the boxes that it passes; and where its number stands."""
    (x, y), (_, to_y) = (corner(GROUPS[name]) for name in arrow)
    right, half = x + WIDE, HIGH / 2
    bend = right + 22
    path = f"M{right + SHORT} {y + half} C{bend} {y + half} {bend} {to_y + half} {right + 2 * SHORT} {to_y + half}"
    return path, right + 17, (y + to_y) / 2 + half


def drawn(arrow: tuple[str, str], loop: str) -> str:
    """An arrow with its loop's number."""
    column, rows = GROUPS[arrow[0]].column, abs(GROUPS[arrow[0]].row - GROUPS[arrow[1]].row)
    if column == GROUPS[arrow[1]].column and rows > 1:
        path, x, y = past(arrow)
    else:
        x1, y1, x2, y2 = ends_of(arrow)
        path, x, y = f"M{x1:.1f} {y1:.1f} L{x2:.1f} {y2:.1f}", x1 + AT * (x2 - x1), y1 + AT * (y2 - y1)
    number = list(LOOPS).index(loop) + 1
    told = escape(f"{arrow[0]} to {arrow[1]}: {made_of(links()[arrow])}")
    return (f'<g class="l{number}"><title>{told}</title><path d="{path}" marker-end="url(#m{number})"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{BADGE}"/><text x="{x:.1f}" y="{y + 4:.1f}">{number}</text></g>')


def box(name: str, group: Group) -> str:
    """A group."""
    x, y = corner(group)
    middle = x + WIDE / 2
    return (f'<g class="box"><rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="7"/>'
            f'<text class="name" x="{middle}" y="{y + 20}">{name}</text>'
            f'<text x="{middle}" y="{y + 38}">{group.print[0]}</text>'
            f'<text x="{middle}" y="{y + 53}">{group.print[1]}</text></g>')


def legend() -> list[str]:
    """The names of the loops, each with its number."""
    lines = []
    for number, loop in enumerate(LOOPS, 1):
        x, y = EDGE + BADGE + 4 + (number - 1) % 2 * 180, LEGEND + 24 * ((number - 1) // 2)
        lines.append(f'<g class="l{number}"><circle cx="{x}" cy="{y}" r="{BADGE}"/><text x="{x}" y="{y + 4}">{number}'
                     f'</text></g><text class="key" x="{x + 14}" y="{y + 4}">{loop}</text>')
    return lines


def style() -> str:
    """Colours, by light and dark."""
    light = "".join(f".l{n} path{{stroke:{c}}}.l{n} circle,#m{n} path{{fill:{c}}}"
                    for n, (c, *_) in enumerate(LOOPS.values(), 1))
    dark = "".join(f".l{n} path{{stroke:{c}}}.l{n} circle,#m{n} path{{fill:{c}}}"
                   for n, (_, c, *_) in enumerate(LOOPS.values(), 1))
    return (".back{fill:#fff}text{font:12px system-ui,sans-serif;text-anchor:middle;fill:#222}"
            ".name{font-weight:600;font-size:14px}.key{text-anchor:start}g path{fill:none;stroke-width:2}"
            ".box rect{fill:#f3f4f6;stroke:#9aa0a6}g[class^=l] text{fill:#fff;font-weight:700}" + light
            + "@media (prefers-color-scheme:dark){.back{fill:#1e2129}text{fill:#e6e6e6}"
            ".box rect{fill:#2b2f3a;stroke:#6b7280}g[class^=l] text{fill:#111}" + dark + "}")


def picture() -> str:
    """The picture, as SVG."""
    markers = "".join(f'<marker id="m{n}" markerWidth="9" markerHeight="9" refX="6" refY="4" orient="auto" '
                      'markerUnits="userSpaceOnUse"><path d="M0 0 L8 4 L0 8 z"/></marker>'
                      for n in range(1, len(LOOPS) + 1))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{TITLE}</title>", f"<style>{style()}</style>", f"<defs>{markers}</defs>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        *(drawn(arrow, loop) for arrow, loop in arrows().items()),
        *(box(name, group) for name, group in GROUPS.items()), *legend(), "</svg>"]) + "\n"


# ---- the list of arrows --------------------------------------------------------------------------------------------
SHOWN = 4  # rules and quantities of an arrow that are named


def made_of(found: tuple[Cause, ...]) -> str:
    """The rules that make an arrow, by the order of their names."""
    return ", ".join(sorted({cause.rule for cause in found}))


def some(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = sorted(dict.fromkeys(names))
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def in_words(quantity: str) -> str:
    """A quantity without its table: "funding gap"."""
    return quantity.partition(".")[2].replace("_", " ")


def listed() -> str:
    """Every arrow of the picture: what is read, what is written, by which rules."""
    lines = []
    for (source, target), loop in arrows().items():
        found = links()[source, target]
        lines.append(f"- {list(LOOPS).index(loop) + 1}, **{source} to {target}**: "
                     f"{some(in_words(cause.source) for cause in found)} → "
                     f"{some(in_words(cause.target) for cause in found)}, in "
                     f"{some(f'`{cause.rule}`' for cause in found)}")
    return "\n".join(lines)


def written(page: str) -> str:
    """The lesson with its list of arrows, and its count of links, as the code has them."""
    page = re.sub(r"(?<=hold )\d+ links", f"{len(links())} links", page)
    page = re.sub(r"(?<=shows )\d+ of them", f"{len(arrows())} of them", page)
    head, end_of_summary, tail = page.partition("</summary>\n\n")
    return head + end_of_summary + listed() + "\n\n" + tail[tail.index("</details>"):]


def unplaced() -> set[str]:
    """Quantities that are in no group and not left out either."""
    every = {f"{kind}.{name}" for kind in STATE for name in STATE[kind].quantities}
    return every ^ (set(group_of()) | set(LEFT_OUT.split()))


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PICTURE.name, PAGE.name)
