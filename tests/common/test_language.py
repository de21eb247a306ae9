"""A language is a context's own; catalogues hold each message of the code and no other, numbers and plurals by CLDR."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Formatter
from threading import Barrier

import pytest
from babel import Locale

from sim.common import numbers
from sim.common.language import (
    ENGLISH,
    LANGUAGES,
    Amount,
    LanguageError,
    asked_by_browser,
    catalogue,
    gettext,
    known,
    language,
    month_name,
    ngettext,
    of_script,
    speaking,
)
from sim.model.events import EVENTS
from sim.model.outcomes import OUTCOMES
from sim.report.charts.story import SHORT
from sim.report.words import units
from sim.report.words.events import sentence

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import catalogues

OTHERS = [code for code in LANGUAGES if code != ENGLISH]


# ---- which language --------------------------------------------------------------------------------------------------
def test_english_needs_no_catalogue_and_two_requests_at_once_each_speak_their_own() -> None:
    assert language() == ENGLISH
    assert gettext("no difference") == "no difference"
    together = Barrier(2)

    def said(code: str) -> list[str]:
        with speaking(code):
            found = []
            for _ in range(20):
                together.wait(10.0)
                found.append(gettext("no difference"))
        return [*found, language()]

    with ThreadPoolExecutor(2) as pool:
        chinese, french = pool.map(said, ("zh", "fr"))
    assert set(chinese) == {"无差别", "en"}
    assert set(french) == {"aucune différence", "en"}


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    assert [known(code) for code in ("zh-CN", "FR", " fr_CA ", "en-GB")] == ["zh", "fr", "fr", "en"]
    there_are = r"no language 'tlh'; there are en \(English\), zh \(中文\), fr \(Français\)"
    with pytest.raises(LanguageError, match=there_are):
        known("tlh")
    with pytest.raises(LanguageError), speaking(""):
        pass


@pytest.mark.parametrize(("header", "code"), [
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("de-DE,de;q=0.9,fr;q=0.5,en;q=0.4", "fr"), ("en-GB,fr;q=0.9", "en"),
    ("de", "en"), ("", "en"), ("zh;q=0,fr;q=0.1", "fr"), ("zh;q=x,;;,fr", "fr"), ("fr;q=0", "en"), ("," * 5000, "en")])
def test_the_browsers_first_wish_that_there_is_counts(header: str, code: str) -> None:
    assert asked_by_browser(header) == code


def test_a_message_that_no_catalogue_has_is_said_in_english_and_noted() -> None:
    with speaking("fr") as spoken:
        assert gettext("This is {how} new.", how="quite") == "This is quite new."
        assert ngettext("{number} newt", "{number} newts", 3) == "3 newts"
        assert gettext("no difference") != "no difference"
    assert spoken.missing == {"This is {how} new.", "{number} newt"}


# ---- the catalogues --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_message_of_the_code_and_no_other(code: str) -> None:
    wanted, held = catalogues.messages(), {message.id: message.string for message in catalogue(code) if message.id}
    assert [message for message in wanted if message not in held] == []
    assert [message for message in held if message not in wanted] == []
    assert [message for message, text in held.items() if not all(text if isinstance(text, tuple) else (text,))] == []
    path = catalogues.FOLDER / f"{code}.po"
    assert path.read_bytes() == catalogues.text_of(catalogues.updated(code)), "run python docs/catalogues.py"


def places(text: str) -> set[str]:
    """What a message has places for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_places_for_the_same_and_the_plurals_of_its_language(code: str) -> None:
    in_money = {message for message in (*(event.sentence for event in EVENTS.values()), *SHORT.values())
                if "$" in message}
    wrong = []
    for message in catalogue(code):
        if isinstance(message.id, tuple):
            assert len(message.string) == {"zh": 1, "fr": 2}[code]
            wanted = places(message.id[1])
            wrong += [message.id for text in message.string if places(text) - {"number"} != wanted - {"number"}]
            wrong += [message.id] if places(message.string[-1]) != wanted else []  # one may be said without its number
        elif message.id:
            told = places(message.string)
            told = {"amount" if name == "money" else name for name in told} if message.id in in_money else told
            wrong += [message.id] if told != places(message.id) else []
    assert wrong == []


def test_french_sets_no_plain_space_before_its_high_signs_so_that_no_line_begins_with_one() -> None:
    texts = [text for message in catalogue("fr") if message.id
             for text in (message.string if isinstance(message.string, tuple) else (message.string,))]
    assert [text for text in texts if any(f" {sign}" in text for sign in ":;?!%»") or "« " in text] == []


