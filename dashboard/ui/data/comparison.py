"""Comparison: two snapshots of one series side by side, and what has changed in the data between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.engine import Filters, Lens
from dashboard.snapshots.likeness import unlike
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.text import Count, Money
from dashboard.ui import explanation, session
from dashboard.ui.choice import choose
from dashboard.ui.data import likeness
from dashboard.ui.data.snapshot_words import is_outdated
from dashboard.ui.pair import choose_pair, offer_switch
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Which change to list when none was chosen.
_LOOK_FIRST = ("gone", "lost", "won", "new")


def draw(view: View) -> None:
    """Two choices and what differs between them; only worked out while it is open."""
    if view.snapshot is None:
        return
    is_linked = view.param("after") is not None or view.param("before") is not None
    title = view.say("snapshots.compare.title")
    box = st.expander(title, is_linked, icon=":material/compare_arrows:", key="compare", on_change="rerun")
    if not box.open:
        return
    with box:
        snapshots = session.store().list(view.snapshot.series)
        if len(snapshots) < 2:
            view.note("snapshots.compare.one")
            return
        before, after = pair = choose_pair(view, snapshots)
        if after.id == before.id:
            view.note("snapshots.compare.equal")
        elif any(is_outdated(snapshot) for snapshot in pair):
            view.note("snapshots.compare.outdated")
        else:
            _compared(view, *pair)


def _compared(view: View, before: Snapshot, after: Snapshot) -> None:
    try:
        # Whatever the filters are on other pages, here the question is what the files hold.
        lens = session.engine().lens(after.id, view.viewer, Filters(), against=before.id)
        tables = lens.rows("data/compare_tables")
        kinds = lens.rows("data/compare_deals")
    except SnapshotError as error:
        st.error(explanation.problem(view, error), icon=":material/error:")
        return
    _answer(view, before, after, kinds)
    likeness.warn(view, unlike(tables, before.as_of))
    _deals(view, lens, kinds)
    view.section("snapshots.compare.tables")
    counts = ("n_before", "n_after", "n_new", "n_gone", "n_changed")
    columns = [Column("table_name", label="snapshots.col.table", codes="ui.table_name", pinned=True)]
    columns += [Column(name, "count", label=f"snapshots.col.{name}") for name in counts]
    view.table(tables, columns, query="data/compare_tables", key="compare.tables")


def _answer(view: View, before: Snapshot, after: Snapshot, kinds: Sequence[Row]) -> None:
    days = {"before": before.as_of, "after": after.as_of}
    if not any(row["n"] for row in kinds):
        st.markdown(view.say("snapshots.compare.nothing", **days))
        return
    n = {row["kind"]: Count(row["n"]) for row in kinds}
    won = next(Money(row["amount"]) for row in kinds if row["kind"] == "won")
    facts = {f"n_{kind}": n[kind] for kind in ("new", "won", "lost", "gone")}
    st.markdown(view.say("snapshots.compare.answer", **days, **facts, won=won))


def _deals(view: View, lens: Lens, kinds: Sequence[Row]) -> None:
    happened = [row for row in kinds if row["n"]]
    if not happened:
        return
    grid = st.grid(4, min_column_width=140, gap="small")
    for row in happened:
        sign = "+" if row["kind"] == "amount" else ""
        grid.metric(
            view.say(f"data.kind.{row['kind']}"),
            view.safe(view.show(Money(row["amount"]), sign)),
            delta=view.plain("snapshots.compare.n", n=Count(row["n"])),
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    view.about("data/compare_deals", key="compare.kinds")
    codes = [row["kind"] for row in happened]
    kind = choose(view, "kind", codes, next((code for code in _LOOK_FIRST if code in codes), codes[0]))
    is_shown = offer_switch(view, lens.snapshot)
    columns = [Column("name", label="snapshots.col.deal", pinned=True, width="medium")]
    columns += [Column(name, type_, label=f"snapshots.col.{name}") for name, type_ in _COLUMNS]
    # A deal that is gone from the data has no page to open.
    opens = ("deal", "opportunity_id") if is_shown and kind != "gone" else None
    rows = lens.ask("data/compare_deal_list", kind=kind)
    view.table(rows, columns, query="data/compare_deal_list", key="compare.deals", opens=opens)


_COLUMNS = (
    ("change", "money"),
    ("old_stage", "text"),
    ("stage", "text"),
    ("old_amount", "money"),
    ("amount", "money"),
    ("old_owner", "text"),
    ("owner", "text"),
    ("old_close_on", "date"),
    ("close_on", "date"),
)
