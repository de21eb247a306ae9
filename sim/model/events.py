"""What happened: events as arrays while the simulation runs, one English sentence each afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.common.arguments import names
from sim.model.state import NATIONS, NOBODY, REGULATORS

if TYPE_CHECKING:
    from sim.model.asked import ScenarioLike
    from sim.model.naming import Names

LAB, FOUNDER, NATION, REGULATOR, NOTHING = "lab", "founder", "nation", "regulator", ""
POLICY, TRIGGER = "change", "trigger"  # of the scenario, which names them


@dataclass(frozen=True)
class EventKind:
    """A kind of event: whom `actor` and `target` index, and the sentence that tells it.

    The sentence may use {actor}, {target} and {amount}; `weight` ranks kinds when a story must be short.
    """

    actor: str
    target: str
    sentence: str
    weight: int = 1


EVENTS: Mapping[str, EventKind] = names("kind of event", {
    "release": EventKind(
        LAB, NOTHING, "{actor} releases the world's best model, worth 10^{amount:.1f} effective FLOP.", 2
    ),
    "round": EventKind(LAB, NOTHING, "{actor} raises ${amount:,.1f}bn.", 2),
    "down_round": EventKind(LAB, NOTHING, "{actor} raises ${amount:,.1f}bn at a lower price than in its last round.",
                            3),
    "round_fails": EventKind(LAB, NOTHING, "{actor} finds no investors for ${amount:,.1f}bn.", 3),
    "patron": EventKind(LAB, LAB, "{actor} becomes the corporate patron of {target}.", 4),
    "hundred_billion": EventKind(LAB, NOTHING, "{actor} has raised more than $100bn in all.", 5),
    "bust": EventKind(NOTHING, NOTHING, "Investors' confidence in AI breaks.", 5),
    "departure": EventKind(FOUNDER, LAB, "{actor} leaves {target} over its drift from the mission.", 4),
    "spin_off": EventKind(FOUNDER, LAB, "{actor} founds {target} with ${amount:,.2f}bn.", 5),
    "joins": EventKind(FOUNDER, LAB, "{actor} joins {target}.", 1),
    "entry": EventKind(LAB, NOTHING, "{actor} opens for business with ${amount:,.2f}bn.", 2),
    "closure": EventKind(LAB, NOTHING, "{actor} runs out of money and closes.", 3),
    "acquisition": EventKind(LAB, LAB, "{actor} takes over the staff and assets of {target}.", 4),
    "takeover_bid": EventKind(LAB, LAB, "{actor} bids ${amount:,.1f}bn for {target}; the bid is rejected.", 4),
    "takeover": EventKind(LAB, LAB, "{actor} buys {target} for ${amount:,.1f}bn.", 5),
    "media_attack": EventKind(FOUNDER, LAB, "{actor} attacks {target} in public.", 1),
    "defence_contract": EventKind(LAB, NOTHING, "{actor} takes on defence work.", 3),
    "review_opened": EventKind(LAB, NOTHING, "{actor} asks the state's leave to convert to a for-profit company.", 4),
    "conversion": EventKind(LAB, NOTHING, "{actor} converts to a for-profit company.", 5),
    "capped_profit": EventKind(LAB, NOTHING, "{actor} sets up a capped-profit arm.", 5),
    "conversion_refused": EventKind(LAB, NOTHING, "The state refuses {actor} leave to convert.", 5),
    "suit_rivalry": EventKind(LAB, LAB, "{actor} sues {target}, driven mostly by competition.", 4),
    "suit_mission": EventKind(LAB, LAB, "{actor} sues {target}, driven mostly by the mission.", 4),
    "suit_copyright": EventKind(NOTHING, LAB, "Rights holders sue {target}.", 2),
    "ally": EventKind(LAB, LAB, "{actor} sides against {target} and writes to the attorney general.", 3),
    "injunction": EventKind(LAB, LAB, "{actor} wins an injunction that stops {target}'s conversion.", 5),
    "injunction_denied": EventKind(LAB, LAB, "A court denies {actor} an injunction against {target}.", 3),
    "dismissal": EventKind(NOTHING, LAB, "A court dismisses a suit against {target}.", 2),
    "settlement": EventKind(NOTHING, LAB, "{target} settles a suit for ${amount:,.2f}bn.", 3),
    "verdict_plaintiff": EventKind(NOTHING, LAB, "A court rules against {target} and awards ${amount:,.2f}bn.", 5),
    "verdict_defendant": EventKind(NOTHING, LAB, "A court rules for {target}.", 4),
    "bill": EventKind(REGULATOR, NOTHING, "{actor} law-makers take up a bill for rules of {amount:.2f}.", 2),
    "bill_fails": EventKind(REGULATOR, NOTHING, "{actor} law-makers let a bill fall; rules stay at {amount:.2f}.", 3),
    "rules_tightened": EventKind(REGULATOR, NOTHING, "{actor} rules have tightened to {amount:.2f}.", 3),
    "rules_eased": EventKind(REGULATOR, NOTHING, "{actor} rules have eased to {amount:.2f}.", 3),
    "licence": EventKind(LAB, NOTHING, "{actor} gets a licence to train at the frontier.", 3),
    "fine": EventKind(LAB, NOTHING, "{actor} is fined ${amount:,.2f}bn for breaking the rules.", 3),
    "severe_incident": EventKind(LAB, NOTHING, "A severe incident involves a model of {actor}.", 6),
    "export_control": EventKind(NATION, NATION, "{actor} withholds more chips from {target}: {amount:.0%}.", 4),
    "controls_eased": EventKind(NATION, NATION, "{actor} eases chip controls on {target} to {amount:.0%}.", 4),
    "mineral_ban": EventKind(
        NATION, NATION, "{actor} withholds more of its minerals from {target}: {amount:.0%}.", 4
    ),
    "truce": EventKind(NATION, NATION, "{actor} and {target} agree a truce in trade.", 4),
    "treaty": EventKind(NATION, NATION, "{actor} and {target} bring an AI treaty into force.", 6),
    "treaty_ends": EventKind(NATION, NATION, "The treaty between {actor} and {target} ends after a breach.", 6),
    "disruption": EventKind(NOTHING, NOTHING, "Trouble around Taiwan cuts the world's chips by {amount:.0%}.", 6),
    "breakthrough": EventKind(LAB, NOTHING, "{actor} finds a better algorithm: {amount:.1f} orders of magnitude.", 5),
    "lapsed": EventKind(LAB, NOTHING, "What was dated for {actor} does not happen, since it is not in business.", 2),
    "power_shortage": EventKind(NATION, NOTHING, "{actor} loses {amount:.0%} of the power for data centres.", 4),
    "subsidy_law": EventKind(
        NATION, NOTHING, "{actor} puts ${amount:,.1f}bn a year of public money into chips and data centres.", 4
    ),
    "bans_eased": EventKind(NATION, NATION, "{actor} withholds less of its minerals from {target}: {amount:.0%}.", 4),
    "truce_ends": EventKind(NATION, NATION, "The truce of {actor} and {target} ends; what it suspended returns.", 4),
    "imports_refused": EventKind(
        NATION, NATION, "{actor} refuses more of the chips that {target} would sell: {amount:.0%}.", 3
    ),
    "policy_announced": EventKind(POLICY, NOTHING, "{actor} is announced.", 4),
    "run_hurried": EventKind(LAB, NOTHING, "{actor} ends a training run before licences begin.", 4),
    "conversion_hurried": EventKind(LAB, NOTHING, "{actor} asks to convert while it still may.", 4),
    "round_hurried": EventKind(LAB, NOTHING, "{actor} raises money while there is more of it.", 3),
    "policy_changes": EventKind(POLICY, NOTHING, "{actor} begins.", 4),
    "policy_lapses": EventKind(POLICY, NOTHING, "{actor} lapses.", 4),
    "trigger_fires": EventKind(TRIGGER, NOTHING, "{actor}: its conditions are met.", 4),
    "trigger_in_force": EventKind(TRIGGER, NOTHING, "{actor} comes into force.", 5),
    "trigger_ends": EventKind(TRIGGER, NOTHING, "{actor} ends.", 5),
    "imports_readmitted": EventKind(
        NATION, NATION, "{actor} lets in more of the chips that {target} would sell, and refuses {amount:.0%}.", 3
    ),
})
KINDS = tuple(EVENTS)

RECORD = np.dtype([("amount", "f8"), ("row", "i4"), ("month", "i2"), ("kind", "i2"), ("actor", "i2"), ("target", "i2")],
                  align=True)
"""An event as numbers: in which row of a batch and month, its code in `KINDS`, and slots, below 0 for nobody."""


class EventLog:
    """Collects events of a batch; it costs little when nothing happens."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self.enabled = True

    def extend(self, events: np.ndarray) -> None:
        """Note events that are records already, (n,) of `RECORD`."""
        if self.enabled and len(events):
            self._parts.append(events)

    def arrays(self) -> dict[str, np.ndarray]:
        """Columns row, month, kind (code into KINDS), actor, target, amount; ordered by row, then month."""
        events = np.concatenate([np.empty(0, RECORD), *self._parts])
        order = np.lexsort((events["month"], events["row"]))
        return {name: events[name][order] for name in ("row", "month", "kind", "actor", "target", "amount")}


