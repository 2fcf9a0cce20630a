"""The deal page: where a deal really stands, with data and without, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import build_snapshot
from tests.pages import test_salesperson
from tests.pages.test_salesperson import HOSTILE, answer, frame, opened, words
from tests.queries.salesperson_firm import AS_OF, FIRM

home = test_salesperson.home

#: Tables of the small firm whose rows name deals.
CHILDREN = (
    *("stage_changes", "close_date_changes", "activities", "tasks", "approvals"),
    *("line_items", "orders", "invoices", "payments"),
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_deal_that_outruns_its_evidence_is_told_what_it_lacks(home: Path, lang: str) -> None:
    build_snapshot(home, FIRM, AS_OF)
    page = opened("deal", lang=lang, opportunity_id="d1")
    said = answer(page)
    assert "商机1" in said and "谈判" in said and "需求" in said
    assert ("有效联系过客户" if lang == "zh" else "an effective contact") in said
    truth = frame(page, "verdict")
    assert len(truth) == 7
    assert sum(verdict.startswith("✗") for verdict in truth["verdict"]) == 5
    assert len(page.metric) == 6


@pytest.mark.parametrize(("deal", "part"), [("d2", "hangs on one person"), ("d4", "is lost"), ("d5", "no warning")])
def test_answers(home: Path, deal: str, part: str) -> None:
    build_snapshot(home, FIRM, AS_OF)
    assert part in answer(opened("deal", lang="en", opportunity_id=deal))


def test_a_loss_without_a_reason_asks_for_it(home: Path) -> None:
    deals = [{**deal, "loss_reason": None} for deal in FIRM["opportunities"]]
    build_snapshot(home, {**FIRM, "opportunities": deals}, AS_OF)
    said = answer(opened("deal", lang="en", opportunity_id="d4"))
    assert "nobody noted why" in said and "Reason" not in said


def test_a_won_deal_asks_for_its_money(home: Path) -> None:
    build_snapshot(home, FIRM, AS_OF)
    page = opened("deal", lang="en", opportunity_id="d3")
    assert "¥1,100" in answer(page) and "overdue" in answer(page)
    assert list(frame(page, "open_amount")["amount"]) == [2000, 900, 800, 1200]
    assert frame(page, "margin_rate")["margin"].iloc[0] == 600
    assert "put off" not in answer(page)
    assert "The closing date was moved 2 times" in words(page)


@pytest.mark.parametrize("deal", ["nothing", "' or 1=1 --", HOSTILE])
def test_unknown_and_hidden_are_the_same_friendly_sentence(home: Path, deal: str) -> None:
    build_snapshot(home, FIRM, AS_OF)
    unknown = answer(opened("deal", lang="en", opportunity_id=deal))
    assert "was not found" in unknown
    assert answer(opened("deal", lang="en", opportunity_id="d1", team="South")) == unknown


def test_without_an_id_it_says_where_to_click(home: Path) -> None:
    build_snapshot(home, FIRM, AS_OF)
    assert "Click a deal" in answer(opened("deal", lang="en"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("deal", ["d1", "d3", "d4"])
def test_only_users_and_deals(home: Path, lang: str, deal: str) -> None:
    build_snapshot(home, {name: FIRM[name] for name in ("users", "accounts", "opportunities")}, AS_OF)
    text = words(opened("deal", lang=lang, opportunity_id=deal))
    assert ("跟进记录" if lang == "zh" else "contact records") in text


def test_hostile_texts_stay_text(home: Path) -> None:
    deals = [
        {**deal, "name": HOSTILE, "need": HOSTILE, "competitor": HOSTILE, "next_step": HOSTILE, "loss_reason": HOSTILE}
        for deal in FIRM["opportunities"]
    ]
    accounts = [{**account, "name": HOSTILE} for account in FIRM["accounts"]]
    notes = [{**touch, "note": HOSTILE, "subject": HOSTILE} for touch in FIRM["activities"]]
    build_snapshot(home, {**FIRM, "opportunities": deals, "accounts": accounts, "activities": notes}, AS_OF)
    for deal in ("d1", "d2", "d3", "d4"):
        text = words(opened("deal", lang="en", opportunity_id=deal))
        for live in ("![x](", "<b>", ":red[", "$1$", "`c`"):
            assert live not in text


def test_what_it_claimed_before_stands_beside_what_it_claims_now(home: Path) -> None:
    before = [{**deal, "expected_close_on": "2026-02-01"} for deal in FIRM["opportunities"]]
    build_snapshot(home, {**FIRM, "opportunities": before}, "2026-02-28")
    build_snapshot(home, FIRM, AS_OF)
    course = frame(opened("deal", lang="en", opportunity_id="d1"), "probability")
    assert [day.isoformat()[:10] for day in course["expected_close_on"]] == ["2026-02-01", "2026-03-01"]


def test_a_closing_date_that_moved_between_snapshots_is_a_slip(home: Path) -> None:
    """Where no history is exported, the import finds the moves by comparing snapshots."""
    deals = [{**FIRM["opportunities"][4], "created_at": "2026-03-24", "expected_close_on": "2026-06-10"}]
    days = ("2026-04-10", "2026-05-10", "2026-06-10")
    moves = [
        {"opportunity_id": "d5", "changed_at": seen, "from_on": before, "to_on": after, "is_derived": True}
        for seen, before, after in (("2026-03-28", *days[:2]), ("2026-03-31", *days[1:]))
    ]
    children: dict[str, list[dict[str, object]]] = {name: [] for name in CHILDREN}
    build_snapshot(home, {**FIRM, "opportunities": deals, **children, "close_date_changes": moves}, AS_OF)
    page = opened("deal", lang="en", opportunity_id="d5")
    assert "put off 2 times, by 61 days in all" in answer(page)
    truth = frame(page, "verdict").set_index("statement")
    assert truth.loc["Closing date", "verdict"].startswith("✗")
    assert "put off 2 times" in truth.loc["Closing date", "found"]
