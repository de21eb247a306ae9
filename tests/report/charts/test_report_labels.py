"""Names that cannot disturb the page, and names that do not touch on charts."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.report.charts.labels import fit, spread, text_width, wrap
from sim.report.words.names import clean, inside, listed, quoted, short


@given(
    st.lists(st.tuples(st.floats(-50, 250), st.floats(1, 40)), min_size=1, max_size=9),
)
def test_moved_apart_names_do_not_overlap_and_keep_their_order(items):
    wanted, sizes = [item[0] for item in items], [item[1] for item in items]
    centres = spread(wanted, sizes, 0.0, 1000.0)
    edges = sorted((c - s / 2, c + s / 2) for c, s in zip(centres, sizes, strict=True))
    assert all(low[1] <= high[0] + 1e-6 for low, high in pairwise(edges))
    order = sorted(range(len(items)), key=lambda i: (wanted[i], -i))
    assert [centres[i] for i in order] == sorted(centres)


def test_names_that_do_not_touch_stay_where_they_are():
    assert spread([10.0, 60.0, 90.0], [10.0, 10.0, 10.0], 0.0, 100.0) == [10.0, 60.0, 90.0]


def test_names_that_touch_part_evenly():
    # three names of height 10 that all want 50 take 40, 50 and 60; the first stands uppermost
    assert spread([50.0, 50.0, 50.0], [10.0, 10.0, 10.0], 0.0, 100.0) == [60.0, 50.0, 40.0]


def test_names_stay_inside_the_chart_if_they_fit():
    centres = spread([99.0, 100.0], [10.0, 10.0], 0.0, 100.0)
    assert max(centres) == 95.0
    assert min(centres) == 85.0


@given(st.text(max_size=60))
def test_a_clean_name_has_no_control_or_direction_marks(name):
    assert not any(ord(c) < 32 or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in clean(name))
    assert clean(name)


def test_letters_of_any_script_stay():
    assert clean("תרחיש 中文 Ünïcode") == "תרחיש 中文 Ünïcode"


def test_a_long_name_keeps_its_end_where_copies_are_told_apart():
    first, second = short("x" * 200, 60), short("x" * 200 + " (2)", 60)
    assert first != second
    assert len(second) <= 60


def test_wrapped_names_fit_their_room():
    for line in wrap("A title that goes on and on without an end in sight", 98.0, 3):
        assert text_width(line) <= 98.0
    assert fit("word " * 50, 98.0).endswith("…")


def test_small_words_of_sentences():
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""
    assert inside("US-China hostility") == "US-China hostility"
    assert inside("Small labs in business") == "small labs in business"
    assert quoted("Strict rules, rivalry") == "“Strict rules, rivalry”"
