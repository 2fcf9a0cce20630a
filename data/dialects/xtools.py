"""The triple in XTools: Chinese headings in GB18030, people as part codes or names, cells as people type them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data.archive import encode
from data.common_ground import JOBS
from data.dialects.records import Clean, Mess, More, Row, deleted_deals, messed, revised
from data.known import Table
from data.model import Activity, Deal, World
from data.xtools import XTools
from data.xtools_labels import ACTION, CONTACT, CUSTOMER, DEAL, TASK

_STAGES = {
    "prospecting": "初期沟通",
    "qualification": "需求确认",
    "needs": "需求分析",
    "proposal": "方案报价",
    "negotiation": "商务谈判",
    "won": "签约",
}
_LOST = "丢单"
_CHANCES = (10, 20, 40, 60, 80, 100)
_TITLES = {job.title: job.chinese for job in JOBS}
_LEVELS = {"high": "高", "normal": "普通", "low": "低"}
# Every so many-th cell of these is written as somebody typed it.
_AMOUNTS = {"销售机会": "预期金额", "合同订单": "总金额", "回款记录": "回款金额", "计划回款": "金额"}
_DATES = {"销售机会": "预计签约日期", "合同订单": "签约日期", "回款记录": "日期", "客户": "创建日期"}
_TEXTS = {"客户": "客户名称", "联系人": "姓名", "销售机会": "主题", "产品": "名称"}


class TripleXTools(XTools):
    """One snapshot of the triple in XTools' dialect."""

    def __init__(self, world: World, day: date, more: More = More.NOTHING) -> None:
        super().__init__(world, day)
        self.more = more
        self.dirt = Clean(world.seed, world.firm)
        gone = deleted_deals(self.known)
        self.known.done = [a for a in self.known.done if a.deal not in gone]
        self.known.tasks = [t for t in self.known.tasks if t.deal not in gone]

    @staticmethod
    def stage(name: str) -> str:
        return _STAGES[name]

    @staticmethod
    def chance(index: int) -> int:
        return _CHANCES[index]

    def stage_of(self, deal: Deal) -> str:
        """A lost deal is moved to a stage of its own, as Salesforce does it, unless it is to tell where it was lost."""
        moved = deal.outcome_at(self.cut) == "lost" and self.more is not More.WHERE_LOST
        return _LOST if moved else super().stage_of(deal)

    def _action(self, a: Activity, kind: str) -> tuple[int, bool, list[str]]:
        key, plain, row = super()._action(a, kind)
        row[4] = "会议" if a.kind == "meeting" else row[4]
        row[6] = row[6] if a.contact else ""
        row[13] = row[13] if a.minutes or a.kind in ("call", "meeting") else ""
        return key, plain, row

    def tables(self) -> list[Table]:
        """Every file of the export that the triple has, in a fixed order."""
        found = {table.name: table for table in super().tables() if table.name not in ("费用明细", "审批")}
        deals = {self.deal(d): d for d in self.known.deals}
        customers = {str(CUSTOMER + c.key): c for c in self.world.customers}
        contacts = {str(CONTACT + c.key): c for c in self.contacts.values()}
        tasks = {str(TASK + t.key): t for t in self.known.tasks}

        def made(row: Row) -> str:
            return f"{deals[row['ID']].created:%Y-%m-%d %H:%M:%S}"

        def stayed(row: Row) -> str:
            return "0" if row["阶段"] == _LOST else row["阶段停留时间(秒)"]

        def written(row: Row) -> str:
            return f"{tasks[row['ID']].created:%Y-%m-%d %H:%M}" if row["ID"] in tasks else ""

        found["用户"] = revised(
            found["用户"],
            {
                "邮箱": lambda row: f"{row['登录名']}@example.com",
                "区域": lambda row: row["部门"],
            },
        )
        found["客户"] = revised(
            found["客户"],
            {
                "生命周期": lambda row: "潜在" if row["生命周期"] == "潜在" else "签约",
                "客户种类": lambda row: row["关系等级"],
                "人员规模": lambda row: f"{customers[row['ID']].headcount}人",
                "创建日期": lambda row: f"{customers[row['ID']].created:%Y-%m-%d %H:%M:%S}",
            },
            without=("客户来源",),
        )
        found["联系人"] = revised(
            found["联系人"],
            {
                "职务": lambda row: _TITLES[row["职务"]],
                "创建日期": lambda row: f"{contacts[row['ID']].created:%Y-%m-%d %H:%M:%S}",
            },
        )
        found["销售机会"] = revised(
            found["销售机会"],
            {"发现日期": made, "创建日期": made, "币种": lambda row: "美元", "阶段停留时间(秒)": stayed},
            without=() if self.more is More.SINCE else ("阶段停留时间(秒)",),
        )
        found["行动"] = revised(
            found["行动"],
            {
                "创建日期": written,
                "优先级": lambda row: _LEVELS[tasks[row["ID"]].priority] if row["ID"] in tasks else "",
            },
        )
        found["合同订单"] = revised(
            found["合同订单"],
            {"币种": lambda row: "美元", "状态": lambda row: "执行中" if row["状态"] == "结束" else row["状态"]},
            without=("结束",),
        )
        found["订单明细"] = revised(found["订单明细"], {}, without=("折扣",))
        return list(found.values())

    def meanings(self) -> dict[str, str]:
        """What each id and word of this dialect stands for, in words shared by all three."""
        world = self.world
        found = {f"user {p.key}": str(100 + number) for number, p in enumerate(world.people, 1)}
        for kind, start, keys in (
            ("contact", CONTACT, list(self.contacts)),
            ("deal", DEAL, [d.key for d in world.deals]),
            ("line", 40000, [x.key for o in world.orders for x in o.lines]),
            ("instalment", 50000, [x.key for o in world.orders for x in o.instalments]),
            ("payment", 80000, [p.key for o in world.orders for p in o.payments]),
            ("activity", ACTION, [a.key for a in world.activities]),
            ("task", TASK, [t.key for t in world.tasks]),
        ):
            found |= {f"{kind} {key}": str(start + key) for key in keys}
        found |= {f"account {c.key}": self.customer(c) for c in world.customers}
        found |= {f"product {p.key}": p.code for p in world.products}
        found |= {f"order {o.key}": o.number for o in world.orders}
        found |= {f"case {c.key}": f"WX{c.opened:%Y%m%d}{c.key:03d}" for c in world.cases}
        found |= {f"stage {name}": label for name, label in _STAGES.items()} | {"stage lost": _LOST}
        words = {chinese: title for title, chinese in _TITLES.items()}
        return words | {written: meant for meant, written in found.items()}


