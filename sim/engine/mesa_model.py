"""The Mesa lens: one run as a `mesa.Model` whose agents are the slots of the world's arrays.

`IndustryModel` is a batch of one run. Its month is the very month that `simulate` lives through, on the same luck, so
that both give the same bits for the same scenario, seed and run. Agents hold nothing themselves: their attributes
read and write the arrays.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from sim.common import arguments
from sim.common.arguments import ArgumentError, shown, takes
from sim.engine.failures import Failure
from sim.engine.labels import month_dates
from sim.engine.live import STAGES, Stage, live_one_month, measure
from sim.engine.recorder import Recorder
from sim.engine.simulate import at_once, note_failures
from sim.engine.uncertainty import DEFAULT, SETTINGS, believed, in_words
from sim.model.events import event_texts
from sim.model.institutions import control
from sim.model.naming import founder_names, lab_names
from sim.model.outcomes import NAMES
from sim.model.start import build_world
from sim.model.state import FOUNDERS, LABS, NATIONS, NATIONS_KIND, NOBODY, REGULATORS, REGULATORS_KIND, Form, Kind
from sim.scenario.scenario import Scenario


def _seed(name: str, value: Any) -> int:
    """A seed; Mesa's `batch_run` gives None unless it is told, also where the parameters hold one."""
    if value is None:
        raise ArgumentError(
            "seed must be a whole number, not None: tell Mesa, as in batch_run(sim.IndustryModel, parameters, "
            "rng=[0]), or run ensembles with sim.simulate"
        )
    return int(arguments.seed(name, value))


# ---- attributes that read and write a slot -----------------------------------------------------------------------
def _slot_attribute(name: str) -> property:
    """A property that reads and writes the array `name` of the agent's table, in the agent's slot."""

    def read(agent: Seat) -> bool | int | float:
        return agent._column(name)[agent.slot].item()

    def write(agent: Seat, value: bool | int | float) -> None:
        column = agent._column(name)
        if isinstance(value, bool | np.bool_) != (column.dtype.kind == "b") or isinstance(value, str):
            wanted = "True or False" if column.dtype.kind == "b" else "a number"
            raise TypeError(f"{name} of {agent.name} must be {wanted}, not {shown(value)}")
        if column.dtype.kind != "b":
            quantity = agent.kind.quantities[name]
            value = arguments.number(quantity.low, quantity.high)(f"{name} of {agent.name}", value)
        column[agent.slot] = value

    return property(read, write)


def _lab_attribute(name: str) -> property:
    """A property for an array of lab slots: reads and takes a `Lab`, or None for nobody."""

    def read(agent: Seat) -> Lab | None:
        slot = int(agent._column(name)[agent.slot])
        return agent.model.lab_at[slot] if slot >= 0 else None

    def write(agent: Seat, lab: Lab | None) -> None:
        if lab is not None and (not isinstance(lab, Lab) or lab.model is not agent.model):
            raise TypeError(f"{name} of {agent.name} must be a Lab of the same model or None, not {lab!r}")
        agent._column(name)[agent.slot] = NOBODY if lab is None else lab.slot

    return property(read, write)


def _active_attribute() -> property:
    """A property for `active`, which the rules and `remove` change, so that all that hangs on it changes too."""

    def read(agent: Seat) -> bool:
        return bool(agent._column("active")[agent.slot])

    def write(agent: Seat, value: bool) -> None:
        if value != read(agent):
            raise AttributeError(f"{agent.name}: the rules bring labs and founders in; `remove()` takes one out")

    return property(read, write)


