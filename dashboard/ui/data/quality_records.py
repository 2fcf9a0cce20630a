"""Records that need care: overtaken by time, pointing nowhere, owned by nobody, perhaps there twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.text import Count, Money, Percent, has
from dashboard.ui import explanation
from dashboard.ui.choice import choose
from dashboard.ui.data.snapshot_change import ask
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = dict[str, Any]

#: Kinds of stale record, the gravest first: column that counts them -> table it needs.
STALE = {"past_close": "opportunities", "idle": "opportunities", "overdue": "tasks", "future": "activities"}
#: References named in a sentence each; the table has them all.
MOST = 5
#: A table with more rows than this scrolls within itself.
TALL = 9

_DUPLICATES = {
    "deals": (
        Column("name", label="nav.deal", pinned=True),
        Column("account_name", label="ui.col.account"),
        Column("owner_name", label="ui.col.owner"),
        Column("amount", "money", label="ui.col.amount"),
        Column("stage", label="ui.col.stage"),
        Column("created_on", "date", label="ui.col.created_on"),
    ),
    "accounts": (
        Column("name", label="ui.col.account", pinned=True),
        Column("owner_name", label="ui.col.owner"),
        Column("n_deals", "count", label="quality.col.n_deals"),
        Column("n_open", "count"),
        Column("won_amount", "money", label="quality.col.won_amount"),
        Column("account_id", label="quality.col.id"),
    ),
    "contacts": (
        Column("name", label="quality.col.person", pinned=True),
        Column("account_name", label="ui.col.account"),
        Column("shared", label="quality.col.shared"),
        Column("owner_name", label="ui.col.owner"),
        Column("contact_id", label="quality.col.id"),
    ),
}


def draw(view: View) -> None:
    """Everything of this part."""
    stale(view)
    orphans(view)
    duplicates(view)


def stale(view: View) -> None:
    """Records that time has overtaken: how many of which kind, the records themselves, and whose they are."""
    if not any(view.lens.has(table) for table in STALE.values()):
        return
    view.section("quality.section.stale")
    people = view.lens.rows("data/stale_by_owner")
    counts = {kind: sum(row[f"n_{kind}"] for row in people) for kind in STALE}
    if not any(counts.values()):
        st.markdown(view.say("quality.stale.none"))
        view.about("data/stale_by_owner", key="stale-none")
        return
    facts: dict[str, object] = {f"n_{kind}": Count(n) for kind, n in counts.items()}
    facts |= {f"{kind}_amount": Money(sum(row[f"{kind}_amount"] for row in people)) for kind in ("past_close", "idle")}
    told = [view.say(f"quality.stale.{kind}", **facts) for kind, n in counts.items() if n]
    st.markdown("\n".join(f"- {line}" for line in told))
    kinds = [kind for kind, n in counts.items() if n]
    kind = choose(view, "stale", kinds, kinds[0]) if len(kinds) > 1 else kinds[0]
    _stale_records(view, kind, counts[kind])
    columns = [Column("name", pinned=True), Column("team", label="ui.col.team"), Column("n_open", "count")]
    for kind_ in kinds:  # what nobody has needs no column
        columns.append(Column(f"n_{kind_}", "count", label=f"quality.col.n_{kind_}"))
        if f"{kind_}_amount" in people[0]:
            columns.append(Column(f"{kind_}_amount", "money", label=f"quality.col.{kind_}_amount"))
    nobody = view.plain("quality.nobody")
    shown = [row | {"name": row["name"] or row["user_id"] or nobody} for row in people]
    st.markdown(view.say("quality.stale.whose"))
    view.table(shown, columns, query="data/stale_by_owner", key="stale-owners", opens=("salesperson", "user_id"))


def _stale_records(view: View, kind: str, total: int) -> None:
    columns = [
        Column("name", label="quality.col.record", pinned=True),
        Column("account_name", label="ui.col.account"),
        Column("owner_name", label="ui.col.owner"),
        Column("amount", "money", label="ui.col.amount"),
        Column("on_date", "date", label=f"quality.col.on_{kind}"),
        Column("n_days", "days", label="quality.col.n_days"),
    ]
    rows = [row | {"name": row["name"] or row["record_id"]} for row in view.lens.rows("data/stale_records", kind=kind)]
    view.table(
        rows,
        columns,
        query="data/stale_records",
        key="stale",
        opens=("deal", "opportunity_id"),
        total=total,
        height=_height(rows),
    )


def orphans(view: View) -> None:
    """References to records that are not there, and records that nobody owns, with what that costs."""
    view.section("quality.section.orphans")
    kinds = view.lens.rows("data/missing_references")
    ownerless = view.lens.rows("data/ownerless")
    if not kinds and not ownerless:
        st.caption(view.say("data.missing.none"))
        return
    told = [_ownerless(view, row) for row in ownerless]
    said = {(row["table_name"], "owner_id") for row in ownerless}
    others = [row for row in kinds if (row["table_name"], row["column_name"]) not in said]
    told += [_leads_nowhere(view, row) for row in others[:MOST]]
    st.markdown("\n".join(f"- {line}" for line in told))
    if ownerless:
        view.about("data/ownerless", key="ownerless")
    if not kinds:
        return
    shown = [
        row
        | {
            "table_name": view.plain(f"ui.table_name.{row['table_name']}"),
            "field": reference(view, row["column_name"]),
            "reason": explanation.reason(view, row["reason"]),
        }
        for row in view.lens.rows("data/missing_values")
    ]
    columns = [
        Column("reference", label="quality.col.reference", pinned=True),
        Column("n_rows", "count"),
        Column("table_name"),
        Column("field", label="quality.col.points_to"),
        Column("reason", width="medium"),
        Column("share", "percent", label="quality.col.share"),
    ]
    total = sum(row["n_references"] for row in kinds)
    asked = ("data/missing_values", "data/missing_references")
    view.table(shown, columns, query=asked, key="references", total=total, height=_height(shown))
    view.note("data.missing.note")
    if view.snapshot is not None and view.snapshot.originals:
        st.button(
            view.say("quality.orphans.mend"),
            key="orphans.reopen",
            icon=":material/build:",
            help=view.say("snapshots.menu.reopen_help"),
            on_click=ask,
            args=("reopen",),
            kwargs={"id": view.snapshot.id},
        )


def reference(view: View, column: str) -> str:
    """What a referring column points to, plain text."""
    return view.plain(f"field.{column}") if has(f"field.{column}") else column


def _leads_nowhere(view: View, row: Row) -> str:
    stem = row["column_name"].removesuffix("_id").removesuffix("_key")
    keys = (f"quality.means.{row['table_name']}_{stem}", f"quality.means.{stem}", "quality.means.other")
    return view.say(
        f"quality.nowhere.{row['reason'] if row['reason'] == 'ambiguous' else 'absent'}",
        table=view.plain(f"ui.table_name.{row['table_name']}"),
        field=reference(view, row["column_name"]),
        n=Count(row["n_rows"]),
        n_references=Count(row["n_references"]),
        top=row["top_reference"],
        n_top=Count(row["n_top"]),
        means=view.plain(next(key for key in keys if has(key))),
    )


def _ownerless(view: View, row: Row) -> str:
    return view.say(
        "quality.ownerless.money" if row["amount"] else "quality.ownerless.plain",
        table=view.plain(f"ui.table_name.{row['table_name']}"),
        n=Count(row["n_ownerless"]),
        total=Count(row["n_rows"]),
        rate=Percent(row["ownerless_rate"]),
        amount=Money(row["amount"]),
        known=view.plain("quality.ownerless.unknown", n=Count(row["n_unknown"])) if row["n_unknown"] else "",
    )


def duplicates(view: View) -> None:
    """What may be in the CRM twice: customers, people, deals. Leads only."""
    if not any(view.lens.has(table) for table in ("accounts", "contacts", "opportunities")):
        return
    view.section("quality.section.duplicates")
    found = {kind: view.lens.rows(f"data/duplicate_{kind}") for kind in _DUPLICATES if view.lens.has(_table_of(kind))}
    kinds = [kind for kind, rows in found.items() if rows]
    if not kinds:
        st.markdown(view.say("quality.duplicates.none"))
        view.about([f"data/duplicate_{kind}" for kind in found], key="duplicates-none")
        return
    told = [view.say(f"quality.duplicates.{kind}", n=Count(found[kind][0]["n_groups"])) for kind in kinds]
    st.markdown("\n".join(f"- {line}" for line in told))
    kind = choose(view, "twice", kinds, kinds[0]) if len(kinds) > 1 else kinds[0]
    _duplicates(view, kind, found[kind])


def _duplicates(view: View, kind: str, rows: Sequence[Row]) -> None:
    columns = [Column("place", "count", label="quality.col.group", width="small"), *_DUPLICATES[kind]]
    shown = [row | {"name": row["name"] or row.get("opportunity_id")} for row in rows]
    name = f"data/duplicate_{kind}"
    view.table(shown, columns, query=name, key=f"twice-{kind}", opens=("deal", "opportunity_id"), height=_height(shown))
    view.note(f"quality.duplicates.note_{kind}")


def _height(rows: Sequence[Row]) -> int | None:
    return 320 if len(rows) > TALL else None


def _table_of(kind: str) -> str:
    return "opportunities" if kind == "deals" else kind
