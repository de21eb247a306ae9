"""Rows S1 to S21 of the claims table: turn a mechanism off or up, and what the article says moves does move.

Both scenarios of a comparison meet the same luck; `paired` says when a direction holds. Switches must be exact.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.model.outcomes import NAMES, OUTCOMES

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to
pairs_of = partial(Pairs.of, start=BEGUN)

pytestmark = pytest.mark.slow  # ensembles of ten years, shared by the tests of this file

STRICT = {"regulation.strictness": 0.9, "regulation.audit_capacity": 0.6, "regulation.penalty_share_of_revenue": 0.1}
LICENSING = {**STRICT, "regulation.licensing_above": 0.6}
SMALL_EXEMPT = {"regulation.exempt_below_flop": 1e27, "regulation.exempt_below_revenue_usd_bn": 5.0}


@pytest.fixture(scope="module")
def people() -> Pairs:
    """Founders, forms and capital."""
    return pairs_of({
        BASELINE: {},
        "No spin-offs": {"people.spin_offs": 0.0},
        "Many spin-offs": {"people.spin_offs": 5.0},
        "No mission departures": {"people.mission_departures": 0.0},
        "Many mission departures": {"people.mission_departures": 5.0},
        "No mission": {"people.mission_weight": 0.0},
        "Strong mission": {"people.mission_weight": 2.0},
        "No seed capital": {"people.founder_seed_capital": 0.0},
        "Much seed capital": {"people.founder_seed_capital": 5.0},
        "No political access": {"people.political_access": 0.0},
        "Much political access": {"people.political_access": 3.0},
        "No conversion": {"capital.conversion_allowed": False},
        "Poor investors": {"capital.investor_pool": 0.1},
        "No busts": {"capital.sentiment_cycles": 0.0},
        "Many busts": {"capital.sentiment_cycles": 2.0},
        "No bids": {"capital.takeovers": 0.0},
        "Many bids": {"capital.takeovers": 5.0},
    }, runs=160)


@pytest.fixture(scope="module")
def quarrels() -> Pairs:
    """Suits and attacks; five years hold OpenAI's conversion and what follows it."""
    return pairs_of({
        BASELINE: {},
        "No new suits": {"litigation.filing": 0.0},
        "Many suits": {"litigation.filing": 5.0},
        "No rivalry": {"litigation.rivalry_motive": 0.0},
        "Much rivalry": {"litigation.rivalry_motive": 3.0},
        "No allies": {"litigation.allies": 0.0},
        "Many allies": {"litigation.allies": 3.0},
        "No injunctions": {"litigation.injunctions": 0.0},
        "No attacks": {"litigation.media_attacks": 0.0},
        "Many attacks": {"litigation.media_attacks": 5.0},
    }, runs=128, months=60)


@pytest.fixture(scope="module")
def forms() -> Pairs:
    """OpenAI under other legal forms and with other backers; three years, lab by lab."""
    return pairs_of({
        BASELINE: {},
        "Non-profit": {"labs.OpenAI.form": "nonprofit"},
        "Non-profit, no donations": {"labs.OpenAI.form": "nonprofit", "capital.donations": 0.0},
        "Non-profit, many donations": {"labs.OpenAI.form": "nonprofit", "capital.donations": 10.0},
        "Rich non-profit": {"labs.OpenAI.form": "nonprofit", "labs.OpenAI.cash_usd_bn": 2000.0},
        "For-profit": {"labs.OpenAI.form": "for_profit"},
        "No patrons": {"capital.patronage": 0.0},
        "Generous patrons": {"capital.patronage": 3.0},
    }, months=60, labs=True)


@pytest.fixture(scope="module")
def powers() -> Pairs:
    """Rules, nations and chips."""
    return pairs_of({
        BASELINE: {},
        "Strict": STRICT,
        "Strict, small exempt": {**STRICT, **SMALL_EXEMPT},
        "Licensing": LICENSING,
        "Strict, never licences": {**STRICT, "regulation.licensing_above": 1.01},
        "No lobbying": {"industry.lobbying": 0.0},
        "Much lobbying": {"industry.lobbying": 10.0},
        "Strict, no lobbying": {**STRICT, "industry.lobbying": 0.0},
        "Strict, much lobbying": {**STRICT, "industry.lobbying": 10.0},
        "No capture": {"regulation.capture": 0.0},
        "No adaptation": {"regulation.adaptivity": 0.0},
        "Blind to the gap": {"diplomacy.gap_reaction": 0.0},
        "Afraid of the gap": {"diplomacy.gap_reaction": 3.0},
        "Rivalry": {"diplomacy.us_china_cooperation": 0.0},
        "Cooperation": {"diplomacy.us_china_cooperation": 1.0},
        "Cooperation, nothing verified": {"diplomacy.us_china_cooperation": 1.0, "diplomacy.treaty_verification": 0.0},
        "US subsidy": {"subsidy.us_usd_bn_per_year": 100.0},
        "No defence work": {"industry.defence_contracts": 0.0},
        "Much defence work": {"industry.defence_contracts": 3.0},
        "No chip controls": {"trade.chip_controls": 0.0},
        "No retaliation": {"trade.mineral_retaliation": 0.0},
        "Much retaliation": {"trade.mineral_retaliation": 2.0},
        "No enforcement": {"trade.enforcement": 0.0},
        "Full enforcement": {"trade.enforcement": 1.0},
        "Closed weights": {"industry.openness": 0.0},
        "Open weights": {"industry.openness": 2.0},
    })


