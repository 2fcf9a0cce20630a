"""XTools files about money and service: orders, instalments, receipts, expenses, work orders, approvals, goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.xtools_labels import ACTION, APPROVAL_KINDS, CASE_KINDS, DECISIONS, MEASURES

if TYPE_CHECKING:
    from data.xtools import XTools

Rows = list[tuple[int, bool, list[str]]]


def orders(dialect: XTools) -> Rows:
    rows: Rows = []
    for o in dialect.known.orders:
        paid = dialect.known.paid(o)
        stopped = o.stopped is not None and o.stopped <= dialect.day
        age = (dialect.day - o.signed.date()).days
        status = "意外中止" if stopped else "结束" if o.ends <= dialect.day and paid >= o.amount - 0.01 else "执行中"
        shipped = "未出库" if age < 12 or stopped else "部分" if age < 30 else "全部"
        rows.append(
            (
                o.key,
                dialect.plain(o.customer),
                [
                    str(30000 + o.key),
                    o.number,
                    o.title,
                    dialect.customer_of(o.customer),
                    o.kind,
                    dialect.dirt.amount("合同订单", o.key, o.amount),
                    f"{paid:.2f}",
                    dialect.name_of(o.owner),
                    dialect.dirt.day("合同订单", o.key, o.signed.date()),
                    o.signed.date().isoformat(),
                    o.ends.isoformat(),
                    "人民币",
                    status,
                    "同意",
                    shipped,
                    o.terms,
                    dialect.deal_of(o.deal),
                ],
            )
        )
    return rows


def lines(dialect: XTools) -> Rows:
    rows: Rows = []
    for o in dialect.known.orders:
        for x in o.lines:
            p = dialect.world.product_of(x.product)
            rows.append(
                (
                    x.key,
                    dialect.plain(o.customer),
                    [
                        str(40000 + x.key),
                        o.number,
                        p.code,
                        p.name,
                        p.model,
                        str(x.quantity),
                        f"{x.price:.2f}",
                        f"{x.quantity * x.price:.2f}",
                        "13%",
                        f"{100 - x.discount * 100:.1f}%",
                        "",
                    ],
                )
            )
    return rows


def plan(dialect: XTools) -> Rows:
    rows: Rows = []
    for o in dialect.known.orders:
        for x in o.instalments:
            paid = dialect.known.paid(o, x.number)
            status = "未回" if paid <= 0 else "已回" if paid >= x.amount - 0.01 else "部分回款"
            rows.append(
                (
                    x.key,
                    dialect.plain(o.customer),
                    [
                        str(50000 + x.key),
                        x.due.isoformat(),
                        str(x.number),
                        f"{x.amount:.2f}",
                        status,
                        dialect.name_of(o.owner),
                        dialect.name_of(o.owner),
                        dialect.customer_of(o.customer),
                        o.number,
                        "",
                    ],
                )
            )
    return rows


def payments(dialect: XTools) -> Rows:
    rows: Rows = []
    found = sorted((p for o in dialect.known.orders for p in o.payments if p.paid <= dialect.day), key=lambda p: p.key)
    orders = {o.key: o for o in dialect.known.orders}
    for p in found:
        o = orders[p.order]
        plain, key = dialect.plain(o.customer), str(80000 + p.key)
        rows.append(
            (
                p.key,
                plain,
                [
                    key,
                    dialect.customer_of(o.customer),
                    dialect.orphan("回款记录", p.key, plain, 0.003, o.number, f"HT209901-{p.key:03d}", key),
                    dialect.impossible(
                        "回款记录", p.key, plain, 0.002, dialect.dirt.day("回款记录", p.key, p.paid), key
                    ),
                    dialect.dirt.amount("回款记录", p.key, p.amount),
                    p.method,
                    str(p.number),
                    dialect.name_of(o.owner),
                    "财务",
                    "",
                ],
            )
        )
    return rows


def products(dialect: XTools) -> Rows:
    return [
        (
            p.key,
            True,
            [
                str(7000 + p.key),
                p.code,
                p.name,
                p.model,
                p.family,
                f"{p.price:.2f}",
                f"{p.cost:.2f}",
                p.unit,
                str(p.stock),
                "正常" if p.active else "停售",
            ],
        )
        for p in dialect.world.products
    ]


def expenses(dialect: XTools) -> Rows:
    rows: Rows = []
    known = {a.key for a in dialect.known.done}
    for e in dialect.world.expenses:
        if e.spent > dialect.day or e.activity not in known:
            continue
        decided = e.decided is not None and e.decided <= dialect.cut
        status = "审批中" if not decided else "同意" if e.accepted else "否决"
        rows.append(
            (
                e.key,
                dialect.plain(e.customer),
                [
                    str(60000 + e.key),
                    f"BX{e.spent:%Y%m}{e.key:05d}",
                    e.kind,
                    e.spent.isoformat(),
                    f"{e.amount:.2f}",
                    dialect.name_of(e.person),
                    dialect.name_of(e.approver),
                    status,
                    dialect.customer_of(e.customer),
                    str(ACTION + e.activity),
                    e.purpose,
                ],
            )
        )
    return rows


def cases(dialect: XTools) -> Rows:
    rows: Rows = []
    for c in dialect.world.cases:
        if c.opened > dialect.cut:
            continue
        answered = c.answered is not None and c.answered <= dialect.cut
        closed = c.closed is not None and c.closed <= dialect.cut
        contact = dialect.contacts[c.contact]
        rows.append(
            (
                c.key,
                dialect.plain(c.customer),
                [
                    str(70000 + c.key),
                    f"WX{c.opened:%Y%m%d}{c.key:03d}",
                    dialect.name_of(c.person),
                    f"{c.opened:%Y-%m-%d %H:%M}",
                    dialect.customer_of(c.customer),
                    contact.name,
                    contact.phone,
                    c.text,
                    CASE_KINDS[c.kind],
                    dialect.product(c.product),
                    "已完成" if closed else "处理中" if answered else "待接单",
                    {"high": "高", "normal": "中", "low": "低"}[c.priority],
                    f"{c.answered:%Y-%m-%d %H:%M}" if answered else "",
                    f"{c.closed:%Y-%m-%d %H:%M}" if closed else "",
                    str(c.satisfaction) if closed and c.satisfaction else "",
                ],
            )
        )
    return rows


def approvals(dialect: XTools) -> Rows:
    rows: Rows = []
    for a in dialect.world.approvals:
        if a.asked > dialect.cut:
            continue
        decided = a.decided is not None and a.decided <= dialect.cut
        rows.append(
            (
                a.key,
                dialect.plain(dialect.world.deals[a.deal - 1].customer),
                [
                    f"SP{a.asked:%Y%m%d}{a.key:04d}",
                    APPROVAL_KINDS[a.kind],
                    dialect.deal_of(a.deal),
                    dialect.name_of(a.asker),
                    dialect.name_of(a.decider),
                    f"{a.amount:.2f}",
                    f"{a.discount * 100:.1f}%",
                    f"{a.asked:%Y-%m-%d %H:%M}",
                    f"{a.decided:%Y-%m-%d %H:%M}" if decided else "",
                    DECISIONS[a.decision] if decided else "待审",
                ],
            )
        )
    return rows


def targets(dialect: XTools) -> Rows:
    return [
        (
            number,
            True,
            [
                dialect.staff[t.person].name,
                t.month,
                MEASURES[t.measure],
                f"{t.value:g}" if t.value < 1e6 else f"{t.value:.0f}",
            ],
        )
        for number, t in enumerate(dialect.world.targets)
        if t.published <= dialect.day
    ]
