"""Twin worlds: what should make no difference is done to a world, and both worlds are lived through.

Each twin returns the largest gap between what became of the two, relative to the numbers compared; 0 means the same
bits. Where sums over agents are added in another order, rounding makes a gap of some 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.engine.live import STAGES, Stage, live_one_month, measure, rules
from sim.model.agents import labs
from sim.model.channels import CHANNELS, slots_of
from sim.model.given import given_of
from sim.model.luck import Luck, in_order
from sim.model.outcomes import INDEX, NAMES, OUTCOMES
from sim.model.parameters import event_kinds, parameters
from sim.model.rule import rule
from sim.model.start import build_world
from sim.model.start_files import load_start
from sim.model.state import LAB_SLOTS, NATIONS, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict

RUNS, MONTHS = 12, 36
EXACT, ROUNDING = 0.0, 1e-8
LEAST_REVENUE = 1e-9  # USD bn: what `measure` takes for none, in any currency
RATE = 4.0  # of another currency: a power of four, so that its square root is exact too
Order = Callable[[str, int], "np.ndarray | None"]


class DoesNotApplyError(Exception):
    """What is done to the world has no meaning in this scenario; the message says why."""


# ---- living ------------------------------------------------------------------------------------------------------
class RearrangedLuck(Luck):
    """The same luck in other slots: `order(channel, slots)` gives the old slot of each new one, or None."""

    def __init__(self, luck: Luck, order: Order) -> None:
        super().__init__(luck.seed, luck.runs)
        self._order = order

    def uniform(self, channel: str, slots: int) -> np.ndarray:
        """Uniform numbers on [0, 1) of this month, shape (rows, slots)."""
        numbers, order = super().uniform(channel, slots), self._order(channel, slots)
        return numbers if order is None else numbers[:, order]

    def changed_draws(self, months: int) -> tuple[np.ndarray, np.ndarray]:
        """Every number that stands in another slot, as a changed draw."""
        def moved() -> Iterator[tuple[np.ndarray, int, str, np.ndarray, np.ndarray]]:
            for channel in CHANNELS:
                slots = slots_of(channel)
                if self._order(channel, slots) is not None:
                    for self.month in range(months):
                        yield np.arange(len(self.runs))[:, None], self.month, channel, np.arange(slots), self.uniform(
                            channel, slots)

        found = in_order(moved(), len(self.runs))
        self.month = 0
        return found


def twin(
    scenario: Scenario,
    order: Order | None = None,
    stages: Sequence[Stage] = STAGES,
    months: int = MONTHS,
    before: Callable[[World], None] | None = None,
    **built: Any,
) -> tuple[World, np.ndarray]:
    """The world after some months and its outcomes on the way (runs, months, outcomes).

    `order` rearranges the luck, `before` changes the world that was built, `built` goes to `build_world`.
    """
    world = build_world([scenario], np.zeros(RUNS, int), np.arange(RUNS), 0, months=months, **built)
    if order:
        world.luck = RearrangedLuck(world.luck, order)
    if before:
        before(world)
    values = np.empty((RUNS, months, len(NAMES)))
    with np.errstate(all="ignore"):
        for month in range(months):
            world.month = month
            live_one_month(world, stages)
            measure(world, values[:, month])
    return world, values


def gap(a: np.ndarray, b: np.ndarray) -> float:
    """Largest difference of two arrays relative to the larger number, or to 1 where both are smaller."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    if not differ.any():
        return 0.0
    a, b = a[differ], b[differ]
    return float(np.max(np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)))


# ---- twins -------------------------------------------------------------------------------------------------------
@rule
def _no_regulators_of_all(state: Any, settings: Any) -> None:
    for row in range(len(state)):
        labs.take_stock(state[row], given_of(settings, row))
        labs.lobby(state[row], given_of(settings, row))


