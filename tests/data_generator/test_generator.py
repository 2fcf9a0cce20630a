"""The demo firms: same bytes from the same seed, sound references, and every planted story plain to see."""

from __future__ import annotations

import csv
import io
import itertools
import json
import statistics
import zipfile
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data import generate
from data.salesforce_columns import check_characters
from data.world import SEEDS, SNAPSHOTS, build

DATA = Path(generate.__file__).parent
ENCODINGS = {"zh": "gb18030", "en": "utf-8"}
LAST = SNAPSHOTS[-1]
Row = dict[str, str]


@cache
def files(firm: str, day: date = LAST) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    with zipfile.ZipFile(DATA / firm / f"{day}.zip") as archive:
        for entry in archive.infolist():
            text = archive.read(entry).decode(ENCODINGS[firm])
            found[entry.filename.removesuffix(".csv")] = list(csv.DictReader(io.StringIO(text, newline="")))
    return found


def once(rows: list[Row]) -> list[Row]:
    """Without the rows that were doubled on purpose."""
    return list({tuple(row.values()): row for row in rows}.values())


@cache
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "stories.json").read_text(encoding="utf-8"))
    return found


def story(firm: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = told()[firm]["stories"][name]
    return found


def number(text: str) -> float:
    """Money as typed by people, the way a reader has to take it."""
    text = text.replace("¥", "").replace(",", "")
    if text.endswith("万"):
        return float(text[:-1]) * 10000
    return 0.0 if text == "待定" else float(text)


def day_of(text: str) -> date:
    parts = text[:10].replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").strip().split("-")
    return date(int(parts[0]), int(parts[1]), int(parts[2][:2])) if parts[1] != "02" or parts[2] != "30" else date.max


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    packed = []
    for run in ("a", "b"):
        generate.render(build("en", SEEDS["en"]), LAST, tmp_path / run)
        packed.append((tmp_path / run / "en" / f"{LAST}.zip").read_bytes())
    assert packed[0] == packed[1]
    # The packed bytes depend on the zlib at hand, so the stored archive is held to its contents.
    with zipfile.ZipFile(io.BytesIO(packed[0])) as fresh, zipfile.ZipFile(DATA / "en" / f"{LAST}.zip") as stored:
        assert fresh.namelist() == stored.namelist()
        assert all(fresh.read(name) == stored.read(name) for name in fresh.namelist())


@pytest.mark.parametrize("firm", ["zh", "en"])
def test_archives_are_small_and_flagged(firm: str) -> None:
    for day in SNAPSHOTS:
        path = DATA / firm / f"{day}.zip"
        assert path.stat().st_size < 2_000_000
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                assert entry.filename.isascii() or entry.flag_bits & 0x800
                assert entry.date_time[:3] == (day.year, day.month, day.day)


def test_encodings_and_line_ends() -> None:
    with zipfile.ZipFile(DATA / "zh" / f"{LAST}.zip") as archive:
        raw = archive.read("销售机会.csv")
        with pytest.raises(UnicodeDecodeError):
            raw.decode("utf-8")
        assert raw.decode("gb18030").startswith(
            "ID,主题,客户编号,客户联系人,发现日期,预计签约日期,预期金额,可能性,负责人"
        )
        assert raw.endswith(b"\r\n")
        assert "\n" in "".join(row["内容"] for row in files("zh")["行动"])
    with zipfile.ZipFile(DATA / "en" / f"{LAST}.zip") as archive:
        raw = archive.read("Opportunity.csv")
        assert raw.startswith(b'"Id","IsDeleted","AccountId","IsPrivate","Name"')
        assert b"\r" not in raw
        assert b'"000000000000000AAA"' in raw


@pytest.mark.parametrize("firm", ["zh", "en"])
def test_counts_are_as_told(firm: str) -> None:
    for day in SNAPSHOTS:
        counts = told()[firm]["snapshots"][day.isoformat()]
        assert {name: len(rows) for name, rows in files(firm, day).items()} == {k: v["rows"] for k, v in counts.items()}
        for name, rows in files(firm, day).items():
            doubled = len(rows) - len(once(rows))
            assert doubled == counts[name].get("duplicates", 0), (name, day)
            impossible = sum(any(v.startswith("2026-02-30") for v in row.values()) for row in once(rows))
            assert impossible == counts[name].get("impossible_dates", 0), (name, day)


def test_sizes() -> None:
    zh, en = files("zh"), files("en")
    assert 560 <= len(zh["客户"]) <= 640
    assert 1850 <= len(zh["销售机会"]) <= 2150
    assert 27000 <= len(zh["行动"]) <= 33000
    assert Counter(row["类型"] for row in zh["用户"]) == {"老板": 1, "主管": 3, "一般人员": 12}
    assert Counter(row["状态"] for row in zh["用户"])["离职"] == 1
    assert 280 <= len(en["Account"]) <= 320
    assert 900 <= len(en["Opportunity"]) <= 1100
    assert 10500 <= len(en["Task"]) + len(en["Event"]) <= 13500


def test_references_zh() -> None:
    data, counts = files("zh"), told()["zh"]["snapshots"][LAST.isoformat()]
    customers = {row["客户编号"] or f"[id:{row['ID']}]" for row in data["客户"]}
    assert any(key.startswith("[id:") for key in customers)
    deals = {row["ID"] for row in data["销售机会"]}
    orders = {row["编号"] for row in data["合同订单"]}
    codes = {row["内部代码"] for row in data["用户"]}
    names = {row["用户名字"] for row in data["用户"]}
    for name in ("联系人", "销售机会", "行动", "合同订单", "计划回款", "回款记录", "费用明细", "维修工单"):
        loose = [row for row in once(data[name]) if row["客户编号"] not in customers]
        expected = 0 if name == "回款记录" else counts[name].get("orphans", 0)
        assert len(loose) == expected, name
    assert sum(row["订单号"] not in orders for row in once(data["回款记录"])) == counts["回款记录"]["orphans"]
    assert all(row["订单号"] in orders for row in data["订单明细"] + data["计划回款"])
    assert all(row["机会"] in deals for row in data["行动"] if row["机会"])
    assert all(row["负责人"] in codes for row in data["销售机会"])
    assert all(set(row["执行人"].strip(",").split(",")) <= codes for row in data["行动"])
    assert all(row["所有者"].removesuffix("(离职)") in names for row in data["合同订单"])
    contacts = {row["ID"] for row in data["联系人"]}
    assert all(row["联系人"] in contacts for row in data["行动"] if row["联系人"])
    actions = {row["ID"] for row in data["行动"]}
    assert all(row["行动ID"] in actions for row in data["费用明细"])


def test_references_en() -> None:
    data, counts = files("en"), told()["en"]["snapshots"][LAST.isoformat()]
    users, accounts = ({row["Id"] for row in data[name]} for name in ("User", "Account"))
    deals, contacts = ({row["Id"] for row in data[name]} for name in ("Opportunity", "Contact"))
    orders = {row["Id"] for row in data["Order"]}
    for name in ("Account", "Contact", "Opportunity", "Task", "Event", "Order", "Case", "Quote", "Lead"):
        assert all(row["OwnerId"] in users for row in data[name]), name
    for name in ("Contact", "Opportunity", "Task", "Event", "Order", "Case"):
        assert all(row["AccountId"] in accounts for row in data[name]), name
    for name in ("Task", "Event"):
        loose = [r for r in data[name] if r["WhoId"] not in contacts and r["WhoId"] != "000000000000000AAA"]
        assert len(loose) == counts[name].get("orphans", 0)
        assert all(row["WhatId"] in deals | accounts for row in data[name])
    for name in ("OpportunityHistory", "OpportunityLineItem", "OpportunityContactRole", "Quote"):
        assert all(row["OpportunityId"] in deals for row in data[name]), name
    assert all(row["TargetObjectId"] in deals for row in data["ProcessInstance"])
    assert sum(row["order_id"] not in orders for row in once(data["Payment"])) == counts["Payment"]["orphans"]
    assert all(len(row["Id"]) == 18 for row in data["Task"])
    assert check_characters("001A0000006Vm9r") == "IAC"
    assert any(row["IsDeleted"] == "1" for row in data["Opportunity"])
    assert any(row["IsChild"] == "1" for row in data["Event"])


def test_salesforce_history_is_a_chain() -> None:
    by_deal: dict[str, list[Row]] = defaultdict(list)
    for row in files("en")["OpportunityHistory"]:
        by_deal[row["OpportunityId"]].append(row)
    moves = still = 0
    for rows in by_deal.values():
        assert rows[0]["FromOpportunityStageName"] == "" and rows[-1]["ValidThroughDate"] == ""
        for before, after in itertools.pairwise(rows):
            assert after["FromOpportunityStageName"] == before["StageName"]
            assert after["PrevAmount"] == before["Amount"] and after["PrevCloseDate"] == before["CloseDate"]
            assert before["ValidThroughDate"] == after["CreatedDate"]
            moves, still = moves + (before["StageName"] != after["StageName"]), still + 1
    assert 0.5 < 1 - moves / still < 0.75
    stages = {row["Id"]: row["StageName"] for row in files("en")["Opportunity"]}
    assert all(rows[-1]["StageName"] == stages[deal] for deal, rows in by_deal.items())


def zh_deals() -> list[Row]:
    return once(files("zh")["销售机会"])


def zh_contacts() -> list[Row]:
    return [row for row in once(files("zh")["行动"]) if row["数据类型"] == "记录"]


def en_deals() -> list[Row]:
    return [row for row in files("en")["Opportunity"] if row["IsDeleted"] == "0"]


def win_rates() -> dict[str, dict[str, float]]:
    tally: dict[str, dict[str, list[int]]] = {"zh": defaultdict(list), "en": defaultdict(list)}
    for row in zh_deals():
        if row["状态"] != "跟踪":
            tally["zh"][row["负责人"]].append(row["状态"] == "成功")
    for row in en_deals():
        if row["IsClosed"] == "1":
            tally["en"][row["OwnerId"]].append(int(row["IsWon"]))
    return {firm: {k: sum(v) / len(v) for k, v in found.items() if len(v) > 25} for firm, found in tally.items()}


def test_overall_rates() -> None:
    closed = [row for row in zh_deals() if row["状态"] != "跟踪"]
    won = [row for row in closed if row["状态"] == "成功"]
    assert 0.27 < len(won) / len(closed) < 0.36
    cycles = [(day_of(r["更新日期"]) - day_of(r["创建日期"])).days for r in won]
    assert 55 <= statistics.median(cycles) <= 80
    touches = Counter(row["机会"] for row in zh_contacts() if row["结果"] != "未接通")
    counts = [touches[row["ID"]] for row in won]
    assert 0.7 < sum(4 <= k <= 11 for k in counts) / len(counts) < 0.95
    assert statistics.mean(counts) > statistics.mean(touches[r["ID"]] for r in closed if r["状态"] == "失败") + 2
    value: dict[str, float] = defaultdict(float)
    for row in once(files("zh")["合同订单"]):
        value[row["客户编号"]] += number(row["总金额"])
    ranked = sorted(value.values(), reverse=True)
    assert 0.62 < sum(ranked[: len(ranked) // 5]) / sum(ranked) < 0.85


def test_weak_stage() -> None:
    plot = story("zh", "weak_stage")
    teams = {row["内部代码"]: row["部门"] for row in files("zh")["用户"]}
    inflator = story("zh", "stage_outruns_evidence")["rep"]["id"]
    passed: dict[tuple[bool, bool], list[bool]] = defaultdict(list)
    for row in zh_deals():
        if row["状态"] == "跟踪" or row["阶段"] not in ("方案报价", "商务谈判", "签约") or row["负责人"] == inflator:
            continue
        late = row["更新日期"] >= plot["since"]
        passed[late, teams[row["负责人"]] == plot["team"]].append(row["阶段"] != "方案报价")
    rate = {key: sum(found) / len(found) for key, found in passed.items()}
    assert rate[True, False] < rate[False, False]
    assert rate[True, True] < rate[False, True] - 0.15
    assert rate[True, True] < rate[True, False] - 0.1
    owners = {row["Id"]: row["OwnerId"] for row in en_deals()}
    divisions = {row["Id"]: row["Division"] for row in files("en")["User"]}
    told_en = story("en", "weak_stage")
    left: dict[tuple[bool, bool], list[bool]] = defaultdict(list)
    for row in files("en")["OpportunityHistory"]:
        if row["FromOpportunityStageName"] != told_en["stage"] or row["StageName"] == told_en["stage"]:
            continue
        owner = owners.get(row["OpportunityId"], "")
        if owner and owner != story("en", "stage_outruns_evidence")["rep"]["id"]:
            key = (row["CreatedDate"] >= told_en["since"], divisions[owner] == told_en["team"])
            left[key].append(row["StageName"] == told_en["next_stage"])
    rate = {key: sum(found) / len(found) for key, found in left.items()}
    assert rate[True, True] < rate[False, True] - 0.25
    assert rate[True, True] < rate[True, False] - 0.1


def test_star_and_weak_rep_zh() -> None:
    star, weak = story("zh", "over_supervised_star")["rep"], story("zh", "neglected_weak_rep")["rep"]
    rates = win_rates()["zh"]
    assert max(rates, key=lambda k: rates[k]) == star["id"]
    assert sorted(rates, key=lambda k: rates[k]).index(weak["id"]) <= 1
    joined: dict[str, list[bool]] = defaultdict(list)
    for row in zh_contacts():
        owner, *others = row["执行人"].strip(",").split(",")
        joined[owner].append(bool(others))
    share = {key: sum(found) / len(found) for key, found in joined.items()}
    assert share[star["id"]] > 3 * statistics.median(share.values())
    assert share[weak["id"]] < 0.01
    asked = once(files("zh")["审批"])
    mine = [row["审批结果"] for row in asked if row["申请人"] == star["name"]]
    assert len(mine) > len(asked) / 2 and set(mine) <= {"同意", "待审"}
    assert "否决" in {row["审批结果"] for row in asked}
    assert sum(row["申请人"] == weak["name"] for row in asked) <= 2
    touched = {row["机会"]: row["日期"] for row in sorted(zh_contacts(), key=lambda r: r["日期"])}
    open_deals = [row for row in zh_deals() if row["状态"] == "跟踪" and row["负责人"] == weak["id"]]
    late = [r for r in open_deals if r["预计签约日期"] < "2026-10-31"]
    silent = [r for r in open_deals if touched.get(r["ID"], "") < "2026-10-01"]
    assert len(late) > 0.35 * len(open_deals) and len(silent) > 0.5 * len(open_deals)


def test_star_and_weak_rep_en() -> None:
    star, weak = story("en", "over_supervised_star"), story("en", "neglected_weak_rep")["rep"]
    rates = win_rates()["en"]
    assert max(rates, key=lambda k: rates[k]) == star["rep"]["id"]
    assert sorted(rates, key=lambda k: rates[k]).index(weak["id"]) <= 1
    processes = files("en")["ProcessInstance"]
    mine = [row["Status"] for row in processes if row["SubmittedById"] == star["rep"]["id"]]
    assert len(mine) > len(processes) / 2 and set(mine) <= {"Approved", "Pending"}
    owners = {(r["WhatId"], r["ActivityDateTime"]): r["OwnerId"] for r in files("en")["Event"] if r["IsChild"] == "0"}
    children = [r for r in files("en")["Event"] if r["IsChild"] == "1" and r["OwnerId"] == star["manager"]["id"]]
    with_star = sum(owners[r["WhatId"], r["ActivityDateTime"]] == star["rep"]["id"] for r in children)
    assert with_star > 0.7 * len(children)
    assert not any(row["SubmittedById"] == weak["id"] for row in processes)


def test_silent_vip() -> None:
    plot = story("zh", "silent_vip")
    key = plot["customer"]["id"]
    value: dict[str, float] = defaultdict(float)
    for row in once(files("zh")["合同订单"]):
        value[row["客户编号"]] += number(row["总金额"])
    assert sorted(value, key=lambda k: -value[k]).index(key) < 5
    days = sorted(
        day_of(row["日期"]) for row in once(files("zh")["行动"]) if row["客户编号"] == key and row["数据类型"] == "记录"
    )
    assert days[-1].isoformat() == plot["last_contact"]
    assert (LAST - days[-1]).days >= 70
    assert max((b - a).days for a, b in itertools.pairwise(days)) < 40
    ordered = sorted(day_of(r["签约日期"]) for r in once(files("zh")["合同订单"]) if r["客户编号"] == key)
    gaps = [(b - a).days for a, b in itertools.pairwise(ordered)]
    assert len(gaps) > 15 and max(gaps) < 50 < (LAST - ordered[-1]).days
    account = story("en", "silent_vip")["customer"]["id"]
    done = [r["ActivityDate"][:10] for n in ("Task", "Event") for r in files("en")[n] if r["AccountId"] == account]
    assert max(done) < "2026-09-10"


def test_loss_maker() -> None:
    plot = story("zh", "loss_maker")
    lines = [row for row in once(files("zh")["订单明细"]) if row["产品编码"] == plot["product"]["id"]]
    assert sum(float(row["单价"]) < plot["cost"] for row in lines) > 0.8 * len(lines)
    sold: Counter[str] = Counter(row["产品编码"] for row in once(files("zh")["订单明细"]))
    assert plot["product"]["id"] in {code for code, _ in sold.most_common(5)}
    plot = story("en", "loss_maker")
    lines = [row for row in files("en")["OrderItem"] if row["Product2Id"] == plot["product"]["id"]]
    assert len(lines) > 30 and sum(float(row["UnitPrice"]) < plot["cost"] for row in lines) > 0.8 * len(lines)


def test_dragging_deal() -> None:
    for firm, table, key, close in (("zh", "销售机会", "ID", "预计签约日期"), ("en", "Opportunity", "Id", "CloseDate")):
        plot = story(firm, "dragging_deal")
        seen = []
        for day in SNAPSHOTS:
            rows = files(firm, day)[table]
            row = next(r for r in rows if r[key] == plot["deal"]["id"])
            seen.append(row[close][:10])
            if firm == "zh":
                rivals = [number(r["预期金额"]) for r in rows if r["状态"] == "跟踪"]
                assert number(row["预期金额"]) == max(rivals)
            else:
                assert float(row["Amount"]) == max(float(r["Amount"]) for r in rows if r["IsClosed"] == "0")
        assert seen == list(plot["expected_close"].values()) == ["2026-09-30", "2026-10-30", "2026-11-30"]


def test_stage_outruns_evidence() -> None:
    rep = story("zh", "stage_outruns_evidence")["rep"]["id"]
    evidence: dict[str, set[str]] = defaultdict(set)
    for row in zh_contacts():
        evidence[row["机会"]].add(row["行动分类"])
    bare: dict[bool, list[bool]] = defaultdict(list)
    for row in zh_deals():
        if row["状态"] == "跟踪" and row["阶段"] == "商务谈判":
            bare[row["负责人"] == rep].append(not evidence[row["ID"]] & {"市内拜访", "市外拜访", "演示", "报价"})
    assert len(bare[True]) >= 10 and all(bare[True])
    assert sum(bare[False]) < 0.1 * len(bare[False])
    assert win_rates()["zh"][rep] < 0.15
    rep = story("en", "stage_outruns_evidence")["rep"]["id"]
    quoted = {row["OpportunityId"] for row in files("en")["Quote"]}
    met = {row["WhatId"] for row in files("en")["Event"]}
    claimed = [r["Id"] for r in en_deals() if r["StageName"] == "Negotiation/Review" and r["OwnerId"] == rep]
    assert len(claimed) >= 5 and not set(claimed) & (quoted | met)


def test_payments_stopped() -> None:
    plot = story("zh", "payments_stopped")
    key = plot["customer"]["id"]
    paid = [day_of(row["日期"]) for row in once(files("zh")["回款记录"]) if row["客户编号"] == key]
    assert len(paid) > 10 and max(paid).isoformat() <= plot["paid_until"]
    rows = [row for row in once(files("zh")["计划回款"]) if row["客户编号"] == key]
    due = [row for row in rows if row["计划回款日期"] <= LAST.isoformat()]
    late = [row for row in due if row["是否回款"] == "未回"]
    assert len(late) == plot["overdue_instalments"] >= 5
    assert sum(float(row["金额"]) for row in late) == pytest.approx(plot["overdue_amount"], abs=0.05)
    assert all(row["是否回款"] == "已回" for row in due if row["计划回款日期"] <= plot["paid_until"])
    plot = story("en", "payments_stopped")
    key = plot["customer"]["id"]
    settled = {row["invoice_id"] for row in files("en")["Payment"] if row["account_id"] == key}
    open_bills = [r for r in once(files("en")["Invoice"]) if r["account_id"] == key and r["invoice_id"] not in settled]
    assert sum(row["due_on"] <= LAST.isoformat() for row in open_bills) == plot["overdue_instalments"]


@pytest.mark.parametrize("firm", ["zh", "en"])
def test_course(firm: str) -> None:
    sold: dict[str, float] = defaultdict(float)
    goal: dict[str, float] = defaultdict(float)
    if firm == "zh":
        for row in once(files("zh")["合同订单"]):
            sold[f"{day_of(row['签约日期']):%Y-%m}"] += number(row["总金额"])
        for row in files("zh")["业绩目标"]:
            goal[row["月份"]] += float(row["目标值"]) if row["指标"] == "销售额" else 0
    else:
        for row in files("en")["Order"]:
            sold[row["EffectiveDate"][:7]] += float(row["TotalAmount"])
        for row in files("en")["Target"]:
            goal[row["month"]] += float(row["value"]) if row["measure"] == "revenue" else 0
    third = ("2026-07", "2026-08", "2026-09")
    assert 1.0 < sum(sold[m] for m in third) / sum(goal[m] for m in third) < 1.1
    assert 0.65 < sold["2026-10"] / goal["2026-10"] < 0.93


def test_nothing_from_the_future() -> None:
    for day in SNAPSHOTS:
        limit = f"{day} 23:59:59"
        done = [row for row in files("zh", day)["行动"] if row["数据类型"] == "记录"]
        assert all(row["日期"] <= limit for row in done)
        assert any(row["日期"] > limit for row in files("zh", day)["行动"] if row["数据类型"] == "日程")
        for rows in files("en", day).values():
            assert all(row["CreatedDate"] <= limit for row in rows if "CreatedDate" in row)