# ---- people and forms --------------------------------------------------------------------------------------
def test_s1_founders_who_leave_become_rivals(people: Pairs) -> None:
    """Without spin-offs there are none, fewer labs and fewer suits; with more there are more.

    The first three years count for the upper end: later the slots for labs are full in both scenarios.
    """
    people.never("spin_offs", "No spin-offs")
    people.falls("active_labs", "No spin-offs")
    people.falls("suits_filed", "No spin-offs")
    people.rises("spin_offs", "Many spin-offs", last=36)
    people.rises("suits_filed", "Many spin-offs")


def test_s2_a_non_profit_raises_donations_only_and_holds_to_its_mission(forms: Pairs) -> None:
    """Before it becomes a capped-profit lab, nobody can buy a share of it; its safety effort is higher.

    The first eight months count: later it sets up a capped-profit arm, which sells shares.
    """
    for title in ("Non-profit", "Rich non-profit"):
        assert forms.first_month(title, "capped_profit", "OpenAI").min() >= 8
        rounds = forms.events(title, "round")
        assert not ((rounds["actor"] == "OpenAI") & (rounds["month"] < 8)).any()
    raised = {title: forms.of_lab(title, "raised", "OpenAI")[:, 7] for title in
              ("Non-profit", "For-profit", "Non-profit, no donations", "Non-profit, many donations")}
    positive(raised["For-profit"] - raised["Non-profit"])
    positive(raised["Non-profit, many donations"] - raised["Non-profit, no donations"])
    safety = {title: forms.of_lab(title, "safety", "OpenAI")[:, 7] for title in ("Non-profit", "For-profit")}
    positive(safety["Non-profit"] - safety["For-profit"])


def test_s2_mission_makes_labs_careful(people: Pairs) -> None:
    people.falls("safety_effort", "No mission")
    people.rises("safety_effort", "Strong mission")


def test_s3_drift_from_the_mission_drives_founders_out(people: Pairs) -> None:
    people.falls("founder_departures", "No mission departures")
    people.rises("founder_departures", "Many mission departures")
    people.falls("founder_departures", "No mission")
    people.rises("founder_departures", "Strong mission")


def test_s3_founders_without_a_mission_leave_as_often_as_founders_who_do_not_mind(people: Pairs) -> None:
    """Both leave only the base hazard: the same luck, the same departures, run by run."""
    gap = people.difference("founder_departures", "No mission", "No mission departures", last=12)
    assert not gap.any()


def test_s4_a_patron_brings_money_and_compute(forms: Pairs) -> None:
    """The labs that patrons back have more compute with patrons than without, most with generous ones.

    After a year and a half: later the patrons of rivals, which the lever moves too, count for as much.
    """
    for lab in ("OpenAI",):  # Anthropic's patrons make too little difference to be told from luck
        levels = {title: forms.of_lab(title, "compute", lab)[:, 17]
                  for title in ("No patrons", BASELINE, "Generous patrons")}
        there = np.all([level > 0.0 for level in levels.values()], axis=0)  # not hired away by then
        assert there.mean() > 0.8
        compute = {title: np.log(level[there]) for title, level in levels.items()}
        positive(compute["Generous patrons"] - compute["No patrons"], lab)


def test_s5_without_conversion_the_capped_profit_lab_raises_less(people: Pairs) -> None:
    """No conversion is ever granted; over five years the labs that would convert are worth less and raise less.

    Five years hold OpenAI's conversion and what it brings; later labs live on revenue in both scenarios. What it does
    not raise goes to rivals, so the industry raises no less; frontier compute stays under a mission.
    """
    assert people.events("No conversion", "conversion").empty
    people.falls("conversions", "No conversion")
    people.falls("leader_valuation_usd_bn", "No conversion", last=60)
    people.falls("top_lab_capital_usd_bn", "No conversion", last=24)
    people.rises("mission_controlled_share", "No conversion")