def no_regulators(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
    """The month's rules without any regulator: labs take stock, and still pay their lobbyists."""
    world.live(_no_regulators_of_all)


def idle_regulator(scenario: Scenario, idle: bool = True) -> float:
    """Regulators who ask for nothing, whoever lobbies or fears what, equal none; laws that come on a date stay away."""

    def without_strictness(world: World) -> None:
        world.regulators.strictness[:] = 0.0
        world.regulators.draft[:] = 0.0

    if idle:
        wishes = [path for path in scenario.levers if path.startswith("regulation.")
                  and path.endswith((".strictness", ".capture", ".adaptivity"))]
        scenario = scenario.with_(dict.fromkeys(wishes, 0.0))
        scenario = replace(scenario, events=tuple(event for event in scenario.events if event.kind != "new_law"))
    none = [no_regulators if stage is rules else stage for stage in STAGES]
    here, values = twin(scenario, before=without_strictness)
    there, by_none = twin(scenario, before=without_strictness, stages=none)
    return max(gap(values, by_none), gap(here.labs.cash, there.labs.cash))


def labs_in_another_order(scenario: Scenario, with_their_luck: bool = True) -> float:
    """Permuting the labs' slots, each with its luck, permutes what becomes of them and changes no total.

    Suits filed in one month take the docket's slots, and their luck, in the order of the labs: such runs are left out.
    """
    if scenario.agents.get("labs") or any(event_kinds()[event.kind].actor == "lab" for event in scenario.events
                                          if event.actor):
        raise DoesNotApplyError("the scenario names labs, which have their places in the start file")
    start = load_start(scenario.start)
    named = len(start["lab"])
    order = np.concatenate([np.random.default_rng(5).permutation(named), np.arange(named, LAB_SLOTS)])
    moved = {**start, "lab": [start["lab"][old] for old in order[:named]]}
    here, values = twin(scenario)

    def by_lab(channel: str, slots: int) -> np.ndarray | None:  # noqa: ARG001 - channels say enough
        return order if channel in CHANNELS and CHANNELS[channel].slots == "labs" and with_their_luck else None

    there, by_other_order = twin(scenario, by_lab, start=moved)
    alone = values[..., INDEX["suits_filed"]].max(axis=1) <= 1.0
    fields = ("cash", "compute", "capability", "revenue", "valuation", "raised", "safety", "reputation")
    of_labs = [gap(getattr(there.labs, name)[alone], getattr(here.labs, name)[alone][:, order]) for name in fields]
    return max(gap(by_other_order[alone], values[alone]), *of_labs)


_POWERS = {"US": "China", "China": "US", "us": "china", "china": "us"}
_NATIONS_EXCHANGED = np.array([1, 0, *range(2, len(NATIONS))])
_REGULATORS_EXCHANGED = np.array([4, 1, 2, 3, 0])
_LUCK_OF_POWERS: Mapping[str, np.ndarray] = {
    "nations.hostility": np.array([1, 0]),
    "nations.controls": np.array([1, 0, 3, 2]),
    "nations.retaliation": np.array([1, 0, 3, 2]),
    "nations.treaty": np.array([0, 2, 1, 3]),
    "nations.choices": np.array([1, 0, 3, 2, 5, 4]),
    "regulators.licences": _REGULATORS_EXCHANGED,
    "regulators.bills": np.concatenate([_REGULATORS_EXCHANGED, 5 + _REGULATORS_EXCHANGED]),
    "regulators.votes": np.concatenate([_REGULATORS_EXCHANGED, 5 + _REGULATORS_EXCHANGED]),
    "control.entry_where": _NATIONS_EXCHANGED,
}


def powers_exchanged(scenario: Scenario, wholly: bool = True) -> float:
    """The US and China with each other's numbers, blocs, regulators and luck have each other's history.

    No rule knows which power is which; only outcomes do, and China's lag changes its sign.
    """

    def exchanged(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {_POWERS.get(key, key): exchanged(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [exchanged(entry) for entry in value]
        return _POWERS.get(value, value) if isinstance(value, str) else value

    swapped = {path: scenario.levers[_other(path)] for path in scenario.levers if _other(path) in scenario.levers}
    swapped = {path: value for path, value in swapped.items() if value != scenario.levers[path]}
    mirrored = replace(scenario.with_(swapped), agents=exchanged(scenario.agents), events=tuple(
        replace(event, actor=exchanged(event.actor), target=exchanged(event.target)) for event in scenario.events))
    here, values = twin(scenario)

    def luck(channel: str, slots: int) -> np.ndarray | None:  # noqa: ARG001 - channels say enough
        return _LUCK_OF_POWERS.get(channel) if wholly else None

    there, by_other = twin(mirrored, luck, start=exchanged(load_start(scenario.start)))
    gaps = [gap(by_other[..., INDEX["us_china_lag_months"]], -values[..., INDEX["us_china_lag_months"]])]
    alive = here.labs.active
    for name, array in here.labs.arrays().items():
        expected = np.where(array < 2, 1 - array, array) if name == "nation" else array
        in_use = alive if array.ndim == alive.ndim else alive[:, :, None]
        gaps.append(gap(np.where(in_use, getattr(there.labs, name), 0), np.where(in_use, expected, 0)))
    for name, array in here.nations.arrays().items():
        gaps.append(gap(getattr(there.nations, name), array[:, _NATIONS_EXCHANGED]))
    gaps.append(gap(there.regulators.strictness, here.regulators.strictness[:, _REGULATORS_EXCHANGED]))
    return max(gaps)


def _other(path: str) -> str:
    """The lever of the other power: of `subsidy.us_usd_bn_per_year` that of China, and so on."""
    head, _, key = path.rpartition(".")
    parts = head.split(".")
    if {"us", "china"} & set(parts):
        return ".".join([*(_POWERS.get(part, part) for part in parts), key])
    first, _, rest = key.partition("_")
    return path if first not in _POWERS else f"{head}.{_POWERS[first]}_{rest}"


def another_currency(scenario: Scenario, all_of_it: bool = True) -> float:
    """With every amount of money four times as large, money outcomes are four times as large, all others the same.

    A bare amount of money in a rule would break this. Lobbying works by the square root of money, so the scale of its
    pressure moves by two.
    """

    def exchange(value: Any, key: str) -> Any:
        return float(value) * RATE if "usd" in key and isinstance(value, int | float) else value

    believed = {}
    for name, parameter in parameters().items():
        factor = RATE if "USD" in parameter.unit else float(np.sqrt(RATE)) if name == "lobbying_scale" else 1.0
        factor = 1.0 / RATE if name.endswith("_per_subsidy_bn") else factor  # what a unit of money builds
        if factor != 1.0 and (all_of_it or name != "fixed_cost_usd_bn"):
            believed[name] = np.full(RUNS, float(parameter.default or 0.0) * factor)
    start = load_start(scenario.start)
    moved = {key: exchange(value, key) for key, value in start.items()}
    for table in ("lab", "founder", "nation", "suit"):
        moved[table] = [{key: exchange(value, key) for key, value in row.items()} for row in start.get(table, ())]
    if in_money := [name for name in scenario.uncertainty if name in believed]:
        raise DoesNotApplyError(f"the scenario sets {in_money[0]}, an amount of money, which is exchanged by default")
    money = {path: float(value) * RATE for path, value in scenario.levers.items()
             if "usd" in path and isinstance(value, int | float)}
    agents = {group: {name: {key: exchange(value, key) for key, value in values.items()}
                      for name, values in named.items()} for group, named in scenario.agents.items()}
    _, values = twin(scenario)
    if values[..., INDEX["leader_revenue_usd_bn"]].min() < LEAST_REVENUE:
        raise DoesNotApplyError("nobody sells anything at first, and revenue is counted from USD 1 on")
    _, exchanged = twin(replace(scenario.with_(money), agents=agents), start=moved, believed=believed)
    factors = np.array([RATE if "USD" in outcome.unit else 1.0 for outcome in OUTCOMES.values()])
    return gap(exchanged, values * factors)


def a_lab_without_size(scenario: Scenario, size: float = 0.0) -> float:
    """A lab more, with no money, compute, customers or name, changes nothing for the others.

    It is a division of nobody, so that no investor looks at it, where no regulator reaches.
    """

    def add(world: World) -> None:
        last = LAB_SLOTS - 1
        world.labs.active[:, last] = True
        world.labs.form[:, last] = Form.DIVISION
        world.labs.nation[:, last] = NATIONS.index("Gulf")
        world.labs.age_months[:, last] = 1.0
        world.labs.capability[:, last] = 1.0
        world.customers.brand[:, :, last] = -200.0
        others = np.where(world.labs.active[:, :last], world.labs.algorithm[:, :last], np.inf)
        world.labs.algorithm[:, last] = others.min(axis=1)  # nobody learns from it
        world.labs.compute[:, last] = size

    here, _ = twin(scenario)
    there, _ = twin(scenario, before=add)
    others = np.arange(LAB_SLOTS - 1)
    fields = ("cash", "compute", "capability", "revenue", "valuation", "raised", "safety", "reputation")
    return max(gap(getattr(here.labs, name)[:, others], getattr(there.labs, name)[:, others]) for name in fields)


def one_draw_changed(scenario: Scenario, elsewhere: bool = True) -> float:
    """A draw changed in one run and month leaves all other runs, and that run's past, untouched."""
    run, month = 3, 12
    changed = {("capital.bust", run, month, 0): 0.0}
    _, values = twin(scenario)
    _, after = twin(scenario, changed=changed)
    touched = np.zeros(values.shape[:2], bool)
    touched[run, month:] = True
    return gap(values[~touched], after[~touched]) if elsewhere else gap(values[touched], after[touched])


TWINS: Mapping[str, tuple[str, Callable[..., float], float]] = {
    "idle regulator": ("regulators who ask for nothing equal none", idle_regulator, EXACT),
    "labs in another order": ("permuting the labs permutes what becomes of them", labs_in_another_order, ROUNDING),
    "powers exchanged": ("the US and China with each other's numbers have each other's history", powers_exchanged,
                         ROUNDING),
    "another currency": ("counted in another currency, money alone is another number", another_currency, 1e-12),
    "a lab of zero size": ("a lab without money, compute or customers changes nothing for others", a_lab_without_size,
                           ROUNDING),
    "one draw changed": ("a draw changed leaves other runs, and its own run's past, untouched", one_draw_changed,
                         EXACT),
}


# ---- as checks ----------------------------------------------------------------------------------------------------
def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - equality, not means
    """One check for each twin, of the baseline and of each given scenario."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    for scenario in [baseline, *scenarios]:
        of = "" if scenario is baseline else f" [{scenario.title}]"
        for name, (claim, gap_of, tolerance) in TWINS.items():
            try:
                found = gap_of(scenario)
            except DoesNotApplyError as reason:
                yield Check("twins", f"{name}{of}", claim, str(reason), Verdict.void)
                continue
            measured = f"{RUNS} runs of {MONTHS} months, largest gap {found:.1g}"
            yield Check("twins", f"{name}{of}", claim, measured, Verdict.of(found <= tolerance))
