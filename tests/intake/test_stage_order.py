"""The order of the stages of an unknown CRM: told by a list, by numbers, by the moves of the deals, by the usual words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.exports import build_from

HEAD = "opportunity_id,name,stage,outcome,created_at"


def order_of(folder: Path, stages: list[str], moves: str = "") -> list[tuple[str, str]]:
    """Stages with their outcomes as a snapshot of five deals in each has them."""
    rows = [f"{i}-{stage},n,{stage},,2026-01-05" for stage in stages for i in range(5)]
    files: dict[str, str | bytes] = {"deals.csv": "\n".join([HEAD, *rows]) + "\n"}
    if moves:
        files["moves.csv"] = "opportunity_id,from_stage,to_stage,changed_at\n" + moves
    return build_from(folder, files).rows("select stage, outcome from stages order by position")


@pytest.mark.parametrize(
    ("stages", "ordered"),
    [
        (
            ["Negotiation", "Proposal", "Qualification", "Prospecting"],
            ["Prospecting", "Qualification", "Proposal", "Negotiation"],
        ),
        (["商务谈判", "方案报价", "需求确认", "初步接触"], ["初步接触", "需求确认", "方案报价", "商务谈判"]),
        (["03 Zeta", "01 Omega", "02 Alpha", "10 Beta"], ["01 Omega", "02 Alpha", "03 Zeta", "10 Beta"]),
        (["2-报价", "1-立项", "3、签约前"], ["1-立项", "2-报价", "3、签约前"]),
    ],
    ids=["words", "words zh", "numbers", "numbers zh"],
)
def test_stages_are_ordered_by_what_their_names_say(tmp_path: Path, stages: list[str], ordered: list[str]) -> None:
    assert [stage for stage, _ in order_of(tmp_path, stages)] == ordered


def test_the_way_that_deals_went_orders_stages_whose_names_say_nothing(tmp_path: Path) -> None:
    stages = ["Alpha", "Beta", "Gamma"]
    # Twelve deals went Gamma, Alpha, Beta; two of them skipped Alpha.
    deals = [f"{i}-{stage}" for stage in stages for i in range(5)][:12]
    moves = "".join(
        (
            f"{deal},Gamma,Alpha,2026-02-01\n{deal},Alpha,Beta,2026-03-01\n"
            if n > 1
            else f"{deal},Gamma,Beta,2026-03-01\n"
        )
        for n, deal in enumerate(deals)
    )
    assert [stage for stage, _ in order_of(tmp_path, stages, moves)] == ["Gamma", "Alpha", "Beta"]


def test_stages_that_end_a_deal_stand_behind_the_open_ones(tmp_path: Path) -> None:
    found = order_of(tmp_path, ["Closed Lost", "Closed Won", "Proposal"])
    assert found == [("Proposal", "open"), ("Closed Won", "won"), ("Closed Lost", "lost")]