def test_s5_a_lab_needs_more_than_a_hundred_billion_and_gets_less_from_poor_investors(people: Pairs) -> None:
    assert np.median(people.summary(BASELINE, "top_lab_capital_usd_bn")) > 100.0
    people.falls("capital_raised_usd_bn", "Poor investors")
    people.falls("top_lab_capital_usd_bn", "Poor investors")
    people.rises("capital_raised_usd_bn", "No busts", "Many busts")
    people.rises("leader_valuation_usd_bn", "No busts")


def test_s5_a_lab_that_has_what_it_needs_asks_to_convert_less() -> None:
    """A lab with two trillion dollars in cash has no funding gap: only the small hazard without any gap is left."""
    as_non_profit = {"labs.OpenAI.form": "nonprofit"}
    pairs = pairs_of({"Needy": as_non_profit, "Rich": {**as_non_profit, "labs.OpenAI.cash_usd_bn": 2000.0}},
                     runs=384, months=60, batch=768)
    positive(pairs.counts("Needy", "review_opened") - pairs.counts("Rich", "review_opened"))


# ---- quarrels ----------------------------------------------------------------------------------------------
def test_s6_without_filing_no_suit_is_filed(quarrels: Pairs) -> None:
    quarrels.never("suits_filed", "No new suits")
    quarrels.falls("suits_open", "No new suits")
    quarrels.falls("legal_cost_usd_bn", "No new suits")
    quarrels.rises("suits_filed", "Many suits")
    quarrels.rises("legal_cost_usd_bn", "Many suits")


def test_s6_injunctions_stop_conversions(quarrels: Pairs) -> None:
    """Without injunctions OpenAI converts earlier, or at all within five years."""
    quarrels.never("injunctions", "No injunctions")
    positive(quarrels.first_month(BASELINE, "conversion", "OpenAI")
             - quarrels.first_month("No injunctions", "conversion", "OpenAI"))


def test_s7_attacks_in_public_cost_the_attacked_customers(quarrels: Pairs) -> None:
    """The largest seller, OpenAI, is the one that is attacked most."""
    assert quarrels.events("No attacks", "media_attack").empty
    quarrels.rises("leader_revenue_usd_bn", "No attacks")
    quarrels.rises("leader_share", "No attacks")
    quarrels.falls("leader_revenue_usd_bn", "Many attacks")
    quarrels.falls("leader_share", "Many attacks")


def test_s8_labs_are_bid_for_and_nearly_always_reject(people: Pairs) -> None:
    assert people.events("No bids", "takeover_bid", "takeover").empty
    bids = {title: people.counts(title, "takeover_bid", "takeover") for title in (BASELINE, "Many bids")}
    positive(bids["Many bids"] - bids[BASELINE])
    assert people.counts("Many bids", "takeover").sum() < 0.2 * bids["Many bids"].sum()


def test_s9_competition_is_a_motive_of_its_own(quarrels: Pairs) -> None:
    """Without it no suit is driven mostly by rivalry, those for the mission go on; with more of it there are more."""
    assert quarrels.events("No rivalry", "suit_rivalry").empty
    assert len(quarrels.events("No rivalry", "suit_mission")) > 0
    quarrels.falls("suits_filed", "No rivalry")
    quarrels.rises("suits_filed", "Much rivalry")


def test_s10_allies_of_the_plaintiff_delay_the_conversion_and_harden_the_state(quarrels: Pairs) -> None:
    assert quarrels.events("No allies", "ally").empty
    month = {title: quarrels.first_month(title, "conversion", "OpenAI") for title in ("No allies", "Many allies")}
    positive(month["Many allies"] - month["No allies"])
    asked = {title: quarrels.counts(title, "conversion", "conversion_refused") for title in month}
    refused = {title: quarrels.counts(title, "conversion_refused").sum() / asked[title].sum() for title in month}
    assert refused["No allies"] < refused["Many allies"]


def test_s11_a_founders_wealth_is_the_new_labs_seed_capital(people: Pairs) -> None:
    """Without own money a new lab begins with what investors give; with more of it new labs begin richer.

    The first three years count for their number: later the slots for labs are full in both scenarios.
    """
    seed = {title: people.events(title, "spin_off")["amount"].to_numpy()
            for title in ("No seed capital", BASELINE, "Much seed capital")}
    # Investors put in 0.4 bn at normal sentiment, which is kept within 0.2 and 2, and at the market of the start, to
    # whose square root seed money grows: of the first half year, cheques are hardly larger yet.
    early = people.events("No seed capital", "spin_off").query("month < 6")["amount"]
    assert early.max() <= 0.4 * 2.0 * 1.5
    assert seed["No seed capital"].mean() < seed[BASELINE].mean() < seed["Much seed capital"].mean()
    people.rises("spin_offs", "Much seed capital", "No seed capital", last=36)


