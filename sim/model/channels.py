"""The channels of luck by name: what each number decides, and whom its slots stand for.

A rule of one's own may draw from a channel of any other name; these are those of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.common.arguments import names
from sim.model.state import FOUNDER_SLOTS, LAB_SLOTS, NATIONS, REGULATORS, SUIT_SLOTS


class Channel(NamedTuple):
    """Whom the slots of a channel stand for ("1": a single number a month), and what its numbers decide."""

    slots: str
    text: str


CHANNELS: Mapping[str, Channel] = names("channel of luck", {
    # ---- capital
    "capital.sentiment": Channel("1", "How investors' confidence moves"),
    "capital.bust": Channel("1", "Whether confidence breaks"),
    "capital.rounds": Channel("labs", "Whether a lab raises a round"),
    "capital.patrons": Channel("labs", "Whether a lab finds a corporate patron"),
    "capital.patron_chosen": Channel("labs", "Which patron it finds: the smallest number draws it there"),
    # ---- control and entry
    "control.entry": Channel("3", "Whether a start-up enters; with how much money; how bound to a mission"),
    "control.entry_where": Channel("nations", "In which nation it enters: the smallest number draws it there"),
    "control.openness": Channel("1", "How open a new lab's weights are"),
    "control.new_founder": Channel("2", "How combative its founder is; how much heard by the government"),
    "control.bids": Channel("founders", "Whether a founder bids for a lab"),
    "control.premium": Channel("1", "How much above its value is bid"),
    "control.rescue": Channel("1", "Whether a lab out of money is bought"),
    # ---- courts
    "courts.filing": Channel("founders", "Whether a founder's lab files a suit"),
    "courts.copyright": Channel("labs", "Whether rights holders sue a lab"),
    "courts.merit": Channel("suits", "How strong a new suit's case is"),
    "courts.pace": Channel("suits", "Whether a suit comes to its end this month"),
    "courts.allies": Channel("suits", "Whether a rival sides with the plaintiff"),
    "courts.injunction": Channel("suits", "Whether a motion for an injunction is granted"),
    "courts.settlement": Channel("suits", "Whether an offer to settle is taken"),
    "courts.judgement": Channel("suits, twice", "How each party judges the case"),
    "courts.review": Channel("labs", "Whether the state refuses a conversion"),
    "courts.review_opened": Channel("labs", "Whether a lab asks for leave to convert"),
    # ---- customers and incidents
    "customers.incidents": Channel("1", "How many ordinary incidents there are"),
    "customers.severe_incident": Channel("1", "Whether a severe incident happens"),
    "customers.culprit": Channel("labs", "Whose model it involves: the smallest number draws it there"),
    # ---- founders
    "founders.attacks": Channel("founders", "Whether a founder attacks a rival in public"),
    "founders.departures": Channel("founders", "Whether a founder leaves"),
    "founders.joins": Channel("founders", "Whether a founder without a lab joins one"),
    "founders.joins_where": Channel("labs", "Which lab is joined: the smallest number draws the founder there"),
    "founders.spin_offs": Channel("founders", "Whether a founder without a lab starts one"),
    # ---- labs
    "labs.defence": Channel("labs", "Whether a lab takes on defence work"),
    "labs.run_begun": Channel("labs", "How far the training run at the start has come; the first month alone"),
    "labs.run_ends": Channel("labs", "Whether a training run ends"),
    "labs.training_luck": Channel("labs", "How well a training run turns out"),
    # ---- nations
    "nations.hostility": Channel("US and China", "How hostility moves by itself"),
    "nations.controls": Channel("US and China, twice", "Whether chip controls step up; whether they ease"),
    "nations.retaliation": Channel("US and China, twice", "Whether a step of controls is answered; after how long"),
    "nations.truce": Channel("1", "Whether a truce is agreed"),
    "nations.treaty": Channel("4", "Whether a treaty is signed; a breach by the US, or by China, seen; an alarm false"),
    # ---- regulators
    "regulators.audits": Channel("labs", "Whether a breach is found"),
    "regulators.licences": Channel("regulators", "Whether a licence is granted"),
    "regulators.bills": Channel("regulators, twice", "Whether a bill is announced; how long it takes"),
    "control.hires": Channel("labs", "Whether a lab that falls behind is hired away"),
    "regulators.votes": Channel("regulators, twice", "Whether a bill passes; how far it is watered down"),
    # ---- beliefs, drawn before the first month
    "posterior.draw": Channel("1", "Which row of the posterior a run takes"),
    # ---- brands
    "customers.brand_people": Channel("labs", "How a lab's brand with people moves: hits, flops, news"),
    "customers.brand_firms": Channel("labs", "How its brand with developers and firms moves"),
    # ---- powers
    "nations.choices": Channel("6", "What the US, and China, chooses on chip controls; on metals; on chips to buy"),
})
FAMILIES: Mapping[str, Channel] = names("family of channels", {
    "prior.": Channel("1", "Where in its prior an uncertainty lies, by its name"),
    "parameters.": Channel("1", "Where in the range that a scenario gives an uncertainty lies, by its name"),
})

_COUNTS = {"labs": LAB_SLOTS, "founders": FOUNDER_SLOTS, "suits": SUIT_SLOTS, "nations": len(NATIONS),
           "regulators": len(REGULATORS), "US and China": 2}


def slots_of(channel: str) -> int:
    """How many numbers a channel of the model has in each run and month."""
    word = CHANNELS[channel].slots
    one = word.removesuffix(", twice")
    return (_COUNTS[one] if one in _COUNTS else int(one)) * (1 if one == word else 2)
