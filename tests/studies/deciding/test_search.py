"""The search, held against problems whose fronts are known (Zitzler, Deb and Thiele 2000; Deb et al. 2005)."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from sim.studies.deciding.search import Judged, SearchError, needed_library, search, typical, unbeaten

pytest.importorskip("pymoo")


def exact(function):
    """A function of points whose costs are exact and that has no limits."""
    def judged(points, _):
        costs = function(points)
        return Judged(costs, np.zeros(len(points)), np.zeros_like(costs))
    return judged


def known(name, **how):
    from pymoo.problems import get_problem

    return get_problem(name, **how)


@pytest.mark.parametrize(("name", "variables", "candidates", "share", "distance"), [
    ("zdt1", 6, 2000, 0.95, 0.03), ("zdt2", 6, 2000, 0.88, 0.05), ("zdt3", 6, 2000, 0.95, 0.03),
])
def test_fronts_of_two_aims_are_recovered(name, variables, candidates, share, distance):
    """So much of the front's hypervolume, and so near to it on average; both problems' costs go from 0 to about 1."""
    from pymoo.indicators.hv import HV
    from pymoo.indicators.igd import IGD

    problem = known(name, n_var=variables)
    found = search(exact(problem.evaluate), variables, 2, candidates, seed=1)
    front, true = found.costs[found.front], problem.pareto_front()
    volume = HV(np.full(2, 1.1))
    assert found.method == "NSGA-II"
    assert len(found.points) == candidates
    assert volume(front) / volume(true) > share
    assert IGD(true)(front) < distance


@pytest.mark.parametrize(("aims", "parts", "method", "distance"), [(3, 12, "NSGA-II", 0.06), (4, 8, "NSGA-III", 0.12)])
def test_fronts_of_three_and_four_aims_are_recovered(aims, parts, method, distance):
    """The front of DTLZ2 is the part of the unit sphere where no cost is negative."""
    from pymoo.indicators.igd import IGD
    from pymoo.util.ref_dirs import get_reference_directions

    problem = known("dtlz2", n_var=aims + 4, n_obj=aims)
    found = search(exact(problem.evaluate), aims + 4, aims, 2000, seed=1)
    front = found.costs[found.front]
    assert found.method == method
    assert IGD(problem.pareto_front(get_reference_directions("das-dennis", aims, n_partitions=parts)))(front) < distance
    assert np.median(np.linalg.norm(front, axis=1)) == pytest.approx(1.0, abs=0.1)


def test_the_same_seed_gives_the_same_points_and_another_one_others():
    problem = known("zdt1", n_var=4)
    one, again, other = (search(exact(problem.evaluate), 4, 2, 200, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.points, again.points)
    assert np.array_equal(one.front, again.front)
    assert not np.array_equal(one.points, other.points)


def test_limits_that_must_hold_bound_the_front():
    """Costs x and 1 - x, and x of a half at least: the front begins there, as it does not without the limit."""
    def judged(points, _):
        costs = np.stack([points[:, 0], 1.0 - points[:, 0] + points[:, 1]], axis=1)
        return Judged(costs, np.maximum(0.5 - points[:, 0], 0.0), np.zeros_like(costs))

    found = search(judged, 2, 2, 600, seed=0)
    least = found.costs[found.front][:, 0].min()
    assert 0.5 <= least < 0.53
    free = search(exact(lambda points: judged(points, 0).costs), 2, 2, 600, seed=0)
    assert free.costs[free.front][:, 0].min() < 0.03


def test_each_point_is_judged_once_and_a_space_of_few_points_ends_the_search():
    asked = []

    def judged(points, _):
        asked.extend(map(tuple, points))
        costs = np.stack([points.sum(axis=1), -points.prod(axis=1)], axis=1)
        return Judged(costs, np.zeros(len(points)), np.zeros_like(costs))

    found = search(judged, 2, 2, 500, seed=0, snap=lambda points: (np.minimum((points * 4).astype(int), 3) + 0.5) / 4)
    assert len(asked) == len(set(asked)) == len(found.points) == 16


def test_differences_within_two_standard_errors_are_none():
    """Ten points on a line of costs 0.1 apart: in boxes of 0.25 there are five, of which each front keeps one."""
    costs = np.stack([np.arange(10) / 10.0, 0.9 - np.arange(10) / 10.0], axis=1)
    assert len(unbeaten(costs, np.zeros(10), np.zeros(2))) == 10
    assert len(unbeaten(costs, np.zeros(10), np.array([0.25, 0.25]))) < 6
    assert typical(np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [0.0, 0.0]])).tolist() == [3.0, 3.0]


def test_a_search_after_luck_alone_keeps_few_points():
    """Costs are the same for all, seen through errors of 1: of 128 points boxes of twice that leave a handful."""
    def judged(points, generation):
        costs = np.random.default_rng([7, generation]).normal(size=(len(points), 2))
        return Judged(costs, np.zeros(len(points)), np.ones_like(costs))

    assert len(search(judged, 3, 2, 128, seed=0).front) <= 3


def test_without_a_point_that_keeps_the_limits_the_nearest_is_the_front():
    costs = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    assert unbeaten(costs, np.array([3.0, 1.0, 2.0]), np.zeros(2)).tolist() == [1]


def test_too_few_candidates_and_a_missing_library_are_told_in_words(monkeypatch):
    with pytest.raises(SearchError, match="32 are the least"):
        search(exact(lambda points: points), 2, 2, 10)
    wanted = builtins.__import__

    def missing(name, *rest, **more):
        if name.startswith("pymoo"):
            raise ImportError(name)
        return wanted(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SearchError, match=r'pip install "airace\[sweep\]"'):
        needed_library()


def test_a_search_of_four_aims_repeats_itself_where_candidates_break_limits_alike():
    """Between two that break limits alike NSGA-III draws lots; these come from the seed too."""
    def judged(points, _):
        costs = np.stack([points[:, k] + points[:, (k + 1) % 4] ** 2 for k in range(4)], axis=1)
        return Judged(costs, np.where(points[:, 0] > 0.2, 1.0, 0.0), np.full_like(costs, 1e-3))

    one, again = (search(judged, 4, 4, 160) for _ in range(2))
    assert one.method == "NSGA-III"
    assert (one.broken > 0.0).any()
    assert np.array_equal(one.points, again.points)
