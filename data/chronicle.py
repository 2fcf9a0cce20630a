"""Tells what is planted where, for people (STORIES.md) and for tests (stories.json)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from data import catalogue, people, stories
from data.dirt import Dirt
from data.known import Known, Table
from data.model import Customer, Deal, Person, World
from data.pipeline import WEAK_SINCE, WEAK_TEAM
from data.world import SNAPSHOTS

Count = dict[str, dict[str, Any]]
Firm = dict[str, Any]


class Namer(Protocol):
    """How a dialect calls things."""

    def user(self, person: Person) -> str: ...
    def customer(self, customer: Customer) -> str: ...
    def deal(self, deal: Deal) -> str: ...
    def product(self, key: int) -> str: ...
    def stage(self, name: str) -> str: ...


def count(tables: Sequence[Table], dirt: Dirt) -> Count:
    """Rows per file, and how many of them are dirty in which way, with the ids of those that matter."""
    found: Count = {}
    for table in tables:
        entry: dict[str, Any] = {"rows": len(table.rows)}
        entry |= {what: number for what, number in sorted(dirt.counts.get(table.name, {}).items())}
        found[table.name] = entry
    for name, ids in sorted(dirt.ids.items()):
        table_name, what = name.split(":")
        if table_name in found and what in ("duplicates", "impossible_dates", "orphans", "unknown_amounts"):
            found[table_name][f"{what}_ids"] = ids
    return found


def tell(world: World, namer: Namer, counts: dict[str, Count]) -> Firm:
    """The stories of one firm in the ids its export uses."""
    known = Known(world, SNAPSHOTS[-1])

    def rep(archetype: str) -> dict[str, str]:
        person = world.archetype(archetype)
        return {"id": namer.user(person), "code": person.key, "name": person.name, "team": person.team}

    def manager(archetype: str) -> dict[str, str]:
        person = world.person(world.archetype(archetype).manager)
        return {"id": namer.user(person), "code": person.key, "name": person.name, "team": person.team}

    def client(name: str) -> dict[str, Any]:
        customer = stories.special(world, name)
        owner = world.person(customer.owner.at(known.cut))
        return {
            "id": namer.customer(customer),
            "name": customer.name,
            "owner_id": namer.user(owner),
            "owner": owner.name,
        }

    worth = sorted((known.worth(c) for c in known.customers), reverse=True)
    silent, stopped = stories.special(world, "silent"), stories.special(world, "stopped")
    product = catalogue.loss_maker(world.products)
    big = next(d for d in world.deals if d.special == "big")
    overdue = [
        x for o in known.orders_of[stopped.key] for x in o.instalments if stories.PAYMENTS_STOP < x.due <= SNAPSHOTS[-1]
    ]
    found: dict[str, Any] = {
        "weak_stage": {
            "kind": "weak_stage",
            "stage": namer.stage("proposal"),
            "next_stage": namer.stage("negotiation"),
            "since": WEAK_SINCE.isoformat(),
            "team": WEAK_TEAM[world.firm],
        },
        "over_supervised_star": {"kind": "over_supervised", "rep": rep("star"), "manager": manager("star")},
        "neglected_weak_rep": {"kind": "under_supervised", "rep": rep("weak"), "manager": manager("weak")},
        "silent_vip": {
            "kind": "silent_customer",
            "customer": client("silent"),
            "last_contact": stories.SILENT_LAST_CONTACT.isoformat(),
            "last_order": stories.SILENT_LAST_ORDER.isoformat(),
            "rank_by_orders": worth.index(known.worth(silent)) + 1,
            "ordered": round(known.worth(silent), 2),
        },
        "loss_maker": {
            "kind": "loss_making_product",
            "product": {"id": namer.product(product.key), "code": product.code, "name": product.name},
            "price": product.price,
            "cost": product.cost,
        },
        "dragging_deal": {
            "kind": "close_date_pushed",
            "deal": {"id": namer.deal(big), "name": big.name},
            "customer": client("big"),
            "amount": round(big.amount.at(known.cut), 2),
            "expected_close": {
                day.isoformat(): big.expected.at(Known(world, day).cut).isoformat() for day in SNAPSHOTS
            },
        },
        "stage_outruns_evidence": {
            "kind": "inflated_stages",
            "rep": rep("inflator"),
            "stage": namer.stage("negotiation"),
            "note": "no visit, meeting, demo or quote behind the stage; contact notes often copied",
        },
        "payments_stopped": {
            "kind": "payments_stopped",
            "customer": client("stopped"),
            "paid_until": stories.PAYMENTS_STOP.isoformat(),
            "overdue_instalments": len(overdue),
            "overdue_amount": round(sum(x.amount for x in overdue), 2),
        },
        "leaver": {
            "kind": "leaver",
            "rep": rep("leaver"),
            "left": people.LEAVER_LEFT.isoformat(),
            "open_deals_left_behind": sum(
                1
                for d in known.deals
                if d.owner.at(known.cut) == world.archetype("leaver").key
                and d.outcome_at(known.cut) == "open"
                and d.deleted is None
            ),
        },
        "novice": {"kind": "newly_hired", "rep": rep("novice"), "hired": people.NOVICE_HIRED.isoformat()},
        "targets": {"kind": "course", "ahead_slightly": "2026-Q3", "behind": "2026-Q4"},
    }
    return {"firm": world.firm, "seed": world.seed, "stories": found, "snapshots": counts}


def write(out: Path, told: Sequence[Firm]) -> None:
    """Both lists; only the file for tests holds the counts in full."""
    data = {firm["firm"]: {k: v for k, v in firm.items() if k != "firm"} for firm in told}
    (out / "stories.json").write_text(
        json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n"
    )
    (out / "STORIES.md").write_text("\n".join(_page(told)), encoding="utf-8", newline="\n")


def _page(told: Sequence[Firm]) -> list[str]:
    lines = [
        "# 演示数据里埋了什么 / What is planted in the demo data",
        "",
        "由 `python -m data.generate` 生成，请勿手改。两家公司都是虚构的，数据由程序模拟。快照日期：2026-08-31、2026-09-30、2026-10-31。",
        "",
        "Written by `python -m data.generate`; do not edit. Both firms are invented and simulated. "
        "Everything below holds at the last snapshot unless it says otherwise.",
        "",
    ]
    for firm in told:
        lines += _firm(firm)
    return lines


def _firm(firm: Firm) -> list[str]:
    s = firm["stories"]
    chinese = firm["firm"] == "zh"
    title = (
        "zh：工业自动化设备与软件（超兔导出）/ industrial automation, XTools export"
        if chinese
        else ("en：包装线设备（Salesforce 导出）/ packaging lines, Salesforce export")
    )
    weak, star, poor, vip, loss = (
        s[k] for k in ("weak_stage", "over_supervised_star", "neglected_weak_rep", "silent_vip", "loss_maker")
    )
    drag, claim, stop, gone, fresh = (
        s[k] for k in ("dragging_deal", "stage_outruns_evidence", "payments_stopped", "leaver", "novice")
    )
    dates = " → ".join(drag["expected_close"].values())

    def who(entry: dict[str, str]) -> str:
        return f"{entry['name']} (`{entry['id']}`)"

    rows = [
        ("薄弱阶段", "weak stage", f"{weak['stage']} → {weak['next_stage']}, {weak['since']} ↓; {weak['team']} ↓↓"),
        ("被过度管控的骨干", "over-supervised star", f"{who(star['rep'])}, {who(star['manager'])}"),
        ("无人过问的弱手", "neglected weak rep", f"{who(poor['rep'])}, {who(poor['manager'])}"),
        (
            "沉默的大客户",
            "VIP gone silent",
            f"{who(vip['customer'])}, #{vip['rank_by_orders']}, 最后联系 last contact {vip['last_contact']}, 最后订单 last order {vip['last_order']}",
        ),
        (
            "亏本产品",
            "loss-making product",
            f"{who(loss['product'])}, 标价 price {loss['price']:g}, 成本 cost {loss['cost']:g}",
        ),
        ("一再推迟的大单", "deal that is always next month", f"{who(drag['deal'])}, {drag['amount']:,.0f}, {dates}"),
        ("阶段跑在证据前", "stages ahead of evidence", f"{who(claim['rep'])}, {claim['stage']}"),
        (
            "停止付款的客户",
            "payments stopped",
            f"{who(stop['customer'])}, 付至 paid until {stop['paid_until']}, 逾期 overdue {stop['overdue_instalments']} × = {stop['overdue_amount']:,.2f}",
        ),
        (
            "离职与遗留",
            "leaver",
            f"{who(gone['rep'])}, {gone['left']}, 名下遗留 deals left behind {gone['open_deals_left_behind']}",
        ),
        ("新人", "new colleague", f"{who(fresh['rep'])}, {fresh['hired']}"),
        ("进度", "course", "2026 Q3 略超目标 slightly ahead of target, Q4 落后 behind"),
    ]
    lines = [f"## {title}", "", "| 故事 | story | 谁、哪个、何时 / who, which, when |", "|---|---|---|"]
    lines += [f"| {a} | {b} | {c} |" for a, b, c in rows]
    days = list(firm["snapshots"])
    lines += [
        "",
        "| 文件 / file | " + " | ".join(days) + " | 脏数据 / dirt (last) |",
        "|---|" + "---:|" * len(days) + "---|",
    ]
    for name, last in firm["snapshots"][days[-1]].items():
        dirt = ", ".join(
            f"{what} {number}" for what, number in last.items() if what != "rows" and not what.endswith("_ids")
        )
        numbers = " | ".join(str(firm["snapshots"][day][name]["rows"]) for day in days)
        lines.append(f"| {name} | {numbers} | {dirt} |")
    return [*lines, "", *(_traps_zh() if chinese else _traps_en()), ""]


def _traps_zh() -> list[str]:
    return [
        "格式上的坑 / traps of the format:",
        "",
        "- GB18030、CRLF；客户、销售机会、行动里的人用内部代码（M5），订单、回款、费用、工单、审批、目标里用姓名，离职者写作“姓名(离职)”。",
        "- 约 1% 的客户没有客户编号，别处以 `[id:6006]` 指代；执行人形如 `,M5,M2,`，第二位是陪同的主管或老板。",
        "- 金额偶有 `¥53,000.00`、`1.2万`、`待定`；日期偶有 `2026/3/5`、`2026年3月5日`，个别为不存在的 2026-02-30。",
        "- 少量整行重复；少量客户编号或订单号无对应；行动里 `待办任务` 与未来的 `日程` 不是已发生的联系。",
        "- 被删除的机会从后一次快照中消失。 / Deleted deals vanish from the later snapshot.",
    ]


def _traps_en() -> list[str]:
    return [
        "格式上的坑 / traps of the format:",
        "",
        "- Weekly data export: every value quoted, LF, UTF-8, all dates with a time, booleans 0/1, empty lookup `000000000000000AAA`.",
        "- Deleted rows stay in the files with IsDeleted = 1. Meetings joined by a manager have a second row with IsChild = 1.",
        "- Most OpportunityHistory rows are not stage changes. Planned meetings lie in the future; to-dos share Task with calls.",
        "- A shelved deal has no status of its own here: it is Closed Lost. Approvals carry amount and discount only in a step's comment.",
        "- Invoice, Payment and Target are no Salesforce objects and carry plain headings; only these hold doubled rows.",
    ]
