"""PRIM's boxes are those of the paper's algorithm, as another program of it finds them, and count what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.sweeping.prim import LEAST_MASS, peel_and_paste


def problem(seed: int, count: int, axes: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of which those with a low first and a high second coordinate are cases in 80 of 100."""
    generator = np.random.default_rng(seed)
    points = generator.uniform(size=(count, axes)).round(digits)
    likely = np.where((points[:, 0] < 0.5) & (points[:, 1] > 0.3), 0.8, 0.1)
    return points, generator.uniform(size=count) < likely


# Found by ema-workbench 2.5.3 for the same points: the number of boxes on the way, sums over them of coverage and
# density, the last box's sides and quasi-p values. The third problem has many equal values.
NO = np.nan
REFERENCE = [
    ((0, 300, 3, 6), 22, 19.093457944, 12.28632303,
     [[0.00019, 0.3244685, 0.000301], [0.480318, 0.9953, 0.999501]],
     [[NO, 1.57039e-14], [0.000169559, NO], [NO, NO]]),
    ((1, 120, 5, 2), 16, 14.860465116, 9.028494222,
     [[0.02, 0.325, 0.05, 0.0, 0.02], [0.485, 1.0, 0.99, 1.0, 0.99]],
     [[NO, 8.79563e-07], [0.00412322, NO], [NO, NO], [NO, NO], [NO, NO]]),
    ((2, 600, 4, 1), 19, 12.368131868, 13.14618639,
     [[0.05, 0.45, 0.15, 0.15], [0.35, 0.95, 1.0, 0.65]],
     [[0.591207, 3.85552e-09], [2.48456e-05, 0.515448], [0.444098, NO], [0.139464, 0.0263415]]),
]


@pytest.mark.parametrize(("drawn", "boxes", "coverage", "density", "sides", "chance"), REFERENCE)
def test_the_way_is_that_of_another_program(drawn, boxes, coverage, density, sides, chance) -> None:
    way = peel_and_paste(*problem(*drawn))
    assert len(way) == boxes
    assert sum(box.coverage for box in way) == pytest.approx(coverage, abs=1e-8)
    assert sum(box.density for box in way) == pytest.approx(density, abs=1e-8)
    np.testing.assert_allclose([way[-1].low, way[-1].high], sides, atol=1e-9)
    np.testing.assert_allclose(way[-1].chance, chance, rtol=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_a_box_holds_what_its_sides_say_and_enough(seed: int) -> None:
    points, cases = problem(seed, 250, 4, 1 + seed % 4)
    way = peel_and_paste(points, cases)
    assert way[0].inside.all()
    assert np.isnan(way[0].chance).all()
    for box in way:
        within = np.all((points >= box.low) & (points <= box.high), axis=1)
        np.testing.assert_array_equal(box.inside, within)
        assert box.coverage == pytest.approx(cases[within].sum() / cases.sum())
        assert box.density == pytest.approx(cases[within].mean())
        assert within.sum() >= LEAST_MASS * len(points)
    densities = [box.density for box in way]
    assert densities == sorted(densities)  # a step is taken only where cases become more frequent


def test_where_all_points_are_cases_there_is_one_box() -> None:
    points, _ = problem(0, 50, 2, 3)
    assert len(peel_and_paste(points, np.ones(50, bool))) == 1


def test_a_question_without_an_answer_is_refused() -> None:
    points, cases = problem(0, 50, 2, 3)
    with pytest.raises(ValueError, match="nothing to find"):
        peel_and_paste(points, np.zeros(50, bool))
    with pytest.raises(ValueError, match=r"\(points, axes\)"):
        peel_and_paste(points[:, 0], cases)
