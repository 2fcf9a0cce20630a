"""Writes the planted stories down: stories.json for tests, STORIES.md for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from data.chronicle import Firm

_TRAPS = {
    "zh": """\
格式上的坑 / traps of the format:

- GB18030、CRLF；客户、销售机会、行动里的人用内部代码（M5），订单、回款、费用、工单、审批、目标里用姓名；
  除目标外，离职者写作“姓名(离职)”。
- 约 1% 的客户没有客户编号，别处以 `[id:6006]` 指代；执行人形如 `,M5,M2,`，第二位是陪同的主管或老板。
- 行动的联系人是联系人 ID，销售机会的客户联系人、维修工单的联系人是姓名。
- 金额偶有 `¥53,000.00`、`1.2万`、`待定`；日期偶有 `2026/3/5`、`2026年3月5日`，个别为不存在的 2026-02-30。
- 少量整行重复；少量客户编号或订单号无对应；行动里 `待办任务` 与 `日程` 不是已发生的联系。
- 被删除的机会从后一次快照中消失。 / Deleted deals vanish from the later snapshot.
""",
    "en": """\
格式上的坑 / traps of the format:

- Weekly data export: every value quoted, LF, UTF-8, all dates with a time, booleans 0/1, empty lookup
  `000000000000000AAA`.
- Deleted rows stay in the files with IsDeleted = 1. Meetings joined by a manager have a second row with
  IsChild = 1.
- Most OpportunityHistory rows are not stage changes. Planned meetings lie in the future; to-dos share Task
  with calls.
- A shelved deal has no status of its own here: it is Closed Lost. Approvals carry amount and discount only in
  a step's comment.
- Invoice, Payment and Target are no Salesforce objects and carry plain headings; only these hold doubled rows.
""",
}
_TITLES = {
    "zh": "zh：工业自动化设备与软件（超兔导出）/ industrial automation, XTools export",
    "en": "en：包装线设备（Salesforce 导出）/ packaging lines, Salesforce export",
}


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
        "由 `python -m data.generate` 生成，请勿手改。两家公司都是虚构的，数据由程序模拟。",
        "快照日期：2026-08-31、2026-09-30、2026-10-31；下述情形均以最后一次快照为准。",
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
            f"{who(vip['customer'])}, #{vip['rank_by_orders']}, 最后联系 last contact {vip['last_contact']}, "
            f"最后订单 last order {vip['last_order']}",
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
            f"{who(stop['customer'])}, 付至 paid until {stop['paid_until']}, "
            f"逾期 overdue {stop['overdue_instalments']} = {stop['overdue_amount']:,.2f}",
        ),
        (
            "离职与遗留",
            "leaver",
            f"{who(gone['rep'])}, {gone['left']}, 名下遗留 deals left behind {gone['open_deals_left_behind']}",
        ),
        ("新人", "new colleague", f"{who(fresh['rep'])}, {fresh['hired']}"),
        ("进度", "course", "2026 Q3 略超目标 slightly ahead of target, Q4 落后 behind"),
    ]
    lines = [f"## {_TITLES[firm['firm']]}", "", "| 故事 | story | 谁、哪个、何时 / who, which, when |", "|---|---|---|"]
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
    return [*lines, "", _TRAPS[firm["firm"]]]
