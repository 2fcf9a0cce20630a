"""Real exports of other people: every row accounted for, and figures that an independent reading of the CSV confirms.

The independent reading is the standard library's csv module and plain arithmetic; nothing of the product's intake.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.engine import Engine, Filters, Lens, Viewer
from dashboard.intake.job import ImportResult, run_import
from dashboard.snapshots.store import Store

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")


class Sample:
    """One folder of exports, imported, and read independently."""

    def __init__(self, folder: str, home: Path, encoding: str) -> None:
        self.files = sorted(
            path for path in (SAMPLES / folder).glob("*.csv") if path.name != "chinese_crm_headings.csv"
        )
        self.encoding = encoding
        self.result: ImportResult = run_import(self.files, home)
        self.engine = Engine(Store(home))

    def read(self, name: str) -> list[dict[str, str]]:
        """The rows of one file as plain text."""
        with (self.files[0].parent / name).open(encoding=self.encoding, newline="") as file:
            return list(csv.DictReader(file))

    def lens(self, period: str) -> Lens:
        """What the boss sees over a period."""
        return self.engine.lens(self.result.snapshot.id, Viewer(None, "boss"), Filters(period=period))


@pytest.fixture(scope="module")
def devorg(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample("salesforce_devorg", tmp_path_factory.mktemp("devorg"), "utf-8")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample("salesforce_full_fields", tmp_path_factory.mktemp("full"), "utf-8-sig")


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample("zh_crm", tmp_path_factory.mktemp("zh"), "gb18030")


@pytest.mark.parametrize("name", ["devorg", "full", "chinese"])
def test_every_row_is_accounted_for(name: str, request: pytest.FixtureRequest) -> None:
    sample: Sample = request.getfixturevalue(name)
    by_name = {file["name"]: file for file in sample.result.files}
    for path in sample.files:
        file = by_name[path.name]
        assert file["n_records"] == len(sample.read(path.name)), path.name
        assert file["n_records"] == file["n_kept"] + file["n_merged"] + file["n_rejected"], path.name
    unused = {file["name"] for file in sample.result.files if file["note"]}
    assert unused <= {"Campaign.csv", "CampaignMember.csv"}
    assert not any(file["n_rejected"] for file in sample.result.files if file["name"] not in unused)


def test_the_developer_org_is_read_with_the_month_first(devorg: Sample) -> None:
    deals = devorg.read("Opportunity.csv")
    won = [deal for deal in deals if deal["IsWon"] == "TRUE"]
    day = dt.datetime.strptime
    closed = Counter(day(deal["CloseDate"], "%m/%d/%y").date() for deal in won)

    board = devorg.lens("this_month")
    period = {"period_start": min(closed), "period_end": max(closed) + dt.timedelta(days=1)}
    answer = board.row("desk/won", **period)
    assert (answer["n_won"], answer["won_amount"]) == (len(won), sum(Decimal(deal["Amount"]) for deal in won))

    lost = [deal for deal in deals if deal["IsClosed"] == "TRUE" and deal["IsWon"] == "FALSE"]
    rate = board.row("desk/win_rate", period_start=dt.date(2000, 1, 1), period_end=dt.date(2100, 1, 1))
    assert rate["n_won"] == len(won)
    assert rate["n_decided"] == len(won) + len(lost)


def test_the_developer_orgs_open_pipeline(devorg: Sample) -> None:
    still_open = [deal for deal in devorg.read("Opportunity.csv") if deal["IsClosed"] == "FALSE"]
    by_stage = Counter(deal["StageName"] for deal in still_open)
    board = devorg.lens("this_month")
    everything = {"pipeline": "main", "outcome": "now", "usual_days": None}
    listed = [row for place in range(1, 9) for row in board.rows("funnel/stage_deals", position=place, **everything)]
    assert Counter(row["stage"] for row in listed) == by_stage
    assert {row["opportunity_id"]: row["amount"] for row in listed} == {
        deal["Id"]: Decimal(deal["Amount"]) if deal["Amount"] else None for deal in still_open
    }


def test_the_full_export_counts_deals_money_and_cases(full: Sample) -> None:
    deals = full.read("Opportunity.csv")
    won = [deal for deal in deals if deal["IsWon"] == "1"]
    span = {"period_start": dt.date(2000, 1, 1), "period_end": dt.date(2100, 1, 1)}
    answer = full.lens("this_year").row("desk/won", **span)
    assert answer["n_won"] == len(won)
    assert answer["won_amount"] == sum(Decimal(deal["Amount"]) for deal in won)
    rate = full.lens("this_year").row("desk/win_rate", **span)
    assert rate["n_decided"] == sum(deal["IsClosed"] == "1" for deal in deals)
    assert full.result.snapshot.n_rows["cases"] == len(full.read("Case.csv"))


def test_the_chinese_export_by_names_in_gb18030(chinese: Sample) -> None:
    deals = chinese.read("商机.csv")
    won = [deal for deal in deals if deal["商机阶段"] == "赢单"]
    still_open = [deal for deal in deals if deal["商机阶段"] not in ("赢单", "输单")]
    span = {"period_start": dt.date(2000, 1, 1), "period_end": dt.date(2100, 1, 1)}
    answer = chinese.lens("this_year").row("desk/won", **span)
    assert answer["n_won"] == len(won)
    assert answer["won_amount"] == sum(Decimal(deal["商机金额"].replace(",", "")) for deal in won)
    roster = {row["name"]: row for row in chinese.lens("this_year").rows("salesperson/roster")}
    for login, n in Counter(deal["负责人"] for deal in still_open).items():
        amount = sum(Decimal(deal["商机金额"].replace(",", "")) for deal in still_open if deal["负责人"] == login)
        assert (roster[login]["n_open"], roster[login]["open_amount"]) == (n, amount)
