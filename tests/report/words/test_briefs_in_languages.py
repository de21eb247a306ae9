"""A brief in Chinese or French has no English left but what a scenario's author wrote, whatever the study finds."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from left_in_english import left_in_english
from made_up_worlds import made_up

from sim.common.language import LANGUAGES, speaking
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.model.outcomes import INDEX
from sim.report.pages.comparison import brief_alone
from sim.report.words.brief import Brief, brief
from sim.report.words.worlds_brief import brief as brief_of_worlds
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare
from sim.studies.comparing.theories import AS_IT_IS, across_theories

OTHERS = [code for code in LANGUAGES if code != "en"]


Told = tuple[Brief, str]


def whole(told: Brief) -> Told:
    """A brief with all its words in the language in use."""
    parts = [text for heading, texts in told.parts() for text in (heading, *texts)]
    return told, "\n".join([told.title, told.facts, *parts])


@pytest.fixture(scope="module", name="simulated")
def _simulated() -> Results:
    """Scenarios with and without questions, triggers, announcements and theories left open."""
    scenarios = [Scenario.load(name) for name in ("light_rivalry", "strict_cooperation", "after_an_incident",
                                                  "announced_licensing")]
    plain = replace(scenarios[0], title="0", question="", look_for="")
    return simulate([plain, *scenarios[1:], plain.with_({"structure.powers": "any"}, title="9")], runs=12, months=36)


def clear(results: Results, count: int, **add: float) -> Results:
    """The baseline beside copies of it with more of some outcomes: clear differences, each way."""
    values = np.stack([results.values[0]] * (1 + count))
    for name, amount in add.items():
        values[1:, ..., INDEX[name]] += amount
    scenarios = [replace(results.scenarios[0], title=str(number)) for number in range(1 + count)]
    at_end = {name: np.stack([array[0]] * (1 + count)) for name, array in results.at_end.items()}
    at_end["revenue"][1:] *= np.linspace(0.5, 2.0, at_end["revenue"].shape[-1])
    return Results(scenarios, values, None, seed=1, uncertainty="posterior", at_end=at_end,
                   lab_names=results.lab_names)


@pytest.fixture(scope="module", name="briefs")
def _briefs(simulated: Results) -> dict[str, dict[str, Told]]:
    several = compare(simulated)
    rivals = across_theories(compare(simulate(list(simulated.scenarios[:2]), runs=2, months=12, uncertainty="luck")))
    signs = rivals.assign(clear=True, difference=np.where(rivals["theory"] == AS_IT_IS, 1.0, rivals["difference"]))
    pair = compare(simulate(list(simulated.scenarios[:2]), runs=2, months=12, uncertainty="luck"))
    more = clear(simulated, 1, severe_incidents=0.1, small_labs=-3.0, adoption=0.2, taxes_us_usd_bn=9.0,
                 frontier_log10_flop=-0.4, compliance_cost_usd_bn=2.0, price_fixed_capability_index=0.5)
    worlds = [made_up({"severe_incidents": ((0.0, 1.0, 2.0),) * 4,
                       "hostility": ((0.0, 1.0, 1.0), (0.0, -1.0, 1.0)) * 2}),
              made_up({"severe_incidents": ((0.0, 0.0, 0.0),) * 2}), made_up({"hostility": ((0.0, 1.0, 2.0),)})]
    told = {}
    for code in LANGUAGES:
        with speaking(code) as spoken:
            found = {"several": brief(several), "pair": brief(pair), "theories": brief(pair, rivals),
                     "signs": brief(pair, signs), "clear": brief(compare(more)),
                     "alike": brief(compare(clear(simulated, 1))), "many": brief(compare(clear(simulated, 5))),
                     **{f"worlds {number}": brief_of_worlds(found) for number, found in enumerate(worlds)}}
            told[code] = {name: whole(each) for name, each in found.items()}
        assert spoken.missing == set()
    return told


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_any_brief(briefs, code: str) -> None:
    left = {name: found for name, (_, text) in briefs[code].items()
            if (found := left_in_english(re.sub(r"[Ww]orld \d", "", text), code))}
    assert left == {}


@pytest.mark.parametrize("code", OTHERS)
def test_a_brief_has_the_same_parts_and_numbers_in_each_language(briefs, code: str) -> None:
    for name, (told, text) in briefs[code].items():
        english, text_in_english = briefs["en"][name]
        assert [len(texts) for _, texts in told.parts()] == [len(texts) for _, texts in english.parts()], name
        percentages = [sorted(re.findall(r"(\d+)\s?%", each)) for each in (text, text_in_english)]
        assert percentages[0] == percentages[1], name


def test_what_an_author_wrote_is_said_to_be_the_files_own(briefs) -> None:
    question = "What happens under strict rules if the US and China share the governance of AI?"
    assert f"“{question}”（文件原文）" in briefs["zh"]["several"][1]
    assert question in briefs["en"]["several"][1]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_of_a_brief_says_its_language(briefs, code: str) -> None:
    with speaking(code):
        page = brief_alone(briefs[code]["clear"][0]).page()
    assert f'<html lang="{code}">' in page
    assert "Noto Sans CJK SC" in page
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.split("</title>")[1], flags=re.DOTALL)
    assert code == "en" or left_in_english(body, code) == []