def event_texts(
    columns: Mapping[str, np.ndarray], called: Names, scenarios: Sequence[ScenarioLike] = ()
) -> dict[str, list[str]]:
    """Names and sentences for event columns: lists `kind`, `actor`, `target`, `text`, aligned with the columns.

    The events of a run stand together and in order; columns `scenario` and `run`, if any, tell runs apart. `scenarios`,
    by the numbers in that column, name their own changes and triggers; without them these are told by number.
    """
    named = {LAB: called.labs, NATION: NATIONS, REGULATOR: [_jurisdiction(name) for name in REGULATORS], NOTHING: ()}
    told: dict[str, list[str]] = {"kind": [], "actor": [], "target": [], "text": []}
    run_before, homes = None, list(called.homes)
    count = len(columns["kind"])
    runs = [columns[name].tolist() if name in columns else [0] * count for name in ("scenario", "run")]
    rows = zip(*runs, *(columns[name].tolist() for name in ("kind", "actor", "target", "amount")), strict=True)
    for scenario, run, code, actor, target, amount in rows:
        if (scenario, run) != run_before:
            run_before, homes = (scenario, run), list(called.homes)
        name, kind = KINDS[code], EVENTS[KINDS[code]]
        if kind.actor == FOUNDER and actor >= 0:
            who = called.founder(actor, homes[actor])
        elif kind.actor in (POLICY, TRIGGER):
            who = _decided(kind.actor, actor, scenarios[scenario] if scenarios else None)
        else:
            who = named[kind.actor][actor] if kind.actor and actor >= 0 else ""
        whom = named[kind.target][target] if kind.target and target >= 0 else ""
        told["kind"].append(name)
        told["actor"].append(who)
        told["target"].append(whom)
        told["text"].append(sentence(name, who, whom, amount))
        if name in _MOVES:
            _move(homes, name, actor, target)
    return told