# ---- rules -------------------------------------------------------------------------------------------------
def test_s12_flexible_rules_spare_small_labs(powers: Pairs) -> None:
    """Under strict rules with well-staffed audits, labs below the thresholds are spared the cost and more stay."""
    positive(powers.average("Strict, small exempt", "small_labs") - powers.average("Strict", "small_labs"))
    powers.falls("compliance_cost_usd_bn", "Strict, small exempt", "Strict", last=24)


def test_s13_nuclear_style_rules_concentrate_control_in_government(powers: Pairs) -> None:
    """Only licensing puts compute under the state, and the frontier moves more slowly than under lighter rules.

    The second to fourth year count for progress: the rules take a year or two to be made, and later growth is
    bounded by power and chips in both scenarios.
    """
    powers.never("state_control", "Strict, never licences")
    powers.never("state_control", BASELINE)
    powers.rises("state_control", "Licensing")
    for outcome in ("frontier_log10_flop", "frontier_labs"):
        in_licensing = powers.average("Licensing", outcome, first=12, last=48)
        for other in (BASELINE, "Strict, never licences"):
            positive(powers.average(other, outcome, first=12, last=48) - in_licensing, f"{outcome} over {other}")
    powers.falls("severe_incident_hazard", "Licensing", "Strict, never licences")


def test_s14_lobbying_holds_the_rules_away_from_where_they_would_be(powers: Pairs) -> None:
    for without in ("No lobbying", "No capture"):
        powers.never("capture_softens", without)
        powers.never("capture_hardens", without)
    positive(powers.average("Much lobbying", "capture_softens") - powers.average(BASELINE, "capture_softens"))
    without, much = (powers.average(f"Strict, {lobbying} lobbying", "strictness_us") for lobbying in ("no", "much"))
    positive(without - much)


def test_s14_who_holds_a_licence_presses_for_the_rules_that_keep_others_out(powers: Pairs) -> None:
    """Under licensing lobbying hardens laws in some runs, by more than it does where nobody is kept out."""
    hardened = powers.average("Licensing", "capture_hardens")
    positive(hardened - powers.average("Strict, never licences", "capture_hardens"))


def test_s15_political_access_shapes_rules_and_contracts(people: Pairs) -> None:
    for outcome, more, less in (("capture_softens", "Much", "No"), ("strictness_us", "No", "Much")):
        averages = [people.average(f"{who} political access", outcome) for who in (more, less)]
        positive(averages[0] - averages[1], outcome)
    people.rises("defence_labs_share", "Much political access", "No political access", last=36)


# ---- nations -----------------------------------------------------------------------------------------------
def test_s16_nations_react_to_the_gap_in_capability(powers: Pairs) -> None:
    powers.falls("hostility", "Blind to the gap")
    powers.rises("hostility", "Afraid of the gap")
    powers.rises("export_control", "Afraid of the gap", "Blind to the gap")


def test_s16_who_lags_eases_the_rules(powers: Pairs) -> None:
    """China lags, so its rules are laxer where regulators adapt.

    The first three years count: later severe incidents, which tighten rules, outweigh the lag.
    """
    powers.rises("strictness_china", "No adaptation", last=36)


def test_s17_cooperation_calms_the_race(powers: Pairs) -> None:
    for calmer, wilder in (("Cooperation", BASELINE), (BASELINE, "Rivalry"), ("Cooperation", "Rivalry")):
        powers.falls("hostility", calmer, wilder)
        powers.falls("export_control", calmer, wilder)
        powers.rises("trust", calmer, wilder)
        powers.rises("safety_effort", calmer, wilder)
    # Under today's policy a treaty hardly ever comes: there is little harm to avert yet, and much lead to lose.
    for wilder in (BASELINE, "Rivalry"):
        powers.rises("treaty_in_force", "Cooperation", wilder)
    powers.never("treaty_in_force", "Rivalry")


def test_s17_the_more_powers_cooperate_the_seldomer_they_withhold_more_chips(powers: Pairs) -> None:
    """Even then a power that chooses by logit errs at times, the more often the less is at stake."""
    steps = [powers.counts(title, "export_control") for title in ("Cooperation", BASELINE, "Rivalry")]
    positive(steps[1] - steps[0])
    positive(steps[2] - steps[1])


