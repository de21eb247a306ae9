"""What rival theories leave of a comparison's differences, in a sentence or two and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.model.outcomes import OUTCOMES
from sim.report.words.names import listed, short
from sim.report.words.tables import Table
from sim.report.words.units import signed_difference

Row = Mapping[str, Any]


def ranges(table: Any, raised: Sequence[str], from_: Sequence[str]) -> dict[str, tuple[float, float]]:
    """By primary outcome the least and most effect over theories, as it is among them.

    The effect is the mean difference of the scenarios `raised` less that of `from_`; the baseline has none of its own.
    `table` is what `across_theories` found.
    """
    found = table.pivot(index=["theory", "outcome"], columns="scenario", values="difference")
    ends = [found.reindex(columns=list(titles)).fillna(0.0).mean(axis=1) for titles in (raised, from_)]
    effect = (ends[0] - ends[1]).groupby(level="outcome")
    return {str(name): (float(low), float(high)) for (name, low), high in zip(effect.min().items(), effect.max(),
                                                                             strict=True)}


def theories_sentence(rows: Sequence[Row]) -> str:
    """In how many theories what is clear keeps its sign, and of what the rest is."""
    clear = [row for row in rows if row["clear_as_it_is"]]
    if not clear:
        return "No difference of a primary outcome is clear as it is, so none has a sign to keep under other theories."
    count = clear[0]["theories"]
    turned = [row for row in clear if row["same_sign"] < count]
    text = f"Under {count} theories of how the world works, one changed at a time (as it is among them), "
    if not turned:
        return f"{text}all {len(clear)} clear differences keep their sign."
    named = listed([_lower(title) for title in dict.fromkeys(OUTCOMES[row["outcome"]].title for row in turned)])
    return (f"{text}{len(clear) - len(turned)} of {len(clear)} clear differences keep their sign in all; "
            f"{len(turned)}, of {named}, {'hangs' if len(turned) == 1 else 'hang'} on the theory.")


def _lower(title: str) -> str:
    """A title within a sentence; what is a name or an abbreviation stays."""
    return title if title.startswith(("US", "China", "EU", "AI")) else title[0].lower() + title[1:]


def theories_table(rows: Sequence[Row]) -> Table:
    """A row for each primary outcome and scenario."""
    lines = []
    for row in rows:
        outcome = OUTCOMES[row["outcome"]]
        lines.append([
            outcome.summary_title, short(row["scenario"]), signed_difference(outcome, row["difference"]),
            f"{signed_difference(outcome, row['least'])} ({row['least_theory']})",
            f"{signed_difference(outcome, row['most'])} ({row['most_theory']})",
            f"{row['same_sign']} of {row['theories']}", f"{row['clear']} of {row['theories']}"])
    head = ("Outcome", "Scenario", "As it is", "Lowest", "Highest", "Same sign", "Same sign and clear")
    return Table("Differences to the baseline under rival theories", head, lines)
