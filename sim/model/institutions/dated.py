"""What a scenario says will happen anyway, on its date."""

from __future__ import annotations

from typing import Any

from sim.model.agents.nations import declare_truce, provoke
from sim.model.agents.regulators import put_into_force
from sim.model.given import DATED_KINDS
from sim.model.institutions.capital import break_confidence
from sim.model.institutions.customers import severe_incident
from sim.model.news import EVENT, tell
from sim.model.rule import codes, rule
from sim.model.state import LAB_SLOTS, NOBODY

KIND: Any = codes(DATED_KINDS)


@rule
def happen(run: Any, given: Any) -> None:
    """Let what is dated for this month happen."""
    for dated in range(len(given.dated)):
        event = given.dated[dated]
        if event.month == run.month:
            _let_happen(run, given, event.kind, event.actor, event.severity)


@rule
def _let_happen(run: Any, given: Any, kind: int, actor: int, severity: float) -> None:
    nations = run.nations
    if kind == KIND.taiwan_disruption:
        run.chips.disruption = max(run.chips.disruption, severity)
        tell(run, EVENT.disruption, NOBODY, NOBODY, severity)
    elif kind == KIND.severe_incident:
        lab = actor if actor != NOBODY else _leader(run)
        if _in_business(run, lab):
            severe_incident(run, given, lab, severity)
    elif kind == KIND.market_bust:
        run.capital.sentiment *= 1.0 - severity
        break_confidence(run, given, 0.0)
    elif kind == KIND.breakthrough:
        if _in_business(run, actor):
            run.labs.algorithm[actor] += severity
            tell(run, EVENT.breakthrough, actor, NOBODY, severity)
    elif kind == KIND.chip_control_step:
        nations.export_control[actor] += severity * (1.0 - nations.export_control[actor])
        provoke(run, given, actor)
        tell(run, EVENT.export_control, actor, 1 - actor, nations.export_control[actor])
    elif kind == KIND.mineral_ban:
        nations.mineral_ban[actor] += severity * (1.0 - nations.mineral_ban[actor])
        tell(run, EVENT.mineral_ban, actor, 1 - actor, nations.mineral_ban[actor])
    elif kind == KIND.truce:
        declare_truce(run, given, severity)
    elif kind == KIND.new_law:
        # A law also says what its regulator works towards from then on.
        run.regulators.aim[actor], run.regulators.bill_months[actor] = severity, NOBODY
        put_into_force(run, actor, severity)
    elif kind == KIND.power_shortage:
        nations.power[actor] *= 1.0 - severity
        tell(run, EVENT.power_shortage, actor, NOBODY, severity)
    elif kind == KIND.subsidy_law:
        nations.subsidy[actor] = severity * given.p.subsidy_at_full_severity
        tell(run, EVENT.subsidy_law, actor, NOBODY, nations.subsidy[actor])


@rule
def _leader(run: Any) -> int:
    """The lab in business whose model is the most capable."""
    leader = 0
    for lab in range(LAB_SLOTS):
        better = run.labs.capability[lab] > run.labs.capability[leader] or not run.labs.active[leader]
        if run.labs.active[lab] and better:
            leader = lab
    return leader


@rule
def _in_business(run: Any, lab: int) -> bool:
    """Whether a lab is still there; where it is not, it is told that nothing happens."""
    there = run.labs.active[lab] > 0
    if not there:
        tell(run, EVENT.lapsed, lab)
    return there
