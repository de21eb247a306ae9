"""Builds the world of a batch from scenarios, a start file, parameters and luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.events import EventLog
from sim.institutions.customers import potential_market
from sim.luck import Changes, Luck
from sim.parameters import JURISDICTIONS, levers, parameters
from sim.state import (
    CHINA,
    FAB_LAG_MONTHS,
    FOUNDER_SLOTS,
    LAB_SLOTS,
    LONG_AGO,
    NATIONS,
    NOBODY,
    REGULATORS,
    SUIT_SLOTS,
    US,
    Capital,
    Chips,
    Claim,
    Customers,
    Docket,
    Form,
    Founders,
    Injunction,
    Labs,
    Month,
    Nations,
    Regulators,
)
from sim.world import Value, World, founder_names, lab_names, load_start, market_in_sight, set_reach

if TYPE_CHECKING:
    from sim.scenario import Scenario


def build_world(
    scenarios: Sequence[Scenario],
    scenario_of_row: np.ndarray,
    runs: np.ndarray,
    seed: int,
    *,
    months: int,
    changed: Changes | Sequence[Changes] | None = None,
    check: bool = False,
    believed: Mapping[str, np.ndarray] | None = None,
    start: Mapping[str, Any] | None = None,
) -> World:
    """Build the world of a batch.

    Row r of every array is run `runs[r]` of `scenarios[scenario_of_row[r]]`. All scenarios of a batch must share a
    start. `check` keeps books of every payment, for the cash identity. `believed` gives parameters by name a value for
    each row (rows,), where the scenario does not; without it they have their defaults. `start` replaces the start file.
    """
    rows = len(runs)
    start = start or load_start(scenarios[0].start)
    luck = Luck(seed, runs, changed)
    p = _parameters(scenarios, scenario_of_row, luck, believed or {})
    policy = _policy(scenarios, scenario_of_row)
    labs = _labs(start, rows)
    founders = _founders(start, rows)
    nations = _nations(start, rows)
    world = World(
        rows=rows,
        month=0,
        months=months,
        luck=luck,
        p=p,
        policy=policy,
        labs=labs,
        founders=founders,
        regulators=_regulators(start, policy, rows),
        nations=nations,
        capital=_empty(Capital, rows, 1, pool=2),
        chips=_empty(Chips, rows, 1),
        customers=_empty(Customers, rows, 1),
        docket=_docket(start, rows),
        now=_empty(Month, rows, 1),
        reach_by_nation=np.array(
            [[row["reach"].get(nation, 0.0) for nation in NATIONS] for row in _in_order(start, "regulator", REGULATORS)]
        ),
        reach=np.zeros((rows, len(REGULATORS), LAB_SLOTS)),
        is_home=np.zeros((rows, len(REGULATORS), LAB_SLOTS), bool),
        susceptibility=_of_regulators(start, "susceptibility"),
        rulemaking_months=_of_regulators(start, "rulemaking_months"),
        blocs=_of_nations(start, lambda row: NATIONS.index(row["bloc"])),
        served=np.array([NATIONS.index(row["nation"]) for row in _in_order(start, "regulator", REGULATORS)]),
        lets_sue=_of_nations(start, lambda row: row.get("rights_holders_sue", True)),
        foundings=[],
        fab_pipeline=np.zeros((rows, len(NATIONS), FAB_LAG_MONTHS)),
        frontier_past=np.zeros((rows, 0, 2)),
        log=EventLog(),
        dated_events=_dated_events(scenarios, scenario_of_row),
        start=start,
        books={} if check else None,
    )
    _apply_agent_changes(world, scenarios, scenario_of_row)
    _scale_traits(world)
    set_reach(world, *(index.ravel() for index in np.indices(labs.nation.shape)))
    _set_markets(world)
    return world


def _empty(kind: type, rows: int, slots: int, **widths: int) -> Any:
    return kind(**{f.name: np.zeros((rows, widths.get(f.name, slots))) for f in fields(kind)})


def _column(rows: int, slots: int, values: Sequence[Any], fill: Any) -> np.ndarray:
    full = np.array(list(values) + [fill] * (slots - len(values)))
    return np.repeat(full[None, :], rows, axis=0)


def _collapse(values: np.ndarray) -> Value:
    """A float when all rows agree, so that rules do not pay for differences that are not there."""
    return float(values[0]) if np.all(values == values[0]) else values[:, None].astype(float)


def _parameters(
    scenarios: Sequence[Scenario], scenario_of_row: np.ndarray, luck: Luck, believed: Mapping[str, np.ndarray]
) -> SimpleNamespace:
    """What a scenario sets or gives a range; else what is believed of a row; else the default."""
    chosen: dict[str, Value] = {}
    changed = {name for scenario in scenarios for name in scenario.uncertainty}
    for name, parameter in parameters().items():
        if name not in changed and name not in believed:
            chosen[name] = float(parameter.default)
            continue
        value = np.array(believed.get(name, np.full(len(scenario_of_row), parameter.default)), float)
        for i, scenario in enumerate(scenarios):
            if name in scenario.uncertainty:
                given = scenario.uncertainty[name]
                low, high = given if isinstance(given, tuple) else (given, given)
                here = scenario_of_row == i
                drawn = luck.uniform(f"parameters.{name}", 1)[here, 0] if high > low else 0.0
                value[here] = low + (high - low) * drawn
        chosen[name] = _collapse(value)
    return SimpleNamespace(**chosen)


def _policy(scenarios: Sequence[Scenario], scenario_of_row: np.ndarray) -> SimpleNamespace:
    sections: dict[str, dict[str, Value]] = {}
    for path, lever in levers().items():
        section, key = path.split(".")
        if lever.per == "jurisdiction":
            table = [[float(s.levers[f"{section}.{j}.{key}"]) for j in JURISDICTIONS] for s in scenarios]
            value: Value = np.array(table)[scenario_of_row]
        else:
            value = _collapse(np.array([_as_number(lever, s.levers[path]) for s in scenarios])[scenario_of_row])
        sections.setdefault(section, {})[key] = value
    return SimpleNamespace(**{name: SimpleNamespace(**keys) for name, keys in sections.items()})


def _as_number(lever: Any, value: Any) -> float:
    return float(lever.choices.index(value)) if lever.choices else float(value)


def _labs(start: Mapping[str, Any], rows: int) -> Labs:
    rows_of_file = start["lab"]
    slot = {row["name"]: i for i, row in enumerate(rows_of_file)}

    def column(key: str, default: Any, fill: Any = None) -> np.ndarray:
        values = [row.get(key, default) for row in rows_of_file]
        return _column(rows, LAB_SLOTS, values, default if fill is None else fill)

    zeros = np.zeros((rows, LAB_SLOTS))
    made = {f.name: zeros.copy() for f in fields(Labs)}
    nation = [NATIONS.index(row["nation"]) for row in rows_of_file]
    form = [int(Form[row["form"].upper()]) for row in rows_of_file]
    patron = [slot.get(row.get("patron", ""), NOBODY) for row in rows_of_file]
    n = len(rows_of_file)
    made.update(
        active=_column(rows, LAB_SLOTS, [True] * n, False),
        nation=_column(rows, LAB_SLOTS, nation, US),
        form=_column(rows, LAB_SLOTS, form, int(Form.FOR_PROFIT)),
        patron=_column(rows, LAB_SLOTS, patron, NOBODY),
        big4=column("big4", False),
        age_months=_column(rows, LAB_SLOTS, [LONG_AGO] * n, 0.0),
        cash=column("cash_usd_bn", 0.0),
        compute=column("compute_h100e", 0.0),
        algorithm=column("algorithm_log10", 0.0),
        capability=column("capability_log10_flop", 0.0),
        largest_run=column("largest_run_log10_flop", 0.0),
        revenue=column("revenue_usd_bn", 0.0),
        brand=column("brand", 0.0),
        valuation=column("valuation_usd_bn", 0.0),
        raised=column("raised_usd_bn", 0.0),
        parent_cash_flow=column("parent_cash_flow_usd_bn", 0.0),
        safety=column("safety_effort", 0.0),
        openness=column("openness", 0.0),
        reputation=column("reputation", 0.5),
        mission=column("mission_weight", 0.0),
        defence=column("defence_work", False),
        converting=column("converting", False),
        complies=_column(rows, LAB_SLOTS, [True] * n, True),
        licensed=np.zeros((rows, LAB_SLOTS), bool),
        held_back=np.zeros((rows, LAB_SLOTS), bool),
        enjoined=np.zeros((rows, LAB_SLOTS), bool),
    )
    return Labs(**made)


def _founders(start: Mapping[str, Any], rows: int) -> Founders:
    slot = {row["name"]: i for i, row in enumerate(start["lab"])}
    listed = start["founder"]
    homes = [slot.get(row.get("home", ""), NOBODY) for row in listed]
    controls = [home >= 0 and home not in homes[:i] for i, home in enumerate(homes)]

    def column(key: str) -> np.ndarray:
        return _column(rows, FOUNDER_SLOTS, [row.get(key, 0.0) for row in listed], 0.0)

    against = [slot.get(row.get("grievance_against", ""), NOBODY) for row in listed]
    return Founders(
        active=_column(rows, FOUNDER_SLOTS, [True] * len(listed), False),
        home=_column(rows, FOUNDER_SLOTS, homes, NOBODY),
        controls=_column(rows, FOUNDER_SLOTS, controls, False),
        mission=column("mission_weight"),
        combativeness=column("combativeness"),
        wealth=column("wealth_usd_bn"),
        access=column("political_access"),
        grievance_lab=_column(rows, FOUNDER_SLOTS, against, NOBODY),
        grievance=column("grievance"),
        know_how=np.zeros((rows, FOUNDER_SLOTS)),
        left_lab=np.full((rows, FOUNDER_SLOTS), NOBODY),
    )


def _regulators(start: Mapping[str, Any], policy: SimpleNamespace, rows: int) -> Regulators:
    by_name = {row["name"]: row for row in start["regulator"]}
    made: Regulators = _empty(Regulators, rows, len(REGULATORS))
    made.strictness[:] = [by_name[name]["strictness"] for name in REGULATORS]
    made.aim[:] = policy.regulation.strictness
    made.draft[:] = made.strictness
    return made


def _in_order(start: Mapping[str, Any], table: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    by_name = {row["name"]: row for row in start[table]}
    return [by_name[name] for name in names]


def _of_nations(start: Mapping[str, Any], what: Callable[[Mapping[str, Any]], Any]) -> np.ndarray:
    return np.array([what(row) for row in _in_order(start, "nation", NATIONS)])


def _of_regulators(start: Mapping[str, Any], key: str) -> np.ndarray:
    by_name = {row["name"]: row for row in start["regulator"]}
    return np.array([[float(by_name[name][key]) for name in REGULATORS]])


def _past_subsidy(start: Mapping[str, Any]) -> np.ndarray:
    by_name = {row["name"]: row for row in start["nation"]}
    return np.array([by_name[nation].get("past_subsidy_usd_bn_per_year", 0.0) for nation in NATIONS])


def _nations(start: Mapping[str, Any], rows: int) -> Nations:
    by_name = {row["name"]: row for row in start["nation"]}
    made: Nations = _empty(Nations, rows, len(NATIONS))
    for name in (
        "hostility",
        "trust",
        "export_control",
        "mineral_ban",
        "imported_stock",
        "domestic_stock",
        "domestic_capacity",
        "answers",
        "chip_leverage",
        "mineral_leverage",
        "market_size",
        "capital_share",
    ):
        getattr(made, name)[:] = [by_name[nation].get(name, 0.0) for nation in NATIONS]
    made.power[:] = [by_name[nation]["power_gw"] for nation in NATIONS]
    made.treaty = np.zeros((rows, len(NATIONS)), bool)
    made.breach = np.zeros((rows, len(NATIONS)), bool)
    made.answer_months[:] = NOBODY
    made.learning[:] = np.maximum(made.domestic_stock, 1.0)
    return made


def _docket(start: Mapping[str, Any], rows: int) -> Docket:
    lab = {row["name"]: i for i, row in enumerate(start["lab"])}
    founder = {row["name"]: i for i, row in enumerate(start["founder"])}
    made: Docket = _empty(Docket, rows, SUIT_SLOTS)
    for name in ("kind", "plaintiff", "founder", "defendant", "injunction"):
        setattr(made, name, np.zeros((rows, SUIT_SLOTS), np.int64))
    made.active = np.zeros((rows, SUIT_SLOTS), bool)
    for i, suit in enumerate(start.get("suit", ())):
        made.active[:, i] = True
        made.kind[:, i] = Claim[suit["kind"].upper()]
        made.plaintiff[:, i] = lab[suit["plaintiff"]]
        made.founder[:, i] = founder.get(suit.get("founder", ""), NOBODY)
        made.defendant[:, i] = lab[suit["defendant"]]
        made.age[:, i] = suit["age_months"]
        made.merit[:, i] = suit["merit"]
        made.stakes[:, i] = suit["stakes_usd_bn"]
        made.injunction[:, i] = Injunction.PENDING if suit.get("injunction_pending") else Injunction.NONE
        made.ruling_due[:, i] = suit["age_months"] + suit.get("ruling_in_months", 0)
        made.allies[:, i] = suit.get("allies", 0)
    return made


def _set_markets(world: World) -> None:
    """Put the markets where the start's figures imply, so that the first month has no jump of its own."""
    labs, chips, customers, capital, p = world.labs, world.chips, world.customers, world.capital, world.p
    start = world.start
    revenue = labs.revenue.sum(axis=1, keepdims=True)
    labs.share[:] = labs.revenue / np.where(revenue > 0.0, revenue, 1.0)
    customers.revenue[:] = revenue
    customers.fixed_price[:] = 1.0
    customers.market_share = np.zeros((world.rows, 2, LAB_SLOTS))
    capital.sentiment[:] = start["sentiment"]
    world.fab_pipeline[:] = _past_subsidy(start)[None, :, None] / 12.0
    capital.bust_months[:] = LONG_AGO
    yearly = p.pool_usd_bn * world.policy.capital.investor_pool * capital.sentiment
    capital.pool[:] = yearly * p.pool_cap_years * world.by_bloc(world.nations.capital_share)
    world.nations.power_start[:] = world.nations.power
    world.nations.subsidy[:, US : US + 1] = world.policy.subsidy.us_usd_bn_per_year
    world.nations.subsidy[:, CHINA : CHINA + 1] = world.policy.subsidy.china_usd_bn_per_year
    labs.enmity[:] = p.usual_enmity
    best = np.where(labs.active, labs.capability, -np.inf).max(axis=1, keepdims=True)
    customers.potential[:] = potential_market(best, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    capital.market_start[:] = capital.market_before[:] = market_in_sight(world)
    # Before there is a month to compare with: what models could earn grows with the frontier.
    capital.market_growth[:] = world.p.market_slope * world.start["past_frontier_growth"]
    chips.capacity[:] = start["pool_capacity_per_month"]
    made_so_far = (world.nations.imported_stock + world.nations.domestic_stock).sum(axis=1, keepdims=True)
    chips.cumulative[:] = made_so_far
    chips.cumulative_start[:] = made_so_far
    chips.price[:] = start["chip_price_usd"] * 1e-9
    chips.price_start[:] = chips.price
    chips.user_cost[:] = chips.price * p.annual_cost_of_compute
    chips.mineral_price[:] = 1.0
    labs.race_safety[:] = labs.safety
    labs.converting &= labs.form <= Form.CAPPED_PROFIT  # a scenario may have given it another form
    labs.review_months[:] = np.where(labs.converting, p.review_months, 0.0)
    h100e_months = np.exp(np.log(10.0) * labs.largest_run) / p.flop_per_h100e_month
    labs.largest_run_cost[:] = h100e_months * chips.user_cost / 12.0 * 1e3
    labs.training_compute[:] = labs.compute * p.least_research_share
    past = np.full((world.rows, world.months + 1, 2), np.nan)
    world.frontier_past = past
    for column, chinese in enumerate((False, True)):
        best = np.where(world.is_chinese == chinese, labs.capability, -np.inf).max(axis=1)
        world.nations.frontier[:, column] = best
        past[:, 0, column] = best


def _scale_traits(world: World) -> None:
    """Apply the levers that scale everybody's traits."""
    people, founders, labs = world.policy.people, world.founders, world.labs
    founders.combativeness[:] = np.clip(founders.combativeness * people.combativeness, 0.0, 1.0)
    founders.access[:] = np.clip(founders.access * people.political_access, 0.0, 1.0)
    founders.mission[:] = np.clip(founders.mission * people.mission_weight, 0.0, 1.0)
    labs.mission[:] = np.clip(labs.mission * people.mission_weight, 0.0, 1.0)
    labs.openness[:] = np.clip(labs.openness * world.policy.industry.openness, 0.0, 1.0)


_LAB_FIELDS = {
    "cash_usd_bn": "cash",
    "compute_h100e": "compute",
    "capability_log10_flop": "capability",
    "algorithm_log10": "algorithm",
    "revenue_usd_bn": "revenue",
    "valuation_usd_bn": "valuation",
    "reputation": "reputation",
    "openness": "openness",
    "mission_weight": "mission",
    "safety_effort": "safety",
    "defence_work": "defence",
    "form": "form",
}
_FOUNDER_FIELDS = {
    "mission_weight": "mission",
    "combativeness": "combativeness",
    "political_access": "access",
    "wealth_usd_bn": "wealth",
    "grievance": "grievance",
}
_NATION_FIELDS = {"hostility": "hostility", "trust": "trust", "power_gw": "power", "market_size": "market_size"}
_FOUNDERS_OF_A_LAB = ("combativeness", "political_access")  # said of a lab, they hold for every founder at home in it


def _apply_agent_changes(world: World, scenarios: Sequence[Scenario], scenario_of_row: np.ndarray) -> None:
    start = scenarios[0].start
    kinds = (
        ("labs", world.labs, lab_names(start), _LAB_FIELDS),
        ("founders", world.founders, founder_names(start), _FOUNDER_FIELDS),
        ("nations", world.nations, list(NATIONS), _NATION_FIELDS),
    )
    for i, scenario in enumerate(scenarios):
        rows = np.flatnonzero(scenario_of_row == i)
        for kind, table, names, field_of in kinds:
            for name, changes in scenario.agents.get(kind, {}).items():
                slot = names.index(name)
                for key, value in changes.items():
                    if kind == "labs" and key in _FOUNDERS_OF_A_LAB:
                        here = world.founders.home[rows] == slot
                        trait = getattr(world.founders, _FOUNDER_FIELDS[key])
                        trait[rows] = np.where(here, float(value), trait[rows])
                        continue
                    number = int(Form[str(value).upper()]) if key == "form" else value
                    getattr(table, field_of[key])[rows, slot] = number


def _dated_events(scenarios: Sequence[Scenario], scenario_of_row: np.ndarray) -> list[tuple[np.ndarray, Any]]:
    return [(scenario_of_row == i, event) for i, scenario in enumerate(scenarios) for event in scenario.events]