def _decided(kind: str, number: int, scenario: ScenarioLike | None) -> str:
    """What a scenario's change or trigger is called, as in `policy “phase-in”`."""
    if scenario is None:
        return f"Scheduled policy {number + 1}" if kind == POLICY else f"Trigger {number + 1}"
    named = scenario.changes if kind == POLICY else scenario.whens
    return f"Policy “{named[number].name}”"


def sentence(kind: str, actor: str, target: str, amount: float) -> str:
    """What an event of this kind says of these names."""
    return EVENTS[kind].sentence.format(actor=actor or "Someone", target=target or "someone", amount=amount)


_MOVES = frozenset({"departure", "spin_off", "joins", "acquisition", "takeover", "closure"})


def _move(homes: list[int], kind: str, actor: int, target: int) -> None:
    """Keep account of where founders work: one moves, or all of a lab that is bought or closed."""
    if kind in ("spin_off", "joins", "departure"):
        homes[actor] = NOBODY if kind == "departure" else target
        return
    gone, to = (actor, NOBODY) if kind == "closure" else (target, actor)
    homes[:] = [to if home == gone else home for home in homes]


def _jurisdiction(name: str) -> str:
    return {"us": "US federal", "california": "California's", "eu": "EU", "uk": "UK", "china": "Chinese"}[name]
