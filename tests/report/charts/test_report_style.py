"""The palette: contrast in light and dark, one colour for one scenario, grey for the baseline."""

import pytest

from sim.report.charts.style import DARK, LIGHT, dashes, line_colour, marker, roles, text_colour


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_a_contrast_of_at_least_four_and_a_half(palette):
    for role in ("ink", "muted", *(f"t{number}" for number in range(8))):
        assert contrast(palette[role], palette["paper"]) >= 4.5, role


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_have_a_contrast_of_at_least_three(palette):
    for number in range(8):
        assert contrast(palette[f"s{number}"], palette["paper"]) >= 3.0, number


def test_every_role_has_one_colour_of_its_own_so_that_it_can_be_swapped():
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert LIGHT.keys() == DARK.keys()


def test_the_baseline_is_grey_wherever_it_stands_and_others_take_hues_in_file_order():
    assert roles(4) == [0, 1, 2, 3]
    assert roles(4, baseline=2) == [1, 2, 0, 3]
    red, green, blue = (int(line_colour(0)[i : i + 2], 16) for i in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) < 24


def test_line_style_and_mark_repeat_what_colour_says():
    looks = {(line_colour(role), str(dashes(role)), marker(role), text_colour(role)) for role in range(14)}
    assert len(looks) == 14
    assert len({str(dashes(role)) for role in range(5)}) == 5
