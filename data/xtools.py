"""Renders a firm as XTools' Chinese exports: screen labels, GB18030, and the traps of the real files.

Owners are part codes in customers, deals and actions, but names in orders, payments and the rest; names of people
who left carry a remark there. Customers are named by their number, or by «[id:…]» where they have none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from data.dirt import DUPLICATES, IMPOSSIBLE, Dirt
from data.known import Known, Table
from data.model import Activity, Customer, Deal, Person, World
from data.xtools_labels import (
    ACTION,
    ACTION_KINDS,
    CONTACT,
    CUSTOMER,
    DATASET,
    DEAL,
    LIFE,
    OUTCOMES,
    PERIODS,
    RESULTS,
    STAGES,
    TASK,
    UNIT_CHANCE,
)
from data.xtools_money import approvals, cases, expenses, lines, orders, payments, plan, products, targets

Rows = list[tuple[int, bool, list[str]]]


def _yes(value: bool) -> str:
    return "是" if value else "否"


class XTools:
    """One snapshot in XTools' dialect."""

    encoding = "gb18030"
    newline = "\r\n"
    quote_all = False

    def __init__(self, world: World, day: date) -> None:
        self.world, self.known, self.dirt = world, Known(world, day), Dirt(world.seed, world.firm)
        self.day, self.cut = day, self.known.cut
        self.staff = {p.key: p for p in world.people}
        self.contacts = {c.key: c for customer in world.customers for c in customer.contacts}
        self.deleted = {d.key for d in self.known.deals if d.deleted is not None and d.deleted <= self.cut}
        self.numbers = {o.key: o.number for o in world.orders}

    @staticmethod
    def user(person: Person) -> str:
        return person.key

    @staticmethod
    def customer(customer: Customer) -> str:
        return customer.number or f"[id:{CUSTOMER + customer.key}]"

    @staticmethod
    def deal(deal: Deal) -> str:
        return str(DEAL + deal.key)

    def product(self, key: int) -> str:
        return self.world.product_of(key).code

    @staticmethod
    def stage(name: str) -> str:
        return STAGES[name]

    @staticmethod
    def chance(index: int) -> int:
        """The probability, in per cent, that goes with a stage."""
        return UNIT_CHANCE[index]

    def stage_of(self, deal: Deal) -> str:
        """The stage a deal is in, or was lost in."""
        return self.stage(self.world.stages[deal.stage.at(self.cut)])

    def tables(self) -> list[Table]:
        """Every file of the export, in a fixed order."""
        makers: dict[str, Callable[[], Rows]] = {
            "用户": self._users,
            "客户": self._customers,
            "联系人": self._contacts,
            "销售机会": self._deals,
            "行动": self._actions,
            "合同订单": partial(orders, self),
            "订单明细": partial(lines, self),
            "计划回款": partial(plan, self),
            "回款记录": partial(payments, self),
            "产品": partial(products, self),
            "费用明细": partial(expenses, self),
            "维修工单": partial(cases, self),
            "审批": partial(approvals, self),
            "业绩目标": partial(targets, self),
        }
        return [self._finish(name, DATASET[name].split(","), maker()) for name, maker in makers.items()]

    def _finish(self, name: str, heading: list[str], rows: Rows) -> Table:
        found: list[list[str]] = []
        for key, plain, row in rows:
            assert len(row) == len(heading), (name, len(row), len(heading))
            found.append(row)
            if plain and name not in ("用户", "产品", "业绩目标") and self.dirt.hits(name, key, "double", DUPLICATES):
                found.append(row)
                self.dirt.count(name, "duplicates", row[0])
        return Table(name, heading, found)

    def name_of(self, key: str) -> str:
        person = self.staff[key]
        gone = person.left is not None and person.left <= self.day
        return f"{person.name}(离职)" if gone else person.name

    def customer_of(self, key: int) -> str:
        return self.customer(self.world.customer_of(key))

    def plain(self, customer: int) -> bool:
        return customer not in self.known.specials

    def orphan(self, table: str, key: int, plain: bool, share: float, right: str, wrong: str, row: str) -> str:
        if plain and self.dirt.hits(table, key, "orphan", share):
            self.dirt.count(table, "orphans", row)
            return wrong
        return right

    def impossible(self, table: str, key: int, plain: bool, share: float, right: str, row: str) -> str:
        if plain and self.dirt.hits(table, key, "impossible", share):
            self.dirt.count(table, "impossible_dates", row)
            return IMPOSSIBLE + right[10:]
        return right

    def _users(self) -> Rows:
        types = {"owner": "老板", "manager": "主管", "rep": "一般人员"}
        rows: Rows = []
        for number, p in enumerate(self.world.people, 1):
            if p.hired > self.day:
                continue
            gone = p.left is not None and p.left <= self.day
            rows.append(
                (
                    number,
                    True,
                    [
                        str(100 + number),
                        p.login,
                        p.key,
                        p.name,
                        p.team,
                        p.title,
                        "离职" if gone else "正常",
                        types[p.role],
                        p.hired.isoformat(),
                        p.left.isoformat() if p.left and gone else "",
                    ],
                )
            )
        return rows

    def _customers(self) -> Rows:
        rows: Rows = []
        for c in self.known.customers:
            life, worth = self.known.lifecycle(c), self.known.worth(c)
            orders = self.known.orders_of[c.key]
            kind = "VIP客户" if worth > 900000 else ("潜在客户", "普通客户", "普通客户", "失效客户")[life]
            first = min(o.signed for o in orders).date().isoformat() if orders else ""
            touched = max(self.known.touched_customer.get(c.key, c.created), c.created)
            rows.append(
                (
                    c.key,
                    self.plain(c.key),
                    [
                        str(CUSTOMER + c.key),
                        c.number,
                        c.name,
                        c.short,
                        LIFE[life],
                        kind,
                        PERIODS[life],
                        c.source,
                        "高" if c.size > 2.5 else "中" if c.size > 0.8 else "低",
                        c.industry,
                        _headcount(c.headcount),
                        c.region,
                        c.city,
                        c.phone,
                        c.owner.at(self.cut),
                        first,
                        self.dirt.day("客户", c.key, c.created.date()),
                        touched.date().isoformat(),
                        c.note,
                    ],
                )
            )
        return rows

    def _contacts(self) -> Rows:
        rows: Rows = []
        for customer in self.known.customers:
            for c in customer.contacts:
                if c.created > self.cut:
                    continue
                plain = self.plain(customer.key)
                gone = c.left is not None and c.left <= self.day
                rows.append(
                    (
                        c.key,
                        plain,
                        [
                            str(CONTACT + c.key),
                            c.name,
                            self.orphan(
                                "联系人",
                                c.key,
                                plain,
                                0.002,
                                self.customer(customer),
                                f"KH9{c.key:04d}",
                                str(CONTACT + c.key),
                            ),
                            "男" if c.male else "女",
                            c.last + ("先生" if c.male else "女士"),
                            c.department,
                            c.title,
                            "",
                            c.phone,
                            c.mobile,
                            c.email,
                            c.handle,
                            c.birthday.isoformat() if c.birthday else "",
                            "离职" if gone else "主联系人" if c.main else "联系人",
                            c.note,
                            c.created.date().isoformat(),
                        ],
                    )
                )
        return rows

    def _deals(self) -> Rows:
        rows: Rows = []
        for d in self.known.deals:
            if d.key in self.deleted:
                continue
            plain = self.plain(d.customer)
            outcome = d.outcome_at(self.cut)
            index = d.stage.at(self.cut)
            until = d.end if outcome != "open" and d.end is not None else self.cut
            seconds = 0 if outcome == "won" else max(0, round((until - d.stage.since(self.cut)).total_seconds()))
            step, step_on = d.step.at(self.cut) if d.step.steps and d.step.steps[0][0] <= self.cut else ("", None)
            closed = outcome != "open"
            changed = self.known.changed(d)
            found = self.dirt.day("销售机会", d.key, d.created.date())
            chance = self.chance(index) if outcome in ("open", "won") else 0
            rows.append(
                (
                    d.key,
                    plain,
                    [
                        self.deal(d),
                        d.name,
                        self.customer_of(d.customer),
                        self.contacts[d.contact].name,
                        self.impossible("销售机会", d.key, plain, 0.0012, found, self.deal(d)) if closed else found,
                        d.expected.at(self.cut).isoformat(),
                        self.dirt.amount("销售机会", d.key, d.amount.at(self.cut), unknown=plain and outcome == "lost"),
                        f"{chance}%",
                        d.owner.at(self.cut),
                        d.provider,
                        self.stage_of(d),
                        d.loss_reason if outcome == "lost" else "",
                        str(seconds),
                        OUTCOMES[outcome],
                        d.kind,
                        d.source,
                        d.need,
                        d.competitor,
                        d.loss_reason if outcome == "lost" else "",
                        "" if closed else step,
                        "" if closed or step_on is None else step_on.isoformat(),
                        d.created.date().isoformat(),
                        changed.date().isoformat(),
                        f"{changed:%Y-%m-%d %H:%M:%S}",
                    ],
                )
            )
        return rows

    def _action(self, a: Activity, kind: str) -> tuple[int, bool, list[str]]:
        plain = self.plain(a.customer) and a.deal not in self.known.special_deals
        label = ACTION_KINDS[a.kind]
        if a.kind in ("visit", "meeting"):
            label = "市外拜访" if a.away else "市内拜访"
        key = str(ACTION + a.key)
        past = kind == "记录"
        return (
            a.key,
            plain,
            [
                key,
                kind,
                a.subject,
                a.note if past else "",
                label,
                self.orphan(
                    "行动", a.key, plain and past, 0.0003, self.customer_of(a.customer), f"KH9{a.key % 10000:04d}", key
                ),
                str(CONTACT + a.contact),
                f",{a.owner},{a.joined}," if a.joined else f",{a.owner},",
                self.impossible("行动", a.key, plain and past, 0.0003, f"{a.at:%Y-%m-%d %H:%M}", key),
                f"{a.at:%Y-%m-%d}",
                self.deal_of(a.deal),
                RESULTS.get(a.outcome, "") if past else "",
                "呼入" if a.inbound else "呼出",
                str(a.minutes) if past else "",
                "",
                "",
                "",
                a.owner,
            ],
        )

    def deal_of(self, key: int) -> str:
        return str(DEAL + key) if key and key not in self.deleted else ""

    def _actions(self) -> Rows:
        rows = [self._action(a, "记录") for a in self.known.done]
        rows += [self._action(a, "日程") for a in self.known.planned]
        for t in self.known.tasks:
            done = t.done is not None and t.done <= self.cut
            rows.append(
                (
                    TASK + t.key,
                    self.plain(t.customer),
                    [
                        str(TASK + t.key),
                        "待办任务",
                        t.subject,
                        "",
                        "",
                        self.customer_of(t.customer),
                        "",
                        f",{t.owner},",
                        f"{t.created:%Y-%m-%d %H:%M}",
                        "",
                        self.deal_of(t.deal),
                        "",
                        "",
                        "",
                        _yes(done),
                        t.due.isoformat(),
                        f"{t.done:%Y-%m-%d %H:%M}" if done else "",
                        t.author,
                    ],
                )
            )
        return rows


def _headcount(value: int) -> str:
    for limit, label in ((50, "50人以下"), (200, "50-200人"), (500, "200-500人"), (1000, "500-1000人")):
        if value < limit:
            return label
    return "1000人以上"