class Seat(mesa.Agent):
    """An agent that stands for one slot of one table of the world.

    Every quantity of its kind is an attribute, with unit and bounds as declared in `sim/model/state.py`. Reading gives
    the run's own value; writing changes it for the months to come. An unknown name raises AttributeError, so that a
    typo is not swallowed; a name with a leading underscore is left to subclasses.
    """

    kind: ClassVar[Kind]
    model: IndustryModel

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, quantity in cls.kind.quantities.items():
            if not (quantity.shape or hasattr(cls, name)):
                setattr(cls, name, _slot_attribute(name))

    def __init__(self, model: IndustryModel, slot: int, name: str) -> None:
        self._slot, self._name = slot, name
        super().__init__(model)

    @property
    def slot(self) -> int:
        """The agent's place in its table's arrays."""
        return self._slot

    @property
    def name(self) -> str:
        """What the agent is called in all that is told."""
        return self._name

    @property
    def key(self) -> str:
        """The agent's name in scenario files."""
        return self._name

    def _column(self, name: str) -> np.ndarray:
        column: np.ndarray = getattr(self.model.world.tables()[self.kind.name], name)[0]
        return column

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name.startswith("_") or name in ("model", "unique_id", "pos") or hasattr(type(self), name)):
            known = [name for name, quantity in self.kind.quantities.items() if not quantity.shape]
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean `{close[0]}`?" if close else f"; it has: {', '.join(known)}"
            raise AttributeError(f"a {type(self).__name__} has no attribute `{name}`{hint}")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class Lab(Seat):
    """A lab. It joins the model's agents when it opens and leaves them when it closes."""

    kind = LABS

    active = _active_attribute()

    @property
    def name(self) -> str:
        """What the lab is called in all that is told; "Lab A" if the scenario is anonymous."""
        return self.model.world.called.labs[self.slot]

    patron = _lab_attribute("patron")

    @property
    def nation(self) -> str:
        """The nation that the lab is at home in; another one brings other rules."""
        return NATIONS[int(self._column("nation")[self.slot])]

    @nation.setter
    def nation(self, name: str) -> None:
        if name not in NATIONS:
            raise ValueError(f"nation of {self.name} must be one of {', '.join(NATIONS)}, not {name!r}")
        self._column("nation")[self.slot] = NATIONS.index(name)

    @property
    def form(self) -> Form:
        """The lab's legal form."""
        return Form(int(self._column("form")[self.slot]))

    @form.setter
    def form(self, form: Form) -> None:
        if not isinstance(form, Form):
            raise TypeError(f"form of {self.name} must be a sim.model.state.Form, not {form!r}")
        self._column("form")[self.slot] = int(form)

    def remove(self) -> None:
        """Close the lab, as if it had failed: its suits end, its founders are free."""
        if self.active:
            control.shut_in_all(self.model.world.state, self.model.world.settings, self.slot)
        super().remove()


class Founder(Seat):
    """A founder; joins the model's agents on entering the story."""

    kind = FOUNDERS

    active = _active_attribute()
    home = _lab_attribute("home")
    grievance_lab = _lab_attribute("grievance_lab")
    left_lab = _lab_attribute("left_lab")

    @property
    def name(self) -> str:
        """What the founder is called in all that is told; "Founder 2 from OpenAI" once out of the role of the start."""
        return self.model.world.called.founder(self.slot, int(self._column("home")[self.slot]))

    def remove(self) -> None:
        """Take the founder out of the story, and out of the home lab."""
        self.home, self.controls = None, False
        self._column("active")[self.slot] = False
        super().remove()


class Regulator(Seat):
    """A regulator."""

    kind = REGULATORS_KIND


class Nation(Seat):
    """A nation."""

    kind = NATIONS_KIND


