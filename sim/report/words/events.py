"""What happened in words: the events' own sentences, and the few words beside a mark, in the language in use."""

from __future__ import annotations

from sim.common.language import ENGLISH, Amount, gettext, language
from sim.common.numbers import money
from sim.model import events
from sim.report.words.names import called


def sentence(kind: str, actor: str, target: str, amount: float) -> str:
    """What an event of this kind says of these names, which are those of the start, "" for nobody."""
    if language() == ENGLISH:
        return events.sentence(kind, actor, target, amount)
    return filled(events.EVENTS[kind].sentence, actor, target, amount)


def filled(message: str, actor: str, target: str, amount: float) -> str:
    """A message on an event with its names and its amount; `{money}` is the amount, USD bn, as the language has it."""
    if language() == ENGLISH:
        return message.format(actor=actor or "Someone", target=target or "someone", amount=amount)
    return gettext(message, actor=called(actor) if actor else gettext("Someone"),
                   target=called(target) if target else gettext("someone"), amount=Amount(amount),
                   money=money(amount, 3))
