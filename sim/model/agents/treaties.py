"""Treaties: the US and China bind their labs to a level of care, keep that or break it, by what it gains (S17).

Both sides of the scale are the model's own: harm avoided, from its hazard of severe incidents and one stated value of
harm; research forgone and lead risked, from what care and inspections cost labs and what powers expect of a lead.
"""

from __future__ import annotations

from typing import Any

from sim.model.agents.powers import all_at_stake, market_expected, sympathy, worth_of_lead
from sim.model.elementary import exp, log, log10
from sim.model.industry import best_capability
from sim.model.institutions.customers import hazard_of
from sim.model.luck import CHANNEL, uniform
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import full, rule, zeros
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, REGULATORS, US

_NOTHING = 1e-12  # keeps quotients finite


# ---- published form ------------------------------------------------------------------------------------------------
@rule
def cooperation_lasts(discount: float, temptation: float, reward: float, punishment: float) -> bool:
    """Whether a trigger strategy keeps a repeated prisoner's dilemma cooperative: discount >= (T - R)/(T - P)."""
    return discount >= (temptation - reward) / (temptation - punishment)


# ---- what law makes of it --------------------------------------------------------------------------------------------
@rule
def verification(run: Any, given: Any, power: int) -> float:
    """Chance in a year that a breach by a power is seen: each look has the treaty's own, and law adds looks (S17).

    A treaty looks once a year. Its inspectors also read what a strict regulator's audits find, and go where labs work
    under licence: 1 - (1 - v)^(1 + audits + licensed).
    """
    labs, seen = run.labs, given.policy.diplomacy.treaty_verification
    audits = licensed = total = 0.0
    for regulator in range(len(REGULATORS)):
        if given.start.served[regulator] == power:
            strictness = run.regulators.strictness[regulator]
            audits = max(audits, strictness * given.policy.regulation.audit_capacity[regulator])
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.nation[lab] == power:
            licensed += labs.compute[lab] * labs.licensed[lab]
            total += labs.compute[lab]
    looks = 1.0 + audits + licensed / max(total, _NOTHING)
    return 1.0 if seen >= 1.0 else 1.0 - exp(looks * log(1.0 - seen))


@rule
def bound(run: Any, given: Any, lab: int) -> bool:
    """Whether a treaty binds a lab: its power keeps one."""
    power = given.start.blocs[run.labs.nation[lab]]
    return run.nations.treaty[power] > 0 and not run.nations.breach[power]


# ---- treaties -------------------------------------------------------------------------------------------------------
@rule
def keep_or_break_treaties(run: Any, given: Any) -> None:
    """Treaties are signed when both would keep them, kept while patience outweighs temptation, and end in breach (S17).

    Noisy verification weakens the threat that holds a treaty together, and can raise a false alarm.
    """
    nations, p = run.nations, given.p
    coop = given.policy.diplomacy.us_china_cooperation
    in_force = nations.treaty[US] > 0
    trust = min(nations.trust[US], nations.trust[CHINA])
    ready = uniform(run, given, CHANNEL.nations_treaty, 0) < p.treaty_hazard * coop * trust
    if not (in_force or ready):
        return
    harm, hazard, careful = _expected_harm(run, given)
    if not in_force:
        care = _best_care(run, given, harm, hazard, careful)
        nations.treaty_care[US] = nations.treaty_care[CHINA] = care
    avoided, slowed = zeros(BLOCS), zeros(BLOCS)
    _effects(run, given, avoided, slowed)
    both, ends, unseen = True, False, 0.0
    for own in (US, CHINA):
        seen = verification(run, given, own)
        unseen = max(unseen, 1.0 - seen)
        reward, temptation = _stakes(run, given, own, harm, avoided, slowed)
        # A breach is seen only with some chance in a year, so the future counts for less.
        patience = p.patience * seen / max(1.0 - p.patience * (1.0 - seen), _NOTHING)
        gains = seen > 0.0 and reward > 0.0  # a promise that nobody can check is worth nothing
        willing = gains and (temptation <= reward or cooperation_lasts(patience, temptation, reward, 0.0))
        breaks = in_force and not willing
        nations.breach[own] = breaks
        both = both and willing
        ends = ends or (breaks and uniform(run, given, CHANNEL.nations_treaty, 1 + own) < seen / 12.0)
    ends = ends or (in_force and uniform(run, given, CHANNEL.nations_treaty, 3) < p.false_alarm * unseen / 12.0)
    signs = not in_force and both
    for own in (US, CHINA):
        nations.treaty[own] = (in_force or signs) and not ends
        nations.breach[own] = nations.breach[own] and nations.treaty[own]
        if ends:
            nations.trust[own] *= p.trust_after_breach
            nations.hostility[own] = min(nations.hostility[own] + p.breach_anger, 1.0)
    if signs:
        tell(run, EVENT.treaty, US, CHINA)
    if ends:
        tell(run, EVENT.treaty_ends, US, CHINA)