def write(world: World, day: date, folder: Path, more: More = More.NOTHING) -> dict[str, str]:
    """The export of one day into a folder: amounts and dates in several forms, blanks at the end, a line of totals."""
    dialect = TripleXTools(world, day, more)
    for place, table in enumerate(dialect.tables()):
        found = messed(
            _typed(table), Mess(turned=day.month * place, doubled=table.name in ("客户", "行动", "订单明细"))
        )
        data = encode(found, dialect)
        if table.name == "回款记录":
            data += f"合计,,,共 {len(table.rows)} 条\r\n".encode(dialect.encoding)
        (folder / f"{table.name}.csv").write_bytes(data)
    return dialect.meanings()


def _typed(table: Table) -> Table:
    """The file with some cells written in another way that means the same."""
    amount, day, text = (columns.get(table.name, "") for columns in (_AMOUNTS, _DATES, _TEXTS))
    rows = []
    for number, row in enumerate(table.rows):
        cells = dict(zip(table.heading, row, strict=True))
        if amount and number % 5 == 0:
            cells[amount] = f"¥{float(cells[amount]):,.2f}"
        if day and number % 7 == 0:
            year, month, rest = cells[day].split("-")
            cells[day] = f"{year}/{int(month)}/{int(rest[:2])}{rest[2:]}"
        elif day and number % 11 == 0 and len(cells[day]) == 10:
            year, month, rest = cells[day].split("-")
            cells[day] = f"{year}年{int(month)}月{int(rest)}日"
        if text and number % 13 == 0:
            cells[text] += "  "
        rows.append(list(cells.values()))
    return Table(table.name, table.heading, rows)
