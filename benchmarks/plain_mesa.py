"""A plain Mesa model of an industry of this size, for scale: ordinary objects, one step method for each agent.

As many labs, founders, regulators and nations as the industry of the start, and about half as many rules as `sim`, each
in its simplest form, in the manner of Mesa's own examples. Nothing here is calibrated: it is here to be timed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, tanh

import mesa


class Lab(mesa.Agent):
    """A lab that trains, sells, invests and spends on safety."""

    def __init__(self, model: Industry, nation: Nation, size: float) -> None:
        super().__init__(model)
        self.nation = nation
        self.compute, self.cash, self.revenue = 1e5 * size, 2.0 * size, size
        self.capability, self.algorithm, self.safety = 25.0 + 0.1 * size, 0.3, 0.3
        self.share, self.reputation, self.strictness = 0.0, 0.5, 0.3
        self.converted, self.defence, self.complies, self.licensed = False, False, True, False
        self.suits, self.wanted, self.valuation = 0, 0.0, size

    def step(self) -> None:
        self.lobby()
        self.comply()
        self.choose_safety()
        self.plan_growth()
        self.train()
        self.settle_accounts()
        self.take_defence_work()
        self.raise_money()

    def lobby(self) -> None:
        spent = 1e-4 * self.revenue
        self.cash -= spent
        self.nation.pressure += tanh(self.strictness - 0.5) * spent**0.5

    def comply(self) -> None:
        found = 0.2 * (1.0 - 0.3 * 0.5)
        gain = 0.02 * self.strictness * self.revenue
        self.complies = found * 0.03 * max(self.revenue, 0.1) * 30.0 >= gain
        if not self.complies and self.random.random() < found / 12.0:
            self.cash -= 0.03 * self.revenue

    def choose_safety(self) -> None:
        behind = self.model.frontier - self.capability
        ability = max(0.0, 1.0 - behind)
        race = min(1.0, ability / (1.0 + self.nation.hostility * (self.model.racing - 1)))
        wanted = max(race, 0.6 * (1.0 - self.converted), 0.5 * self.strictness * self.complies)
        self.safety += 0.1 * (min(wanted, 1.0) - self.safety)

    def plan_growth(self) -> None:
        affordable = max(self.cash + self.revenue, 0.0) / self.model.chip_price
        room = max(1.0 - self.model.spending / 5000.0, 0.0)
        self.wanted = min(0.08 * self.compute * room, affordable)

    def train(self) -> None:
        self.algorithm += 0.03 * (1.0 - 0.3 * self.safety)
        if self.random.random() < 0.15:
            luck = self.random.gauss(0.0, 0.05)
            reached = log(self.compute * 1e21, 10.0) + self.algorithm + luck
            self.capability = max(self.capability, reached)

    def settle_accounts(self) -> None:
        target = self.share * self.model.spending
        self.revenue += 0.2 * (target - self.revenue)
        compliance = 0.02 * self.strictness * self.revenue
        self.cash += (self.revenue - 1.1e-5 * self.compute - compliance) / 12.0
        self.reputation += 0.05 * (0.3 + 0.5 * self.safety - self.reputation)

    def take_defence_work(self) -> None:
        if not self.defence and self.random.random() < 0.01 * self.nation.hostility:
            self.defence = True
        if self.defence:
            self.cash += 0.02 * self.nation.hostility * (self.revenue + 0.5) / 12.0

    def raise_money(self) -> None:
        multiple = 20.0 * self.model.sentiment * exp(-0.3 * self.suits)
        self.valuation += 0.2 * (multiple * self.revenue - self.valuation)
        if self.cash < 0.5 * self.revenue and self.random.random() < 0.1:
            self.cash += min(0.1 * self.valuation, self.model.pool)
            self.model.pool = max(self.model.pool - 0.1 * self.valuation, 0.0)
            self.converted = True


class Founder(mesa.Agent):
    """A founder who leaves over drift and bears grudges."""

    def __init__(self, model: Industry, home: Lab) -> None:
        super().__init__(model)
        self.home: Lab | None = home
        self.mission, self.combativeness = self.random.random(), self.random.random()
        self.grievance, self.wealth = 0.0, 0.1
        self.against: Lab | None = None

    def step(self) -> None:
        self.leave()
        self.attack()
        self.sue()
        self.settle()

    def leave(self) -> None:
        if self.home is None:
            return
        drift = 0.5 * self.home.converted + 0.3 * (1.0 - self.home.safety)
        if self.random.random() < 0.01 * self.mission * drift:
            self.grievance, self.against, self.home = 0.5 + 0.5 * drift, self.home, None

    def attack(self) -> None:
        self.grievance *= 0.98
        if self.against is not None and self.random.random() < 0.05 * self.grievance * self.combativeness:
            self.against.reputation *= 0.95

    def sue(self) -> None:
        if self.against is None or self.home is None or self.against is self.home:
            return
        if self.random.random() < 0.02 * self.grievance * self.combativeness:
            self.model.docket.append(Suit(self.home, self.against, merit=self.random.random()))
            self.against.suits += 1

    def settle(self) -> None:
        if self.home is None and self.random.random() < 0.05:
            self.home = max(self.model.labs, key=lambda lab: lab.compute * self.random.random())


@dataclass
class Suit:
    """A suit pending."""

    plaintiff: Lab
    defendant: Lab
    merit: float
    age: int = 0


class Regulator(mesa.Agent):
    """A regulator that follows fear and the wish not to fall behind."""

    def __init__(self, model: Industry, nation: Nation) -> None:
        super().__init__(model)
        self.nation = nation
        self.strictness = self.draft = 0.3

    def step(self) -> None:
        fear = 0.2 * self.model.incidents
        behind = max(self.model.frontier - self.nation.frontier, 0.0)
        self.draft = min(max(0.35 + fear - 0.1 * behind - 0.1 * self.nation.pressure, 0.0), 1.0)
        self.strictness += (self.draft - self.strictness) / 18.0
        for lab in self.model.labs:
            if lab.nation is self.nation:
                lab.strictness = 0.0 if lab.revenue < 0.1 else self.strictness
                lab.licensed = self.strictness > 0.85 and lab.safety > 0.5


class Nation(mesa.Agent):
    """A nation that reads the race and withholds chips."""

    def __init__(self, model: Industry) -> None:
        super().__init__(model)
        self.hostility, self.withheld, self.frontier, self.pressure = 0.5, 0.2, 25.0, 0.0
        self.trust, self.treaty, self.banned, self.power = 0.3, False, 0.0, 10.0
        self.rival: Nation = self

    def step(self) -> None:
        self.read_the_race()
        self.withhold()
        self.keep_or_break_treaty()

    def read_the_race(self) -> None:
        self.pressure = 0.0
        self.frontier = max((lab.capability for lab in self.model.labs if lab.nation is self), default=25.0)
        fear = max(self.rival.frontier - self.frontier, 0.0)
        change = 0.3 * self.rival.hostility - 0.5 * self.hostility + 0.1 + 0.1 * fear
        self.hostility = min(max(self.hostility + change / 12.0 + self.random.gauss(0.0, 0.01), 0.0), 1.0)
        self.trust += 0.02 * (1.0 - self.hostility - self.trust)

    def withhold(self) -> None:
        if self.random.random() < 0.02 * self.hostility:
            self.rival.withheld = min(self.rival.withheld + 0.1, 1.0)
            if self.random.random() < 0.4:
                self.banned = min(self.rival.banned + 0.2, 1.0)
        self.banned *= 0.99

    def keep_or_break_treaty(self) -> None:
        temptation = 1.0 + self.hostility * exp(-abs(self.frontier - self.rival.frontier))
        willing = (temptation - 0.5) / temptation <= 0.7
        self.treaty = willing and (self.treaty or self.random.random() < 0.01 * self.trust)


class Industry(mesa.Model):
    """As many agents as `sim` starts with; ten outcomes and six quantities of each lab recorded each month."""

    def __init__(self, labs: int, founders: int, regulators: int, nations: int, seed: int = 0) -> None:
        super().__init__(rng=seed)
        self.frontier, self.spending, self.sentiment = 25.0, 20.0, 1.0
        self.chip_price, self.supply, self.incidents = 4e-5, 5e5, 0.0
        self.pool, self.racing = 50.0, labs
        self.docket: list[Suit] = []
        self.nations = [Nation(self) for _ in range(nations)]
        for i, nation in enumerate(self.nations):
            nation.rival = self.nations[1 - i] if i < 2 else self.nations[0]
        self.labs = [Lab(self, self.nations[i % nations], 1.0 + i % 5) for i in range(labs)]
        self.founders = [Founder(self, self.labs[i % labs]) for i in range(founders)]
        self.regulators = [Regulator(self, self.nations[i]) for i in range(regulators)]
        self.datacollector = mesa.DataCollector(
            {
                "frontier": "frontier",
                "spending": "spending",
                "sentiment": "sentiment",
                "chip_price": "chip_price",
                "incidents": "incidents",
                "concentration": lambda model: sum(lab.share**2 for lab in model.labs),
                "compute": lambda model: sum(lab.compute for lab in model.labs),
                "safety": lambda model: sum(lab.safety for lab in model.labs) / len(model.labs),
                "hostility": lambda model: sum(nation.hostility for nation in model.nations) / len(model.nations),
                "suits": lambda model: len(model.docket),
            },
            agenttype_reporters={
                Lab: {name: name for name in ("compute", "revenue", "cash", "capability", "safety", "valuation")}
            },
        )

    def step(self) -> None:
        self.racing = sum(lab.capability > self.frontier - 1.0 for lab in self.labs)
        for agents in (self.nations, self.regulators, self.labs, self.founders):
            for agent in agents:
                agent.step()
        self.share_out_chips()
        self.serve_customers()
        self.move_sentiment()
        self.hear_suits()
        self.datacollector.collect(self)

    def share_out_chips(self) -> None:
        wanted = sum(lab.wanted * (1.0 - lab.nation.withheld) for lab in self.labs)
        filled = min(1.0, self.supply / max(wanted, 1.0))
        for lab in self.labs:
            lab.compute = 0.99 * lab.compute + filled * lab.wanted * (1.0 - lab.nation.withheld)
        metals = 1.0 + max(nation.banned for nation in self.nations)
        self.chip_price *= 0.99 * metals**0.01 * max(wanted / self.supply, 1.0) ** 0.02
        self.supply *= 1.02

    def serve_customers(self) -> None:
        self.frontier = max(lab.capability for lab in self.labs)
        for lab in self.labs:
            lab.share = 0.0
        for bloc, size in ((self.nations[0], 0.8), (self.nations[1], 0.2)):
            pull = [
                exp(2.0 * (lab.capability - self.frontier) + lab.reputation + (lab.nation is bloc)) for lab in self.labs
            ]
            total = sum(pull)
            for lab, weight in zip(self.labs, pull, strict=True):
                lab.share += size * weight / total
        self.spending += 0.03 * self.spending * (1.0 - self.spending / 5000.0)
        careless = sum(lab.share * (1.0 - lab.safety) for lab in self.labs)
        self.incidents = 0.95 * self.incidents + (self.random.random() < 0.02 * careless)

    def move_sentiment(self) -> None:
        self.sentiment += 0.05 * (1.0 - self.sentiment) + self.random.gauss(0.0, 0.03)
        if self.random.random() < 0.01 * max(self.sentiment, 0.0):
            self.sentiment *= 0.6
        self.pool = min(self.pool + 5.0 * self.sentiment, 500.0)

    def hear_suits(self) -> None:
        for suit in list(self.docket):
            suit.age += 1
            if suit.age > 12 and self.random.random() < 0.1:
                self.docket.remove(suit)
                suit.defendant.suits -= 1
                if self.random.random() < suit.merit:
                    suit.defendant.cash -= 0.1
                    suit.plaintiff.cash += 0.1
