"""What is said of policies across worlds: who is best where, ties as ties, and what harms beside what helps."""

from __future__ import annotations

import pytest
from made_up_worlds import made_up

from sim.report.words import worlds as words
from sim.report.words import worlds_brief
from sim.studies.comparing.worlds import Worlds

UP, DOWN = (1.0, 2.0, 3.0), (3.0, 2.0, 1.0)


@pytest.fixture(scope="module")
def mixed() -> Worlds:
    """C is best for severe incidents everywhere and costs more; for small labs A is, in the first world alone."""
    return made_up({"severe_incidents": (DOWN, DOWN), "small_labs": (DOWN, (1.0, 1.001, 1.0)),
                    "compliance_cost_usd_bn": (UP, UP)}, titles=("Slow progress", "Rapid progress"))


def test_the_first_sentence_says_what_harms_with_what_helps(mixed: Worlds) -> None:
    said = f"{words.headline(mixed)} {words.turns(mixed)}"
    assert said.startswith("“C” is clearly best in both worlds for severe incidents; another does clearly better in "
                           "1 of 2 worlds for small labs in business; against “A”, cost of compliance in total is $2.")
    assert "bn more (" in said
    assert "No policy is clearly best in both worlds for small labs in business, safety effort" in said
    assert "No two policies clearly change their order from one world to another." in said


def test_where_nobody_is_best_everywhere_it_says_so() -> None:
    said = words.headline(made_up({"severe_incidents": (UP, DOWN)}))
    assert said.startswith("No policy is clearly best in both worlds for any of the 4 outcomes that have a better "
                           "direction.")


def test_a_tie_is_told_as_a_tie_and_not_as_a_best(mixed: Worlds) -> None:
    said = words.ranked_sentence(mixed, "small_labs")
    assert "“A” is clearly best in 1 of 2 worlds; in 1 none is; “C” is clearly worst in 1 of 2 worlds" in said
    tied = made_up({"severe_incidents": ((3.0, 1.0, 1.001),)})
    said = words.ranked_sentence(tied, "severe_incidents")
    assert "no policy is clearly best in any world; none does clearly better than “B” or “C” in any" in said
    assert words.best_table(tied).rows[0][3] == "tied: B\ntied: C\nworst: A"
    assert words.best_table(tied).rows[0][4] == "all tied"


def test_the_largest_regret_is_told_with_its_interval_and_world(mixed: Worlds) -> None:
    said = words.ranked_sentence(made_up({"severe_incidents": ((1.0, 2.0, 3.0), (1.0, 6.0, 3.0))}), "severe_incidents")
    assert "its mean is up to 2.00 more (1.95 to 2.05 more; in world 1) under “C”, up to 5.00 more (" in said
    assert "; in world 2) under “B” and never worse under “A”." in said
    assert "“C” is clearly regretted least for severe incidents" in words.regretted_least(mixed)
    assert "for safety effort of the leading lab and US-China hostility none is." in words.regretted_least(mixed)


def test_of_many_policies_the_ends_are_told() -> None:
    policies = tuple("ABCDEFG")
    found = made_up({"severe_incidents": (tuple(map(float, range(7))),), "market_hhi": (tuple(map(float, range(7))),)},
                    policies)
    said = words.ranked_sentence(found, "severe_incidents")
    assert said.count("up to ") == 2
    assert "under “B”, at the other end up to 6.00 more (" in said
    assert len(words.unranked_sentences(found)) == 3


def test_a_turn_of_the_order_is_told_with_both_sides() -> None:
    found = made_up({"severe_incidents": ((1.0, 2.0), (2.0, 1.0), (1.0, 1.001))}, ("A", "B"))
    assert words.turns(found) == ("The order of policies turns with the world in 1 case: severe incidents in total is "
                                  "higher under “B” than under “A” in world 1, and lower in world 2.")
    table = words.flips_table(found)
    assert table is not None
    assert table.rows == [["Severe incidents in total", "B", "A", "World 1", "World 2"]]


def test_what_moves_in_every_world_is_told_of_those_that_are_best_in_nothing() -> None:
    found = made_up({"compliance_cost_usd_bn": (UP, DOWN), "market_hhi": ((0.1, 0.4, 0.7), (0.1, 0.5, 0.9))})
    said = words.unranked_sentences(found)
    assert len(said) == 2
    assert all("market concentration is 0." in each and "compliance" not in each for each in said)


def test_one_world_has_no_turns_and_its_own_words() -> None:
    found = made_up({"severe_incidents": (DOWN,)})
    assert words.turns(found) == ""
    assert words.headline(found).startswith("“C” is clearly best in the world for severe incidents.")


def test_limits_say_that_no_weights_stand_behind_the_worlds(mixed: Worlds) -> None:
    assert words.limits(mixed).startswith(words.NO_WEIGHTS)


# ---- the brief ---------------------------------------------------------------------------------------------------


def test_the_brief_tells_who_gains_who_loses_and_where_neither_is_clear(mixed: Worlds) -> None:
    told = worlds_brief.brief(mixed)
    under = next(said for said in told.gains if said.startswith("Under “C”, against “A”: "))
    assert "those whom severe incidents would hit (severe incidents in total 2.00 fewer in " in under
    assert "clear in 2 of 2 worlds" in under
    lost = next(said for said in told.losses if said.startswith("Under “C”"))
    assert "small labs (small labs in business" in lost
    assert "clear in 1 of 2 worlds" in lost, "a loss in one world is told, with in how many"
    assert "labs, by what rules cost" in lost
    assert any("clear in no world: " in said and "hostility" in said for said in told.neither)
    assert told.answer[0] == words.headline(mixed)
    assert [heading for heading, _ in told.parts()][:3] == ["The question", "The answer", "Who gains"]


def test_what_turns_with_the_world_is_neither_gain_nor_loss() -> None:
    told = worlds_brief.brief(made_up({"small_labs": (UP, DOWN)}))
    assert any("small labs: the sign turns with the world" in said for said in told.neither)
    assert not any("small labs" in said for said in (*told.gains, *told.losses))


def test_page_and_command_say_first_what_the_brief_says(mixed: Worlds) -> None:
    told, claims = worlds_brief.brief(mixed), worlds_brief.claims(mixed)
    assert claims[: len(told.answer)] == list(told.answer)
    assert claims[-2].startswith("Who gains: under “B”, against “A”: ")
    assert claims[-1].startswith("Who loses: under “B”, against “A”: ")
