"""Builds the world of a batch from scenarios, a start file, parameters and luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.agents.labs import take_stock
from sim.model.agents.regulators import accept_gaps
from sim.model.beliefs import drawn
from sim.model.elementary import LOG_OF_TEN, exp, log
from sim.model.given import given_of, settings_of
from sim.model.industry import best_capability, bloc_of, market_in_sight, potential_market
from sim.model.institutions.capital import fill_pool, set_first_budgets
from sim.model.institutions.customers import begin_with_the_record
from sim.model.luck import Changes, Luck
from sim.model.money import Owner
from sim.model.naming import founder_names, lab_names, names_told
from sim.model.parameters import JURISDICTIONS, levers, parameters
from sim.model.policies import plans_of
from sim.model.rule import entry, rule
from sim.model.start_files import in_order, load_start
from sim.model.state import (
    BLOCS,
    CHINA,
    FOUNDERS,
    LAB_SLOTS,
    LABS,
    LONG_AGO,
    NATIONS,
    NATIONS_KIND,
    NOBODY,
    PLANT_LAG_MONTHS,
    REGULATORS,
    REGULATORS_KIND,
    US,
    Claim,
    Form,
    Injunction,
    blank_state,
)
from sim.model.world import Value, World

if TYPE_CHECKING:
    from sim.model.asked import ScenarioLike


_DRAWN = -1.0  # months of a run under way at the start that are left to luck


def build_world(
    scenarios: Sequence[ScenarioLike],
    scenario_of_row: np.ndarray,
    runs: np.ndarray,
    seed: int,
    *,
    months: int,
    changed: Changes | Sequence[Changes] | None = None,
    believed: Mapping[str, np.ndarray] | None = None,
    start: Mapping[str, Any] | None = None,
) -> World:
    """Build the world of a batch.

    Row r of every array is run `runs[r]` of `scenarios[scenario_of_row[r]]`. All scenarios of a batch must share a
    start. `believed` gives parameters by name a value for each row (rows,), where the scenario does not; without it
    they have their defaults. `start` replaces the start file.
    """
    start = start or load_start(scenarios[0].start)
    luck = Luck(seed, runs, changed)
    state = blank_state(len(runs))
    state["number"] = runs
    world = World(
        state,
        start,
        months=months,
        luck=luck,
        p=_parameters(scenarios, scenario_of_row, luck, believed or {}),
        policy=_policy(scenarios, scenario_of_row, luck),
        dated_events=_dated_events(scenarios, scenario_of_row),
        plans=plans_of(scenarios, scenario_of_row, months),
        called=names_told(scenarios),
    )
    _set_agents(world)
    _apply_agent_changes(world, scenarios, scenario_of_row)
    _set_markets_of_all(state, settings_of(world))
    return world


def _collapse(values: np.ndarray) -> Value:
    """A float when all rows agree, so that rules do not pay for differences that are not there."""
    return float(values[0]) if len(values) == 1 or (values == values[0]).all() else values[:, None].astype(float)


def _parameters(
    scenarios: Sequence[ScenarioLike], scenario_of_row: np.ndarray, luck: Luck, believed: Mapping[str, np.ndarray]
) -> SimpleNamespace:
    """What a scenario sets or gives a range; else what is believed of a row; else the default."""
    chosen: dict[str, Value] = {}
    changed = {name for scenario in scenarios for name in scenario.uncertainty}
    for name, parameter in parameters().items():
        if name not in changed and name not in believed:
            chosen[name] = float(parameter.default)
            continue
        of_row = believed[name] if name in believed else np.full(len(scenario_of_row), parameter.default)
        value = np.array(of_row, float)
        for i, scenario in enumerate(scenarios if name in changed else ()):
            if name in scenario.uncertainty:
                given = scenario.uncertainty[name]
                low, high = given if isinstance(given, tuple) else (given, given)
                here = scenario_of_row == i
                drawn = luck.of_draws().uniform(f"parameters.{name}", 1)[here, 0] if high > low else 0.0
                value[here] = low + (high - low) * drawn
        chosen[name] = _collapse(value)
    return SimpleNamespace(**chosen)


def _policy(scenarios: Sequence[ScenarioLike], scenario_of_row: np.ndarray, luck: Luck) -> SimpleNamespace:
    sections: dict[str, dict[str, Value]] = {}
    for path, lever in levers().items():
        section, key = path.split(".")
        if lever.per == "jurisdiction":
            table = [[float(s.levers[f"{section}.{j}.{key}"]) for j in JURISDICTIONS] for s in scenarios]
            value: Value = np.array(table)[scenario_of_row]
        elif lever.is_theory:
            places = [drawn(lever, str(s.levers[path]), luck) for s in scenarios]
            value = _collapse(np.stack(places)[scenario_of_row, np.arange(len(scenario_of_row))].astype(float))
        else:
            value = _collapse(np.array([_as_number(lever, s.levers[path]) for s in scenarios])[scenario_of_row])
        sections.setdefault(section, {})[key] = value
    return SimpleNamespace(**{name: SimpleNamespace(**keys) for name, keys in sections.items()})


def _as_number(lever: Any, value: Any) -> float:
    return float(lever.choices.index(value)) if lever.choices else float(value)


def _set_agents(world: World) -> None:
    """Who is there, and what the start file says of them; slots beyond theirs stay blank."""
    start, labs, founders, nations = world.start, world.labs, world.founders, world.nations
    lab = {row["name"]: i for i, row in enumerate(start["lab"])}
    founder = {row["name"]: i for i, row in enumerate(start["founder"])}
    codes: dict[str, Callable[[Any], Any]] = {
        "nation": NATIONS.index, "form": lambda form: Form[form.upper()], "patron": lab.__getitem__,
        "home": lab.__getitem__, "grievance_against": lab.__getitem__,
    }
    listed = (
        (LABS, start["lab"]), (FOUNDERS, start["founder"]), (REGULATORS_KIND, in_order(start, "regulator", REGULATORS)),
        (NATIONS_KIND, in_order(start, "nation", NATIONS)),
    )
    for kind, rows in listed:
        table = world.tables()[kind.name]
        for name, quantity in kind.quantities.items():
            for slot, row in enumerate(rows):
                if quantity.start in row:
                    getattr(table, name)[:, slot] = codes.get(quantity.start, lambda value: value)(row[quantity.start])
    named, known = len(start["lab"]), len(start["founder"])
    labs.active[:, :named] = True
    labs.age_months[:, :named] = LONG_AGO
    labs.complies = True
    labs.run_months[:, :named] = [row.get("run_months", _DRAWN) for row in start["lab"]]
    founders.active[:, :known] = True
    homes = [lab.get(row.get("home", ""), NOBODY) for row in start["founder"]]
    founders.controls[:, :known] = [home >= 0 and home not in homes[:i] for i, home in enumerate(homes)]
    world.regulators.aim = world.policy.regulation.strictness
    world.regulators.draft = world.regulators.strictness
    nations.fab_pipeline = _past_subsidy(start)[:, None] / 12.0
    _set_docket(world, lab, founder)


def _past_subsidy(start: Mapping[str, Any]) -> np.ndarray:
    return np.array([row.get("past_subsidy_usd_bn_per_year", 0.0) for row in in_order(start, "nation", NATIONS)])


def _set_docket(world: World, lab: Mapping[str, int], founder: Mapping[str, int]) -> None:
    docket = world.docket
    for i, suit in enumerate(world.start.get("suit", ())):
        docket.active[:, i] = True
        docket.kind[:, i] = Claim[suit["kind"].upper()]
        docket.plaintiff[:, i] = lab.get(suit.get("plaintiff", ""), NOBODY)  # rights holders are no lab
        docket.founder[:, i] = founder.get(suit.get("founder", ""), NOBODY)
        docket.defendant[:, i] = lab[suit["defendant"]]
        docket.age[:, i] = suit["age_months"]
        docket.merit[:, i] = suit["merit"]
        docket.stakes[:, i] = suit["stakes_usd_bn"]
        docket.injunction[:, i] = Injunction.PENDING if suit.get("injunction_pending") else Injunction.NONE
        docket.ruling_due[:, i] = suit["age_months"] + suit.get("ruling_in_months", 0)
        docket.allies[:, i] = suit.get("allies", 0)


# ---- the first month's markets ---------------------------------------------------------------------------------------
@rule
def _set_markets(run: Any, given: Any) -> None:
    """Put the markets where the start's figures imply, so that the first month has no jump of its own."""
    labs, nations, capital, customers = run.labs, run.nations, run.capital, run.customers
    p, policy, start = given.p, given.policy, given.start
    customers.revenue = 0.0
    for lab in range(LAB_SLOTS):
        customers.revenue += labs.revenue[lab]
    best, known, made = np.full(BLOCS, -inf), np.full(BLOCS, -inf), 0.0
    for nation in range(len(NATIONS)):
        made += nations.imported_stock[nation] + nations.domestic_stock[nation]
    nations.subsidy[US], nations.subsidy[CHINA] = (policy.subsidy.us_usd_bn_per_year,
                                                   policy.subsidy.china_usd_bn_per_year)
    _set_chips(run, given, made)
    for lab in range(LAB_SLOTS):
        bloc = bloc_of(run, given, lab)
        best[bloc] = max(best[bloc], labs.capability[lab])
        known[bloc] = max(known[bloc], labs.algorithm[lab] if labs.active[lab] else -inf)
        labs.share[lab] = labs.revenue[lab] / customers.revenue if customers.revenue > 0.0 else 0.0
        labs.enmity[lab], labs.race_safety[lab] = p.usual_enmity, labs.safety[lab]
        # A scenario may have given it another form.
        labs.converting[lab] = labs.converting[lab] and labs.form[lab] <= Form.CAPPED_PROFIT
        labs.review_months[lab] = p.review_months if labs.converting[lab] else 0.0
        h100e_months = exp(LOG_OF_TEN * labs.largest_run[lab]) / p.flop_per_h100e_month
        labs.largest_run_cost[lab] = h100e_months * run.chips.user_cost / 12.0 * 1e3
        labs.training_compute[lab] = labs.compute[lab] * p.least_research_share
        labs.worth[lab] = labs.priced[lab] = labs.valuation[lab]
        if labs.active[lab]:
            _set_owners(run, given, lab)
    for bloc in range(BLOCS):
        nations.frontier[bloc] = run.past.frontier[0, bloc] = best[bloc]
    accept_gaps(run, given)
    for bloc in range(BLOCS):
        run.past.algorithm[0, bloc] = known[bloc]
    customers.fixed_price = 1.0
    customers.potential = potential_market(
        best_capability(run), p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    begin_with_the_record(run, given)
    capital.sentiment, capital.bust_months = start.sentiment, LONG_AGO
    fill_pool(run, given, 12.0 * p.pool_cap_years)
    take_stock(run, given)
    set_first_budgets(run, given)
    capital.market_start = capital.market_before = market_in_sight(run, given)
    capital.market_growth = start.past_market_growth


@rule
def _set_owners(run: Any, given: Any, lab: int) -> None:
    """Who owns a lab at the start: as many rounds as its price suggests, each of which sold the usual share.

    Labs do not publish their owners. A parent owns its division, the mission a non-profit.
    """
    labs, p = run.labs, given.p
    owned, first = labs.owned[lab], p.seed_from_investors / p.seed_stake
    if labs.form[lab] == Form.DIVISION:
        owned[Owner.patron] = 1.0
    elif labs.form[lab] == Form.NONPROFIT:
        owned[Owner.mission] = 1.0
    else:
        rounds = max(1.0 + log(max(labs.valuation[lab] / first, 1.0)) / log(p.step_up), 0.0)
        outside = 1.0 - exp(rounds * log(1.0 - p.largest_dilution))
        of_patron = outside * p.patron_part if labs.patron[lab] != NOBODY else 0.0
        owned[Owner.founders], owned[Owner.investors] = 1.0 - outside, outside - of_patron
        owned[Owner.patron] = of_patron


@rule
def _set_chips(run: Any, given: Any, made: float) -> None:
    chips = run.chips
    chips.capacity = given.start.pool_capacity_per_month
    chips.cumulative = chips.cumulative_start = made
    chips.price = chips.price_start = given.start.chip_price_usd * 1e-9
    chips.user_cost = chips.price * given.p.annual_cost_of_compute
    chips.mineral_price = 1.0
    for bloc in range(BLOCS):
        chips.premium[bloc] = 1.0
    for month in range(PLANT_LAG_MONTHS):
        chips.expansion[month] = given.start.capacity_on_order


@entry
def _set_markets_of_all(state: Any, settings: Any) -> None:
    for row in range(len(state)):
        _set_markets(state[row], given_of(settings, row))


# Said of a lab, these hold for every founder at home in it: the key, and the founders' quantity.
_FOUNDERS_OF_A_LAB = {"combativeness": "combativeness", "political_access": "access"}


def _apply_agent_changes(world: World, scenarios: Sequence[ScenarioLike], scenario_of_row: np.ndarray) -> None:
    start = scenarios[0].start
    kinds = (
        (LABS, world.labs, lab_names(start)),
        (FOUNDERS, world.founders, founder_names(start)),
        (NATIONS_KIND, world.nations, list(NATIONS)),
    )
    for i, scenario in enumerate(scenarios):
        rows = np.flatnonzero(scenario_of_row == i)
        for kind, table, names in kinds:
            field_of = {quantity.start: field for field, quantity in kind.quantities.items()}
            for name, changes in scenario.agents.get(kind.name, {}).items():
                slot = names.index(name)
                for key, value in changes.items():
                    if kind is LABS and key in _FOUNDERS_OF_A_LAB:
                        here = world.founders.home[rows] == slot
                        trait = getattr(world.founders, _FOUNDERS_OF_A_LAB[key])
                        trait[rows] = np.where(here, float(value), trait[rows])
                        continue
                    number = int(Form[str(value).upper()]) if key == "form" else value
                    getattr(table, field_of[key])[rows, slot] = number


def _dated_events(scenarios: Sequence[ScenarioLike], scenario_of_row: np.ndarray) -> list[tuple[np.ndarray, Any]]:
    return [(scenario_of_row == i, event) for i, scenario in enumerate(scenarios) for event in scenario.events]
