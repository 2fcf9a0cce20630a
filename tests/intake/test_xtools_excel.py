"""XTools by the Excel exports of its lists: names for ids, people who left, several people in one cell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.intake.exports import Built, build_from

_FILES = {
    "客户.csv": "客户,简称,编号,ID,所有者,周期,类型,阶段,行业,城市,电话,地址,创建,修改,订单数,订单额,最近订单,回款额,联系人数,严重逾期\n"
    "恒盛机械有限公司,恒盛,K1,6921,李雷,签约,VIP客户,2.合同执行,制造,苏州,,,2025-03-01,2026-06-30,2,80000,2026-06-01,30000,1,\n"
    "远帆电子有限公司,远帆,,6922,王芳(离职),潜在,普通客户,1.售前跟踪,电子,宁波,,,2025-04-01,2026-05-01,0,0,,0,0,是\n"
    "双星贸易,双星,K3,6923,李雷,失效,普通客户,,贸易,杭州,,,2025-04-02,2026-05-01,0,0,,0,0,\n"
    "双星贸易,,K4,6924,李雷,重复购买,普通客户,,贸易,温州,,,2025-05-02,2026-05-01,0,0,,0,0,\n",
    "联系人.csv": "姓名,客户,客户ID,所有者,职务,部门,手机,电话,微信,QQ,邮箱\n张敏,恒盛机械有限公司,6921,李雷,总经理,,139,,,,\n",
    "订单.csv": "日期,单号,客户,客户ID,主题,金额,币种,已回款,状态,审批,发货状态,发货单数,业务员,类型,付款,付款模式,备注\n"
    "2026-03-01,DD-1,恒盛机械有限公司,6921,一期,50000.00,RMB,30000.00,执行中,同意,全部,1,李雷,,,,\n"
    "2026-06-01,DD-2,双星贸易,6924,二期,\"30,000.00\",RMB,0,意外中止,同意,未出库,0,王芳(离职),,,,\n",
    "计划回款.csv": "计划日期,客户,订单号,期次,金额,状态,逾期天数,业务员,备注\n"
    "2026-04-01,恒盛机械有限公司,DD-1,1,30000.00,已回,,李雷,\n2026-05-01,恒盛机械有限公司,DD-1,2,20000.00,未回,60,李雷,\n",
    "回款记录.csv": "日期,客户,订单号,金额,币种,付款方式,分类,开票,期次,业务员,所有者,备注\n"
    "2026-04-03,恒盛机械有限公司,DD-1,15000.00,RMB,转账,,是,1,李雷,李雷,\n2026-04-03,恒盛机械有限公司,DD-1,15000.00,RMB,转账,,是,1,李雷,李雷,\n",
    "工作日志.csv": "日期,结束日期,人员,类型,日程,客户,联系人,提及,标题,内容,字数,关联订单,日期标记\n"
    '2026-06-10 14:00:00,2026-06-10 16:00:00,",李雷,王总,",市内拜访,记录,恒盛机械有限公司,张敏,,看现场,谈二期,12,,\n'
    "2026-06-11 09:00:00,,王芳（离职）,电话,记录,双星贸易,,,回访,无人,2,,\n"
    "2026-06-12 09:00:00,2026-07-08,李雷,电话,待办任务,恒盛机械有限公司,,,再联系,,0,,\n",
    "产品.csv": "编号,名称,型号,SKU,分类,大类,单位,价格,状态,库存,库存上限,库存下限\nP1,压力机,Y1,,整机,设备,台,50000,正常,3,10,1\n",
    "销售机会.csv": "主题,客户,负责人,阶段,预期金额,可能性,发现日期,预计签约日期,状态,更新日期\n"
    "二期扩容,恒盛机械有限公司,李雷,方案报价,12万,60%,2026-04-01,2026-09-30,跟踪,2026-06-30\n"
    "一期,恒盛机械有限公司,李雷,签约,50000,100%,2026-01-01,2026-03-01,成功,2026-03-01\n"
    "小单,双星贸易,王芳(离职),初期沟通,2000,10%,2026-01-01,2026-03-31,搁置,2026-03-15\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_from(tmp_path_factory.mktemp("excel"), {k: v.encode("gb18030") for k, v in _FILES.items()})


def test_every_row_is_accounted_for(firm: Built) -> None:
    assert firm.facts["profile"] == "xtools+xtools_excel"
    for name, text in _FILES.items():
        n_records = text.count("\n") - 1
        assert firm.account(name) == (n_records, n_records, 0, 0), name


def test_who_left_is_one_person_with_and_without_the_mark(firm: Built) -> None:
    assert firm.rows("select name from users order by 1") == [("李雷",), ("王芳（离职）",)]
    assert firm.rows(
        "select u.name, count(*) from activities join users u on u.user_key = owner_key group by 1 order by 1"
    ) == [("李雷", 1), ("王芳（离职）", 1)]


def test_customers_are_found_by_name_and_by_id_where_two_have_one_name(firm: Built) -> None:
    assert firm.rows(
        "select account_id, lifecycle, u.name from accounts join users u on user_key = owner_key order by 1"
    ) == [
        ("K1", "customer", "李雷"),
        ("K3", "lost", "李雷"),
        ("K4", "customer", "李雷"),
        ("[id:6922]", "prospect", "王芳（离职）"),
    ]
    # the order says which 双星贸易 by its id, the deal and the call only by the name
    assert firm.rows("select order_id, account_id from orders join accounts using (account_key) order by 1") == [
        ("DD-1", "K1"),
        ("DD-2", "K4"),
    ]
    assert firm.rows("select table_name, reference, reason from missing_references order by 1") == [
        ("activities", "双星贸易", "ambiguous"),
        ("opportunities", "双星贸易", "ambiguous"),
    ]


def test_deals_by_their_labels(firm: Built) -> None:
    assert firm.rows(
        "select o.name, outcome, amount, probability, closed_at::date, loss_reason, u.name from opportunities o"
        " join users u on u.user_key = o.owner_key order by amount desc"
    ) == [
        ("二期扩容", "open", Decimal("120000.00"), 0.6, None, None, "李雷"),
        ("一期", "won", Decimal("50000.00"), 1.0, dt.date(2026, 3, 1), None, "李雷"),
        ("小单", "lost", Decimal("2000.00"), 0.1, dt.date(2026, 3, 15), "搁置", "王芳（离职）"),
    ]


def test_two_equal_payments_are_two_and_settle_the_first_instalment(firm: Built) -> None:
    assert firm.rows(
        "select instalment, any_value(i.amount), coalesce(sum(p.amount), 0), count(p.payment_key) from invoices i"
        " left join payments p using (invoice_key) group by 1 order by 1"
    ) == [
        (1, Decimal("30000.00"), Decimal("30000.00"), 2),
        (2, Decimal("20000.00"), Decimal("0.00"), 0),
    ]
    assert firm.rows("select order_id, status, amount from orders order by 1") == [
        ("DD-1", "active", Decimal("50000.00")),
        ("DD-2", "cancelled", Decimal("30000.00")),
    ]


def test_the_work_log_has_contacts_and_things_to_do(firm: Built) -> None:
    assert firm.rows("select kind, with_manager, is_effective, happened_at from activities order by 4") == [
        ("visit", True, True, dt.datetime(2026, 6, 10, 14)),
        ("call", False, False, dt.datetime(2026, 6, 11, 9)),
    ]
    assert firm.rows("select subject, due_on, status from tasks") == [("再联系", dt.date(2026, 7, 8), "open")]
    assert firm.rows("select stock, family from products") == [(3.0, "设备")]