# ---- what a treaty gains -------------------------------------------------------------------------------------------
@rule
def _expected_harm(run: Any, given: Any) -> tuple[float, float, float]:
    """What a severe incident costs as powers see it, by all that is at stake; their hazard a year; care that meets it.

    Hazard and care (its mean, by hazard) are those that labs' own choice and the law would leave. Powers judge the
    hazard by the experts' figure, which is the model's, and by what they have seen: the mean of a gamma prior worth
    `experts_years`, after as many years as their memory holds.
    """
    nations, labs, p = run.nations, run.labs, given.p
    near, hazard, careful = best_capability(run) - p.race_window, 0.0, 0.0
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.capability[lab] > near:
            of_lab = 12.0 * hazard_of(run, given, lab, labs.safety_unbound[lab])
            hazard += of_lab
            careful += of_lab * labs.safety_unbound[lab]
    remembered = 1.0 / p.memory_fades
    seen = 0.5 * (nations.incidents_seen[US] + nations.incidents_seen[CHINA])
    judged = (p.experts_years * hazard + seen) / (p.experts_years + remembered)
    weight = judged / max(hazard, _NOTHING)
    return weight * p.harm_usd_bn / all_at_stake(run, given), hazard, careful / max(hazard, _NOTHING)


@rule
def _best_care(run: Any, given: Any, harm: float, hazard: float, careful: float) -> float:
    """The care that gains both powers together most: where its last step averts as much harm as it costs in growth.

    Harm falls as exp(-hazard_safety x care), research by the safety tax, and growth with research; a treaty asks for
    no more than law at full strictness would.
    """
    nations, p = run.nations, given.p
    borne = nations.market_size[US] + nations.market_size[CHINA]
    averted = p.hazard_safety * borne * harm * hazard
    forgone = p.safety_tax / (1.0 - p.safety_tax * careful) * max(run.capital.market_growth, 0.0)
    forgone *= p.powers_horizon / 2.0 * _market_share(run, given)  # half of the horizon on average
    more = log(max(averted / max(forgone, _NOTHING), 1.0)) / p.hazard_safety
    return clip(careful + more, 0.0, max(p.legal_safety_floor, careful))


@rule
def _market_share(run: Any, given: Any) -> float:
    """The market's share of all that is at stake."""
    return market_expected(run, given) / all_at_stake(run, given)


@rule
def _effects(run: Any, given: Any, avoided: Any, slowed: Any) -> None:
    """Severe incidents a year that a treaty's care avoids in each bloc, and the share of research that it costs there.

    Into `avoided` and `slowed` (blocs,). Inspections take a share of research, whatever the care.
    """
    labs, nations, p = run.labs, run.nations, given.p
    near, compute = best_capability(run) - p.race_window, full(BLOCS, _NOTHING)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        bloc, free = given.start.blocs[labs.nation[lab]], labs.safety_unbound[lab]
        more = max(nations.treaty_care[bloc] - free, 0.0)
        if labs.capability[lab] > near and more > 0.0:
            spared = 1.0 - exp(-p.hazard_safety * more)
            avoided[bloc] += 12.0 * hazard_of(run, given, lab, free) * spared
        kept = (1.0 - p.safety_tax * (free + more)) / (1.0 - p.safety_tax * free) * (1.0 - p.treaty_inspections)
        compute[bloc] += labs.compute[lab]
        slowed[bloc] += labs.compute[lab] * (1.0 - kept)
    for bloc in range(BLOCS):
        slowed[bloc] /= compute[bloc]


@rule
def _stakes(run: Any, given: Any, own: int, harm: float, avoided: Any, slowed: Any) -> tuple[float, float]:
    """Reward of a treaty that both keep and temptation to break it alone, a year, over none, by all that is at stake.

    Each power bears harm by its share of the use of AI, and growth forgone by its share of revenue. Who breaks it
    keeps the rival's care and gains the lead that the rival forgoes.
    """
    nations, rival = run.nations, 1 - own
    growth = max(run.capital.market_growth, 0.0) * given.p.powers_horizon / 2.0  # of half the horizon on average
    growth *= _market_share(run, given)
    ours, theirs = harm * nations.market_size[own], harm * nations.market_size[rival]
    we_forgo = growth * nations.revenue_share[own] * slowed[own]
    they_forgo = growth * nations.revenue_share[rival] * slowed[rival]
    lead, counts = worth_of_lead(run, given, own), sympathy(run, given, own)
    we_fall, they_fall = -log10(1.0 - slowed[own]), -log10(1.0 - slowed[rival])
    together = avoided[own] + avoided[rival]
    reward = ours * together - we_forgo + counts * (theirs * together - they_forgo) + lead * (they_fall - we_fall)
    temptation = ours * avoided[rival] + counts * (theirs * avoided[rival] - they_forgo) + lead * they_fall
    return reward, temptation
