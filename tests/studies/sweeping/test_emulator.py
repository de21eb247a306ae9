"""Between simulated points: multilinear weights, kriging against its equations, and errors of points left out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from sim.studies.sweeping import emulator
from sim.studies.sweeping.emulator import Kriging, Lattice

GRID = Lattice(((0.0, 0.3, 1.0), (0.0, 1.0), (0.0, 0.5, 0.75, 1.0)))


def at_nodes(grid: Lattice) -> np.ndarray:
    return np.stack(np.meshgrid(*grid.along, indexing="ij"), axis=-1).reshape(-1, len(grid.along))


def bilinear(x: np.ndarray) -> np.ndarray:
    return 2.0 + x[..., 0] - 3.0 * x[..., 1] * x[..., 2] + x[..., 0] * x[..., 1] * x[..., 2]


def drawn(points: int = 40, axes: int = 3) -> np.ndarray:
    return np.random.default_rng(1).random((points, axes))


def solved_by_hand(points: np.ndarray, lengths: np.ndarray, nugget: float, at: np.ndarray) -> np.ndarray:
    """Weights from the kriging equations as textbooks have them, without any of the module's code."""
    count, axes = points.shape

    def near(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-0.5 * (((a - b) / lengths) ** 2).sum()))

    equations = np.zeros((count + axes + 1, count + axes + 1))
    for i in range(count):
        for j in range(count):
            equations[i, j] = near(points[i], points[j]) + (nugget if i == j else 0.0)
        equations[i, count:] = equations[count:, i] = [1.0, *points[i]]
    right = np.array([*(near(point, at) for point in points), 1.0, *at])
    return np.linalg.solve(equations, right)[:count]


def test_on_a_grid_a_simulated_point_is_itself_alone():
    for number, node in enumerate(at_nodes(GRID)):
        assert GRID.weights(node) == pytest.approx(np.eye(24)[number])


def test_a_grid_gives_back_what_is_linear_along_each_axis():
    values = bilinear(at_nodes(GRID))
    for place in drawn(20):
        assert GRID.weights(place) @ values == pytest.approx(bilinear(place))


def test_a_point_left_out_of_a_grid_is_told_from_neighbours_on_both_sides():
    nodes = at_nodes(GRID)
    values = np.column_stack([bilinear(nodes), nodes[:, 0] ** 2])
    told = GRID.left_out(values)
    inner = (np.isin(nodes[:, 0], (0.3,))) | (np.isin(nodes[:, 2], (0.5, 0.75)))
    assert (np.isfinite(told).all(axis=1) == inner).all()  # corners and edges without neighbours on both sides are not
    assert told[inner, 0] == pytest.approx(values[inner, 0])
    only_first = (nodes[:, 0] == 0.3) & ~np.isin(nodes[:, 2], (0.5, 0.75))
    assert told[only_first, 1] == pytest.approx(0.3)  # between 0 and 1 at 0.3, where the square is 0.09


def test_two_values_on_each_axis_leave_nothing_to_leave_out():
    assert np.isnan(Lattice(((0.0, 1.0), (0.0, 1.0))).left_out(np.zeros((4, 1)))).all()


def test_kriging_weights_solve_the_textbook_equations_and_add_to_one():
    points, lengths = drawn(), np.array([0.4, 1.0, 3.0])
    joined = Kriging(points, lengths, 0.05)
    for place in drawn(5, 3) * 0.9:
        own = joined.weights(place)
        assert own == pytest.approx(solved_by_hand(points, lengths, 0.05, place), abs=1e-9)
        assert own.sum() == pytest.approx(1.0)


def test_kriging_gives_back_a_plane_exactly_whatever_its_lengths():
    points = drawn()
    plane = 1.0 + points @ np.array([2.0, -1.0, 0.5])
    place = np.array([0.2, 0.9, 0.4])
    weights = Kriging(points, np.array([0.3, 2.0, 1.0]), 0.1).weights(place)
    assert weights @ plane == pytest.approx(1.0 + 0.4 - 0.9 + 0.2)


def test_errors_in_closed_form_are_those_of_leaving_each_point_out_and_solving_again():
    points, lengths = drawn(30), np.array([0.5, 1.0, 2.0])
    values = np.column_stack([np.sin(4.0 * points[:, 0]), points[:, 1] * points[:, 2]])
    told = Kriging(points, lengths, 0.02).left_out(values)
    for out in range(30):
        rest = np.arange(30) != out
        again = solved_by_hand(points[rest], lengths, 0.02, points[out]) @ values[rest]
        assert told[out] == pytest.approx(again, abs=1e-9)


def test_the_likelihoods_gradient_is_its_slope():
    points = drawn()
    values = np.column_stack([np.sin(4.0 * points[:, 0]), points[:, 1] ** 2])
    rest = (emulator._apart(points, points), emulator._plane(points), values)
    logs = np.log([0.5, 1.0, 2.0, 0.1])
    slope = optimize.approx_fprime(logs, lambda x: emulator._likelihood(x, *rest)[0], 1e-6)
    assert emulator._likelihood(logs, *rest)[1] == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_an_axis_of_no_effect_is_found_to_have_none_and_the_fit_tells_what_was_left_out():
    points = drawn(60)
    values = np.sin(4.0 * points[:, :1]) + points[:, 1:2] ** 2
    joined = Kriging.fitted(points, values)
    assert joined.lengths[2] > 5.0 * joined.lengths[0]
    missed = values - joined.left_out(values)
    assert (missed**2).mean() < 0.001 * values.var()
    assert (Kriging.fitted(points, 1e6 * values).lengths == joined.lengths).all()


def test_pure_chance_is_smoothed_and_not_drawn():
    noise = np.random.default_rng(2).standard_normal((80, 1))
    joined = Kriging.fitted(drawn(80), noise)
    missed = noise - joined.left_out(noise)
    assert (missed**2).mean() > 0.8 * noise.var()  # nothing is told of points left out, and the error says so
    assert np.abs(joined.weights([0.5, 0.5, 0.5])).max() < 0.3


def test_outcomes_that_do_not_vary_are_joined_by_a_plane():
    joined = Kriging.fitted(drawn(), np.full((40, 2), 7.0))
    assert joined.weights([0.1, 0.2, 0.3]) @ np.full(40, 7.0) == pytest.approx(7.0)
