"""悟空 CRM: every object of its lists, the default stages, the public pool, and the sample company by plain arithmetic."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.exports import Built, build_from

_SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "zh_crm"

_FILES = {
    "员工.csv": "编号,姓名,账号,角色,部门,直属上级\n1,李雷,lilei,销售,华东部,王总\n2,王总,wang,销售总监,总部,\n",
    "客户.csv": "客户名称,客户来源,客户行业,客户级别,负责人,成交状态,创建时间\n"
    "恒盛机械,转介绍,制造,A（重点客户）,李雷,已成交,2026-01-05\n"
    "远帆电子,广告,电子,B（普通客户）,,未成交,2026-01-06\n"  # in the public pool
    "双星贸易,广告,贸易,B（普通客户）,李雷,未成交,2026-01-07\n"
    "双星贸易,陌拜,贸易,C（非优先客户）,王总,未成交,2026-02-07\n",
    "联系人.csv": "姓名,客户名称,手机,职务,是否关键决策人\n张敏,恒盛机械,139,总经理,是\n刘工,恒盛机械,138,工程师,否\n",
    "线索.csv": "线索名称,线索来源,跟进状态,负责人,创建时间,更新时间\n江南纺织,搜索引擎,已转客户,李雷,2026-01-01,2026-01-09\n",
    "产品.csv": "产品名称,产品类型,产品单位,产品编码,价格,是否上下架\n压力机,设备,台,P1,\"50,000.00\",上架\n旧泵,设备,台,P2,9000,下架\n",
    "商机.csv": "商机名称,客户名称,商机金额,预计成交日期,商机状态组,商机阶段,负责人,创建时间,更新时间\n"
    "生产线,恒盛机械,\"120,000.00\",2026-09-30,默认流程,方案/报价,李雷,2026-02-01,2026-06-30 10:00:00\n"
    "压力机,恒盛机械,50000,2026-05-20,默认流程,赢单,李雷,2026-03-01,2026-05-21\n"
    "泵,双星贸易,8000,2026-04-10,默认流程,输单,王总,2026-03-02,2026-04-11\n"
    "样机,远帆电子,3000,2026-08-01,默认流程,验证客户,王总,2026-06-02,2026-06-03\n",
    "合同.csv": "合同编号,合同名称,客户名称,商机名称,合同金额,下单时间,合同开始时间,合同结束时间,公司签约人,审批状态,审批人\n"
    "HT-1,压力机合同,恒盛机械,压力机,50000,2026-05-22,2026-06-01,2027-05-31,李雷,通过,王总\n"
    "HT-2,样机合同,远帆电子,样机,3000,2026-06-05,,,李雷,拒绝,王总\n",
    "回款计划.csv": "客户名称,合同编号,期数,计划回款金额,计划回款日期,提前几天提醒\n"
    "恒盛机械,HT-1,1,20000,2026-06-10,3\n恒盛机械,HT-1,2,30000,2026-06-25,3\n",
    "回款.csv": "回款编号,客户名称,合同编号,期数,回款日期,回款金额,回款方式,审批状态\n"
    "HK-1,恒盛机械,HT-1,1,2026-06-11,20000,电汇,通过\nHK-2,恒盛机械,HT-1,2,2026-06-12,30000,电汇,撤回\n",
    "发票.csv": "发票申请编号,客户名称,合同编号,合同金额,开票金额,开票日期,开票类型\nFP-1,恒盛机械,HT-1,50000,50000,2026-06-01,专票\n",
    "回访.csv": "回访编号,回访时间,回访人,回访形式,客户名称,联系人,合同编号,客户满意度,客户反馈\n"
    "V1,2026-06-20 10:00:00,李雷,电话,恒盛机械,张敏,HT-1,不满意,交货晚\n",
    "跟进记录.csv": "编号,关联类型,关联名称,跟进内容,跟进方式,跟进时间,下次联系时间,跟进人\n"
    "1,商机,生产线,看现场,上门拜访,2026-06-01 14:00:00,2026-07-05 09:00:00,李雷\n2,客户,恒盛机械,发资料,微信,2026-06-02,,李雷\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_from(tmp_path_factory.mktemp("wukong"), {k: v.encode("gb18030") for k, v in _FILES.items()})


def test_every_row_is_accounted_for(firm: Built) -> None:
    assert firm.facts["profile"] == "wukong"
    for name, text in _FILES.items():
        n_records = text.count("\n") - 1
        lost = {"发票.csv": 1, "回款.csv": 1}.get(name, 0)
        assert firm.account(name) == (n_records, n_records - lost, 0, lost), name


def test_deals_follow_the_default_stages(firm: Built) -> None:
    assert firm.rows(
        "select o.name, stage, outcome, amount, probability, closed_at::date from opportunities o order by amount desc"
    ) == [
        ("生产线", "方案/报价", "open", Decimal("120000.00"), 0.8, None),
        ("压力机", "赢单", "won", Decimal("50000.00"), 1.0, dt.date(2026, 5, 20)),
        ("泵", "输单", "lost", Decimal("8000.00"), 0.0, dt.date(2026, 4, 10)),
        ("样机", "验证客户", "open", Decimal("3000.00"), 0.2, None),
    ]
    assert firm.rows("select stage, outcome from stages where pipeline = '默认流程' order by position") == [
        ("验证客户", "open"),
        ("方案/报价", "open"),
        ("赢单", "won"),
        ("输单", "lost"),
    ]


def test_people_join_by_name_the_public_pool_has_no_owner_and_twins_are_reported(firm: Built) -> None:
    assert firm.rows(
        "select a.name, u.name, u.team from accounts a left join users u on u.user_key = a.owner_key"
        " order by a.created_at"
    ) == [
        ("恒盛机械", "李雷", "华东部"),
        ("远帆电子", None, None),
        ("双星贸易", "李雷", "华东部"),
        ("双星贸易", "王总", "总部"),
    ]
    assert firm.rows("select m.name from users u join users m on m.user_key = u.manager_key") == [("王总",)]
    assert firm.rows("select column_name, reference, reason from missing_references") == [
        ("account_id", "双星贸易", "ambiguous")
    ]


def test_what_is_planned_and_what_came_in(firm: Built) -> None:
    assert firm.rows(
        "select i.instalment, i.amount, due_on, coalesce(p.amount, 0), paid_on, o.order_id from invoices i"
        " left join payments p using (invoice_key) join orders o on o.order_key = i.order_key order by 1"
    ) == [
        (1, Decimal("20000.00"), dt.date(2026, 6, 10), Decimal("20000.00"), dt.date(2026, 6, 11), "HT-1"),
        (2, Decimal("30000.00"), dt.date(2026, 6, 25), Decimal("0.00"), None, "HT-1"),
    ]
    assert firm.rows("select order_id, status, ordered_on from orders order by 1") == [
        ("HT-1", "active", dt.date(2026, 5, 22)),
        ("HT-2", "cancelled", dt.date(2026, 6, 5)),
    ]
    assert firm.rows(
        "select amount, decision, u.name from approvals join users u on u.user_key = decided_by_key order by 1"
    ) == [(Decimal("3000.00"), "rejected", "王总"), (Decimal("50000.00"), "approved", "王总")]


def test_visits_messages_and_what_comes_next(firm: Built) -> None:
    assert firm.rows(
        "select kind, activities.outcome, is_effective, a.name, o.name from activities"
        " left join accounts a on a.account_key = activities.account_key"
        " left join opportunities o using (opportunity_key) order by happened_at"
    ) == [
        ("visit", None, True, "恒盛机械", "生产线"),
        ("message", None, False, "恒盛机械", None),
        ("call", "negative", True, "恒盛机械", None),
    ]
    assert firm.rows("select due_on, status from tasks") == [(dt.date(2026, 7, 5), "open")]
    assert firm.rows("select name, buying_role from contacts order by 2") == [("张敏", "decider"), ("刘工", "user")]
    assert firm.rows("select company, converted_at::date from leads") == [("江南纺织", dt.date(2026, 1, 9))]
    assert firm.rows("select name, is_active, list_price from products order by 3") == [
        ("旧泵", False, Decimal("9000.00")),
        ("压力机", True, Decimal("50000.00")),
    ]


@pytest.mark.skipif(not _SAMPLE.is_dir(), reason="the samples are not beside the project")
def test_the_sample_company_by_an_independent_reading(tmp_path: Path) -> None:
    names = ["商机", "客户", "联系人", "线索", "跟进记录", "员工"]
    built = build_from(tmp_path, {f"{name}.csv": (_SAMPLE / f"{name}.csv").read_bytes() for name in names})

    def read(name: str) -> list[dict[str, str]]:
        with (_SAMPLE / f"{name}.csv").open(encoding="gb18030", newline="") as file:
            return list(csv.DictReader(file))

    deals = read("商机")
    worth = {deal["编号"]: Decimal(deal["商机金额"].replace(",", "")) for deal in deals}
    won = [deal["编号"] for deal in deals if deal["商机阶段"] == "赢单"]
    lost = [deal["编号"] for deal in deals if deal["商机阶段"] == "输单"]
    still = [deal["编号"] for deal in deals if deal["编号"] not in {*won, *lost}]
    assert built.rows("select outcome, count(*), sum(amount) from opportunities group by 1 order by 1") == [
        ("lost", len(lost), sum(worth[one] for one in lost)),
        ("open", len(still), sum(worth[one] for one in still)),
        ("won", len(won), sum(worth[one] for one in won)),
    ]
    by_owner = Counter(deal["负责人"] for deal in deals)
    assert dict(
        built.rows("select u.name, count(*) from opportunities o join users u on u.user_key = o.owner_key group by 1")
    ) == dict(by_owner)
    n_pool = sum(not client["负责人"] for client in read("客户"))
    assert built.rows("select count(*) from accounts where owner_key is null") == [(n_pool,)]
    n_visits = sum(note["跟进方式"] == "上门拜访" for note in read("跟进记录"))
    assert built.rows("select count(*) from activities where kind = 'visit'") == [(n_visits,)]
    for name in names:
        assert built.account(f"{name}.csv")[0] == len(read(name)) == built.account(f"{name}.csv")[1], name


def test_a_name_that_two_people_have_picks_neither_and_is_listed(tmp_path: Path) -> None:
    files = {
        "员工.csv": "编号,姓名,账号,角色,部门\n1,李雷,lilei1,销售,华东部\n2,李雷,lilei2,销售,华南部\n3,韩梅梅,hmm,销售,华南部\n",
        "商机.csv": "编号,商机名称,客户名称,商机金额,商机阶段,预计成交日期,负责人\n"
        "1,甲,A,10,验证客户,2026-09-01,李雷\n2,乙,A,20,验证客户,2026-09-01,lilei2\n3,丙,A,30,验证客户,2026-09-01,韩梅梅\n",
    }
    built = build_from(tmp_path, dict(files))
    assert built.rows(
        "select o.name, u.user_id from opportunities o left join users u on u.user_key = o.owner_key order by 1"
    ) == [("丙", "3"), ("乙", "2"), ("甲", None)]
    assert built.rows("select row_id, column_name, reference, reason from missing_references") == [
        ("1", "owner_id", "李雷", "ambiguous")
    ]
