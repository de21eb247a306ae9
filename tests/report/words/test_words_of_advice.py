"""Policies said aloud: what changes against today, in words, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sim.report.words.advise import file_name, limit_in_words, policy_in_words, spoken
from sim.studies.deciding.question import Limit
from sim.studies.deciding.question_file import read_question


def test_a_policy_with_a_ramp_and_a_trigger_is_said_in_words():
    question = read_question("us_policy_mix")
    at = [3, 0, 2, 1, 1, 1, 2, 1, 0, 1]
    told = policy_in_words(SimpleNamespace(question=question), question.policy(at))
    assert told == (
        "strictness of US rules 0.3 (today 0.1); audits by US law per lab and year 0 (today 0.25); chip controls 0.5 "
        "(today 1); “subsidy for chips”: from 2028-01 over 36 months: US subsidy for chips $60bn a year; “strict after "
        "incidents”: when severe incidents over 24 months is above 0 (until below 0.5): strictness of US rules 0.8; "
        "ends when that no longer holds")


def test_what_is_as_today_is_not_said_and_large_numbers_are_powers():
    question = read_question("eu_small_labs")
    policy = question.policy([5, 2, 0, 1, 0, 0, 0, 0, 0])
    told = policy_in_words(SimpleNamespace(question=question), policy)
    assert "exempt from EU rules, labs whose runs stay below 10²⁶ FLOP (today 0 FLOP)" in told
    assert "audits" not in told
    assert policy_in_words(SimpleNamespace(question=question), question.today()) == (
        "what is in force in January 2026 stays")


@pytest.mark.parametrize(("limit", "told"), [
    (Limit("small_labs", True, 5.0, 0.9), "small labs in business at least 5 in 90% of the futures"),
    (Limit("small_labs", True, -1.0, None, True),
     "small labs in business at least −1 against today's policy in the mean of futures"),
    (Limit("hostility", False, 0.5), "US-China hostility at most 0.5 in the mean of futures"),
])
def test_a_limit_is_said_with_where_it_has_to_hold(limit, told):
    assert limit_in_words(limit) == told


def test_levers_without_words_of_their_own_keep_the_usual_ones_and_files_have_plain_names():
    assert spoken("regulation.strictness") == "strictness of rules"
    assert spoken("diplomacy.us_china_cooperation") == "US-China cooperation"
    assert file_name("Today's policy") == "todays_policy"
    assert file_name("Best for China's lag (2)") == "best_for_chinas_lag_2"