@pytest.mark.parametrize(("code", "number"), [(code, number) for code in OTHERS for number in (0, 1, 2, 5, 1000)])
def test_plurals_are_those_of_cldr(code: str, number: int) -> None:
    is_one = Locale.parse(code).plural_form(number) == "one"
    with speaking(code):
        said = ngettext("{number} year", "{number} years", number)
    numeral = {"fr": "1\u202f000", "zh": "1,000"}[code] if number == 1000 else str(number)
    assert said == (f"{numeral} {'an' if is_one else 'ans'}" if code == "fr" else f"{numeral}年")


# ---- numbers and dates -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "plain", "share", "tiny", "money", "month"), [
    ("en", "1,234.5", "12%", "<0.1%", "$1.2bn", "March 2027"),
    ("zh", "1,234.5", "12%", "<0.1%", "12亿美元", "2027年3月"),
    ("fr", "1\u202f234,5", "12\u00a0%", "<0,1\u00a0%", "1,2\u202fMd\u202f$", "mars 2027")])
def test_numbers_and_dates_are_written_as_the_language_has_them(code, plain, share, tiny, money, month) -> None:
    with speaking(code):
        assert numbers.plain(1234.5, 5) == plain
        assert numbers.percent(0.123) == share
        assert numbers.percent(0.0004) == tiny
        assert numbers.money(1.23) == money
        assert month_name(2027, 3) == month
        assert f"{Amount(0.25):.0%}" == numbers.percent(0.25)


@pytest.mark.parametrize(("usd_bn", "english", "chinese", "french"), [
    (2500.0, "$2.5tn", "2.5万亿美元", "2\u202f500\u202fMd\u202f$"),
    (340.0, "$340bn", "3,400亿美元", "340\u202fMd\u202f$"),
    (0.34, "$340mn", "3.4亿美元", "340\u202fM\u202f$"), (0.034, "$34mn", "3,400万美元", "34\u202fM\u202f$"),
    (-3.0, "-$3bn", "-30亿美元", "-3\u202fMd\u202f$"), (0.0, "$0", "0美元", "0\u202f$")])
def test_money_has_the_scales_that_people_count_in(usd_bn, english, chinese, french) -> None:
    for code, expected in (("en", english), ("zh", chinese), ("fr", french)):
        with speaking(code):
            assert numbers.money(usd_bn) == expected


def test_a_difference_turns_about_its_words_in_each_language() -> None:
    told = {}
    for code in LANGUAGES:
        with speaking(code):
            told[code] = [units.magnitude(OUTCOMES[name], *size) for name, size in (
                ("small_labs", (-3.1, -3.8, -2.4)), ("frontier_log10_flop", (-0.5, -0.54, -0.46)),
                ("compliance_cost_usd_bn", (12.0, -2.0, 26.0)))]
    assert told["en"] == [("3.1 fewer", "2.4 to 3.8 fewer"), ("3.2 times less", "2.88 to 3.47 times less"),
                          ("$12bn more", "$2bn less to $26bn more")]
    assert told["fr"] == [("3,1 de moins", "2,4 à 3,8 de moins"), ("3,2 fois moins", "2,88 à 3,47 fois moins"),
                          ("12\u202fMd\u202f$ de plus", "2\u202fMd\u202f$ de moins à 26\u202fMd\u202f$ de plus")]
    assert told["zh"] == [("减少3.1", "减少2.4至3.8"), ("降至1/3.2", "降至1/2.88至1/3.47"),
                          ("增加120亿美元", "减少20亿美元至增加260亿美元")]


def test_an_event_is_told_with_its_names_and_its_money() -> None:
    with speaking("fr"):
        assert sentence("takeover", "New lab 3", "xAI", 14.5) == (
            "Nouveau laboratoire 3 achète xAI pour 14,5\u202fMd\u202f$.")
    with speaking("zh"):
        assert sentence("export_control", "US", "China", 0.31) == "美国对中国扣留更多芯片：31%。"
        assert sentence("departure", "Founder 2 from OpenAI", "xAI", 0.0) == "来自OpenAI的创始人2因xAI偏离使命而离开。"


def test_messages_of_a_script_are_found_one_inside_another_too() -> None:
    script = 'say(_("Out: {x}", { x: _("In \\"it\\"") })); a_("no"); ngettext("{number} a", "{number} b", n)'
    assert of_script(script) == ("Out: {x}", 'In "it"', "{number} a")
