"""Arrays that a rule makes for itself: what they hold, that they end with it, and that nobody gives one away."""

import ast
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError

import sim.model
from sim.model.rule import borrowed, flags, full, rule, zeros

RULES = sorted(Path(sim.model.__file__).parent.rglob("*.py"))
PLACES, HALF = 6, 0.5
OWN = {"zeros", "flags", "full"}


@rule
def _fill_up(array, by):
    for place in range(len(array)):
        array[place] += by


@rule
def _made_in_a_loop(turns, found):
    for turn in range(turns):
        numbers, whether, halves, nobody = zeros(PLACES), flags(PLACES), full(PLACES, HALF), full(PLACES, -1)
        _fill_up(numbers, 1.0)
        _fill_up(halves, 1.0)
        whether[turn] = True
        nobody[turn] += 3
        found[turn, 0], found[turn, 1], found[turn, 2], found[turn, 3] = (
            numbers.sum(), whether.sum(), halves.sum(), nobody.sum())


def test_a_rules_own_arrays_are_fresh_each_time_that_they_are_made():
    found = np.zeros((5, 4))
    _made_in_a_loop(5, found)
    assert found.tolist() == [[6.0, 1.0, 9.0, -3.0]] * 5


@rule
def _sum_of_lent(array):
    total = 0.0
    for _ in range(3):
        _fill_up(borrowed(array), 1.0)
        total += borrowed(array[1:]).sum()
    return total


def test_a_borrowed_array_is_the_same_memory():
    lent = np.arange(4.0)
    assert _sum_of_lent(lent) == 9.0 + 12.0 + 15.0
    assert lent.tolist() == [3.0, 4.0, 5.0, 6.0]


def test_the_size_of_a_rules_own_array_has_to_be_a_constant():
    @rule
    def of_any_size(places):
        return zeros(places).sum()

    with pytest.raises(TypingError, match="has to be a constant"):
        of_any_size(3)


@rule
def _of_a_run(run, given):
    return run + given


@rule
def _that_calls_it(number):
    return _of_a_run(number, 1.0)


def test_a_rule_of_a_run_gives_rules_and_python_the_same():
    assert _of_a_run(1.0, 1.0) == 2.0
    assert _that_calls_it(2.0) == 3.0
    assert _of_a_run(1.5, 1.0) == 2.5  # compiled for rules by now, and still Python's to call


def _given_away(tree):
    """Names of functions that return an array which they made on the stack."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        own = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    pairs = (zip(target.elts, node.value.elts, strict=True)
                             if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                             else [(target, node.value)])
                    own |= {name.id for name, value in pairs
                            if isinstance(name, ast.Name) and _is_own(value, own)}
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                if any(_is_own(part, own) for part in parts):
                    yield function.name


def _is_own(value, own):
    made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in OWN
    return made or (isinstance(value, ast.Name) and value.id in own)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_no_rule_returns_an_array_whose_room_ends_with_it(path):
    assert not list(_given_away(ast.parse(path.read_text(encoding="utf-8"))))


def test_an_array_that_is_given_away_would_be_found():
    returned = "def rule():\n    a, b = zeros(N), 1.0\n    c = a\n    return b, c\n"
    assert list(_given_away(ast.parse(returned))) == ["rule"]
    assert list(_given_away(ast.parse("def rule():\n    return full(N, 0.0)\n"))) == ["rule"]
    assert not list(_given_away(ast.parse("def rule():\n    a = zeros(N)\n    return a[0]\n")))