# ---- the model ---------------------------------------------------------------------------------------------------
class IndustryModel(mesa.Model):
    """One run of a scenario, for Mesa's tools: `agents`, `datacollector`, `running`, `step`.

    `seed` and `run` fix the luck: outcomes equal those of run `run` of `simulate(scenario, seed=seed)`, bit for bit.
    `uncertainty` says what is believed about parameters, as there. `months` defaults to the scenario's; `stages`
    replaces the month's list of stages, to add a rule. The arrays are `world`, row 0. Raises
    ValueError or TypeError for arguments that make no sense.
    """

    @takes(
        scenario=arguments.scenario,
        seed=_seed,
        run=arguments.run,
        months=arguments.months,
        stages=arguments.stages,
        uncertainty=arguments.choice(SETTINGS),
    )
    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        run: int = 0,
        months: int | None = None,
        stages: Sequence[Stage] | None = None,
        uncertainty: str = DEFAULT,
    ) -> None:
        self._numbers = itertools.count(1)
        self._scenario_lived = scenario
        # Mesa's own random numbers order agents for its tools; the rules draw from `world.luck` alone.
        super().__init__(rng=[int(seed), int(run)])
        self.stages: tuple[Stage, ...] = STAGES if stages is None else tuple(stages)
        self.run = int(run)
        self.uncertainty = uncertainty
        self.months = scenario.months if months is None else int(months)
        self.failure: Failure | None = None
        with np.errstate(all="ignore"):
            self.world = build_world([scenario], np.array([0]), np.array([run]), int(seed), months=self.months,
                                     believed=believed(uncertainty, int(seed), np.array([run])))
        self._lived = 0
        self._why_over = ""
        self._outcomes: dict[str, float] = {}
        self._dates = month_dates(scenario.start, self.months)
        self.lab_at = [Lab(self, *seat) for seat in enumerate(lab_names(scenario.start))]
        founders = [Founder(self, *seat) for seat in enumerate(founder_names(scenario.start))]
        for kind, names in ((Regulator, REGULATORS), (Nation, NATIONS)):
            for seat in enumerate(names):
                kind(self, *seat)
        self._seated: tuple[bytes, bytes, int] | None = None
        self._come_and_go: tuple[Lab | Founder, ...] = (*self.lab_at, *founders)
        self._seat_the_active()
        self.datacollector = Recorder(Lab)

    # ---- the month -----------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Live through one month; RuntimeError when there is none left."""
        self._refuse_if_over()
        self._why_over = f"month {self._lived} broke off with an error: make the model again"
        self.running = False
        world = self.world
        world.month = self._lived
        outcomes = np.empty((1, len(NAMES)))
        failed: dict[int, tuple[int, str, str]] = {}
        with np.errstate(all="ignore"):
            if self.stages == STAGES:
                world.begin_month()
                failed = at_once(world, outcomes[:, None])
            else:
                live_one_month(world, self.stages)
                measure(world, outcomes)
                note_failures(world, outcomes, failed)
        self._lived += 1
        self._why_over = ""
        if failed:
            month, field, reason = failed[0]
            self.failure = Failure(self.scenario.title, self.run, month, field, reason)
            outcomes[:] = np.nan
            self._why_over = f"the run has failed: {self.failure}"
        elif self._lived == self.months:
            self._why_over = f"all {self.months} months have been lived: make a model with months= for more"
        self.running = not self._why_over
        self._outcomes = dict(zip(NAMES, outcomes[0].tolist(), strict=True))
        self._seat_the_active()
        self.datacollector.collect(self)

    def _wrapped_step(self, *args: Any, **kwargs: Any) -> None:
        """What Mesa puts in the place of `step`, to count and to keep time: neither goes on past the end."""
        self._refuse_if_over()
        super()._wrapped_step(*args, **kwargs)

    def _refuse_if_over(self) -> None:
        if self._why_over:
            raise RuntimeError(self._why_over)

    # ---- agents --------------------------------------------------------------------------------------------------
    def _seat_the_active(self) -> None:
        """Labs and founders that came join the agents; those that went leave them."""
        world = self.world
        seated = world.labs.active.tobytes(), world.founders.active.tobytes(), len(self.agents)
        if seated == self._seated:
            return
        present = set(self.agents)
        for agent in self._come_and_go:
            if agent.active and agent not in present:
                self.register_agent(agent)
            elif not agent.active and agent in present:
                self.deregister_agent(agent)
        self._seated = *seated[:2], len(self.agents)

    def register_agent(self, agent: mesa.Agent) -> None:
        """Add an agent; it keeps its `unique_id` when it comes back."""
        super().register_agent(agent)
        # Mesa 3.3 counts agents in a table of its class that holds every model for ever.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        if "_number" not in vars(agent):
            agent._number = next(self._numbers)
        agent.unique_id = agent._number

    def agent(self, name: str) -> Seat:
        """The agent of this name, as told or as in scenario files; KeyError when none of that name is active."""
        found = {agent.name: agent for agent in self.agents if isinstance(agent, Seat)}
        if isinstance(name, str) and name not in found:
            found |= {agent.key: agent for agent in found.values() if agent.key == name}
        if not isinstance(name, str) or name not in found:
            raise KeyError(f"no agent {name!r} is active; there are: {', '.join(found)}")
        return found[name]

    @property
    def labs(self) -> Any:
        """The labs in business, an AgentSet."""
        return self.agents.select(agent_type=Lab)

    @property
    def founders(self) -> Any:
        """The founders, an AgentSet."""
        return self.agents.select(agent_type=Founder)

    @property
    def regulators(self) -> Any:
        """The regulators, an AgentSet."""
        return self.agents.select(agent_type=Regulator)

    @property
    def nations(self) -> Any:
        """The nations, an AgentSet."""
        return self.agents.select(agent_type=Nation)

    # ---- what can be seen ----------------------------------------------------------------------------------------
    @property
    def scenario(self) -> Scenario:
        """The scenario that this model lives through."""
        return self._scenario_lived

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        """Newer Mesa gives each model a scenario of its own kind; a model here was made for one and keeps it."""
        if isinstance(scenario, Scenario):
            raise AttributeError("a model keeps its scenario: make another model")

    @property
    def month(self) -> int:
        """The month that the world is in, counted from 0: the one just lived, or the first before any."""
        return max(self._lived - 1, 0)

    @property
    def date(self) -> str:
        """The date of `month`, as "2025-01"."""
        return self._dates[self.month]

    @property
    def outcomes(self) -> dict[str, float]:
        """The outcomes of the last month by name, as in `sim.OUTCOMES`; empty before the first."""
        return dict(self._outcomes)

    @property
    def events(self) -> list[str]:
        """What has happened so far, one sentence each."""
        columns = self.world.log.arrays()
        if self.failure is not None:
            columns = {name: column[columns["month"] < self.failure.month] for name, column in columns.items()}
        return event_texts(columns, self.world.called, [self.scenario])["text"]

    def __repr__(self) -> str:
        return (f"<IndustryModel: {self.scenario.title}, run {self.run}, {self._lived} of {self.months} months lived, "
                f"{in_words(self.uncertainty)}>")
