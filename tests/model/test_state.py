"""State is declared once, and records, arrays, agents and bounds follow from the declaration."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.start import build_world
from sim.model.state import KINDS, LAB_SLOTS, NOBODY, RUN, blank_state, tables_of
from sim.scenario.scenario import Scenario

QUANTITIES = [(kind, name) for kind in KINDS for name in kind.quantities]


@pytest.mark.parametrize(("kind", "name"), QUANTITIES, ids=[f"{kind.name}.{name}" for kind, name in QUANTITIES])
def test_each_quantity_says_what_it_is_and_has_a_place_in_the_record_and_an_array(kind, name):
    quantity, state = kind.quantities[name], blank_state(3)
    assert quantity.text
    assert quantity.unit
    assert quantity.low <= quantity.high
    array = getattr(tables_of(state)[kind.name], name)
    assert array.dtype == quantity.type
    assert array.shape == (3, *((kind.slots,) if kind.slots else () if quantity.shape else (1,)), *quantity.shape)
    assert np.all(array == quantity.blank)
    array[1] = 1  # a view: the record changes with it
    assert np.all(state[kind.name][name][1] == 1)
    assert np.all(state[kind.name][name][[0, 2]] == quantity.blank)


def test_assigning_an_array_writes_the_record_and_an_unknown_name_is_refused():
    state = blank_state(2)
    labs = tables_of(state)["labs"]
    seen = labs.cash
    labs.cash = np.full((2, LAB_SLOTS), 3.0)
    labs.cash += 1.0
    labs.active = True
    assert seen is labs.cash
    assert np.all(state["labs"]["cash"] == 4.0)
    assert np.all(state["labs"]["active"] == 1)
    with pytest.raises(AttributeError, match="labs have no csh; there are: active, "):
        labs.csh = 1.0
    assert np.all(state["labs"]["patron"] == NOBODY)


def test_a_runs_record_is_the_same_alone_and_in_a_batch():
    scenario = Scenario.from_dict({"title": "A"})
    whole, alone = (build_world([scenario], np.zeros(len(runs), int), np.array(runs), 0, months=3)
                    for runs in ([0, 1, 2], [2]))
    assert whole.state.dtype == RUN
    assert whole.state[2].tobytes() == alone.state[0].tobytes()
