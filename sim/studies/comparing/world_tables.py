"""Policies across worlds in plain text, at most 80 columns wide: a block an outcome, worlds down, policies across."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from sim.common import numbers
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.studies.comparing.tables import WIDTH, printable

if TYPE_CHECKING:
    from sim.studies.comparing.worlds import Worlds

ACROSS = 5  # policies that stand side by side
_WORLD, _POLICY = 22, 60  # columns for the title of a world and of a policy
_MOST_TIED = 3  # letters that fit under "best"
Line = tuple[str, ...]


def as_text(found: Worlds, everything: bool = False) -> str:
    """The tables of all primary outcomes; with `everything` a row for each policy in each world, with intervals."""
    letters = letters_of(found)
    blocks = [_head(found), "\n".join(_legend(found, letters))]
    for name in PRIMARY:
        blocks += _rows_block(found, name, letters) if everything else _blocks(found, name, letters)
    return "\n\n".join([*blocks, textwrap.fill(_foot(found), WIDTH)])


def letters_of(found: Worlds) -> dict[str, str]:
    """A letter for each policy, by title: A is the baseline; after Z come A2, B2 and so on."""
    names = [f"{letter}{'' if round_ == 1 else round_}" for round_ in range(1, 4) for letter in ascii_uppercase]
    return dict(zip(found.policies, names, strict=False))


def best_told(found: Worlds, outcome: str, world: str) -> str:
    """The letter of the best policy of a world, or those that share first place: "C", "B=C", "5 tied"."""
    letters = letters_of(found)
    tied = [letters[policy] for policy in found.tied(outcome, world)]
    return "=".join(tied) if len(tied) <= _MOST_TIED else f"{len(tied)} tied"


def worst_told(found: Worlds, outcome: str, world: str) -> str:
    """The letter of the policy that is clearly worst in a world, or "-"."""
    part = found.table[(found.table["outcome"] == outcome) & (found.table["world"] == world) & found.table["worst"]]
    return "".join(letters_of(found)[policy] for policy in part["policy"]) or "-"


def heading(outcome: str) -> str:
    """An outcome with its unit and what is better: "Severe incidents in total (incidents), lower is better"."""
    about = OUTCOMES[outcome]
    better = f"{about.better} is better" if about.better else "neither end is better"
    return f"{about.summary_title} ({about.unit}), {better}"


def _head(found: Worlds) -> str:
    comparison, results = found.comparison, found.results
    left_out = f" ({comparison.left_out} that failed left out)" if comparison.left_out else ""
    return textwrap.fill(
        f"{len(found.policies)} policies in {len(found.worlds)} worlds, {found.runs:,} runs on the same "
        f"luck{left_out}, {len(comparison.dates)} months from {results.start}, seed {results.seed}.", WIDTH)


def _legend(found: Worlds, letters: dict[str, str]) -> Iterator[str]:
    for policy, letter in letters.items():
        yield f"{letter}  {_cut(policy, _POLICY)}{' (the baseline)' if policy == found.baseline else ''}"


def _blocks(found: Worlds, outcome: str, letters: dict[str, str]) -> list[str]:
    """One outcome: a block for each few policies that fit side by side."""
    return [_block(found, outcome, list(letters.items())[first:first + ACROSS])
            for first in range(0, len(letters), ACROSS)]


def _block(found: Worlds, outcome: str, shown: Sequence[tuple[str, str]]) -> str:
    ranked = bool(OUTCOMES[outcome].better)
    part = found.table[found.table["outcome"] == outcome].set_index(["world", "policy"])
    rows: list[Line] = [("", *(letter for _, letter in shown), *(("best", "worst") if ranked else ()))]
    for world in found.titles:
        cells = [_cell(part.loc[(world, policy)], policy == found.baseline) for policy, _ in shown]
        ends = [best_told(found, outcome, world), worst_told(found, outcome, world)] if ranked else []
        rows.append((_cut(world), *cells, *ends))
    if ranked:
        regrets = found.regrets[found.regrets["outcome"] == outcome].set_index("policy")["regret"]
        rows.append(("largest regret", *(numbers.plain(float(regrets[policy]), 2) for policy, _ in shown), "", ""))
    return "\n".join([heading(outcome), *_aligned(rows)])


def _cell(row: Any, is_baseline: bool) -> str:
    """The baseline's mean, another policy's difference to it; in brackets where its interval holds nil."""
    if is_baseline:
        return numbers.plain(row["mean"])
    told = numbers.estimate(row["difference"], row["low"], row["high"])
    return told if row["clear"] else f"({told})"


def _rows_block(found: Worlds, outcome: str, letters: dict[str, str]) -> list[str]:
    """One outcome with every interval: a row for each policy in each world."""
    rows: list[Line] = [("", "", "mean", "difference", "[interval]", "regret", "[interval]")]
    last = ""
    for row in found.table[found.table["outcome"] == outcome].to_dict("records"):
        own = row["policy"] == found.baseline
        difference, regret = ((row[name], row[low], row[high]) for name, low, high in (
            ("difference", "low", "high"), ("regret", "regret_low", "regret_high")))
        rows.append((_cut(row["world"]) if row["world"] != last else "", letters[row["policy"]],
                     numbers.plain(row["mean"]), "" if own else numbers.estimate(*difference),
                     "" if own else numbers.interval(difference[1], difference[2], difference[0]),
                     *(("", "") if math.isnan(regret[0]) else (
                         numbers.plain(regret[0], 2), numbers.interval(regret[1], regret[2], regret[0])))))
        last = row["world"]
    return ["\n".join([heading(outcome), *_aligned(rows)])]


def _cut(title: str, width: int = _WORLD) -> str:
    text = printable(title)
    return text if len(text) <= width else f"{text[:width - 3]}..."


def _aligned(rows: Sequence[Line]) -> Iterator[str]:
    """Lines with the first column at the left and the others at the right of their columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([f"  {row[0]:<{widths[0]}}", *cells]).rstrip()


def _foot(found: Worlds) -> str:
    level = numbers.percent(found.level)
    return ("A: means; the others: differences to A in the same world, in brackets where the interval holds nil. Best "
            "and worst: clearly so against each other policy; joined by =: none of them is clearly better. Regret: how "
            f"much worse than the best of a world. The {level} intervals of all primary outcomes hold together, over "
            "outcomes, worlds and pairs of policies, in this model.")