def test_s17_a_treaty_that_nobody_can_verify_is_not_signed_and_cannot_calm(powers: Pairs) -> None:
    """The same cooperation without treaties: more hostility, less care, a likelier severe incident.

    Trust is not claimed: a treaty builds some, and its end by breach or false alarm costs more than half of it.
    """
    powers.never("treaty_in_force", "Cooperation, nothing verified")
    powers.rises("hostility", "Cooperation, nothing verified", "Cooperation")
    powers.falls("safety_effort", "Cooperation, nothing verified", "Cooperation")
    powers.rises("severe_incident_hazard", "Cooperation, nothing verified", "Cooperation")


def test_s18_public_money_makes_domestic_chips_after_the_lag(powers: Pairs) -> None:
    powers.rises("us_domestic_chip_share", "US subsidy")
    assert not powers.difference("us_domestic_chip_share", "US subsidy", BASELINE, last=36).any()
    powers.rises("chip_stock_h100e", "US subsidy")
    # What the US makes at home it does not buy on the world market, and its power holds only so many chips: prices fall
    # for all, and who has power to spare buys more. That moves China's share by less than a fifth.
    share = powers.summary(BASELINE, "china_chip_share").mean()
    assert abs(powers.difference("china_chip_share", "US subsidy", BASELINE).mean()) < 0.2 * share


def test_s19_defence_work_is_taken_up_and_resented(powers: Pairs) -> None:
    powers.never("defence_labs_share", "No defence work")
    powers.rises("defence_labs_share", "Much defence work", last=36)
    powers.falls("hostility", "No defence work")
    powers.rises("hostility", "Much defence work")
    powers.falls("founder_departures", "No defence work")


def test_s20_chips_withheld_are_answered_with_metals(powers: Pairs) -> None:
    """Repealed controls take some months to go: licences are granted again over a year or so."""
    assert not powers.monthly("No chip controls", "export_control")[:, 24:].any()
    powers.rises("china_chip_share", "No chip controls")
    withheld = {title: powers.average(title, "retaliation", first=24)
                for title in (BASELINE, "No chip controls", "No retaliation")}
    assert not withheld["No retaliation"].any()
    positive(withheld[BASELINE] - withheld["No chip controls"])
    powers.falls("mineral_price_index", "No retaliation", last=36)
    powers.rises("retaliation", "Much retaliation", "No retaliation")
    powers.rises("mineral_price_index", "Much retaliation", "No retaliation", last=36)
    # What they are for: the readier the answer, the less is withheld.
    for readier, slower in (("Much retaliation", BASELINE), (BASELINE, "No retaliation")):
        positive(powers.average(slower, "export_control") - powers.average(readier, "export_control"))


def test_s20_enforcement_stops_leaks_and_china_turns_to_its_own_chips(powers: Pairs) -> None:
    powers.rises("china_chip_share", "No enforcement")
    powers.falls("china_chip_share", "Full enforcement")
    # The fifth year counts: at the horizon hardly any chips are bought abroad in either scenario.
    powers.rises("china_domestic_chip_share", "Full enforcement", last=60)
    powers.falls("china_domestic_chip_share", "No enforcement", last=60)


def test_open_weights_help_followers(powers: Pairs) -> None:
    """Section 4, rule 2: with weights kept secret China's lag is longer and capability dearer.

    The first two years count for the lag: labs do not stay as open as they began, and leads come and go with luck.
    """
    lag = {title: powers.average(title, "us_china_lag_months", last=24)
           for title in ("Closed weights", BASELINE, "Open weights")}
    positive(lag["Closed weights"] - lag[BASELINE])
    positive(lag["Closed weights"] - lag["Open weights"])
    powers.rises("price_fixed_capability_index", "Closed weights")


# ---- S21: outcomes and levers ------------------------------------------------------------------------------
def test_s21_every_outcome_varies_over_runs_or_months(powers: Pairs) -> None:
    """In the baseline, save what needs licences, or powers that cooperate."""
    needs = {"state_control": "Licensing", "capture_hardens": "Licensing", "treaty_in_force": "Cooperation"}
    values = powers.results.values
    for name in NAMES:
        title = needs.get(name, BASELINE)
        assert np.ptp(values[powers.results.position(title), ..., NAMES.index(name)]) > 0.0, name


def test_s21_what_policy_moves_reaches_the_primary_outcomes(powers: Pairs) -> None:
    """Every primary outcome differs between strict rules with rivalry and light rules with cooperation."""
    primary = [name for name, outcome in OUTCOMES.items() if outcome.primary]
    assert len(primary) >= 6
    for name in primary:
        assert powers.difference(name, "Strict", "Cooperation").any(), name
