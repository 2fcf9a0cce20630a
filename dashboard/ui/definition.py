"""What a figure means: its definition, its period, its SQL, and its rows to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import queryfile
from dashboard.catalogue import metrics
from dashboard.text.formats import Span
from dashboard.ui import export as exporting
from dashboard.ui.card import Card

if TYPE_CHECKING:
    from dashboard.ui.page import View
    from dashboard.ui.table import Column

Export = tuple[Sequence[Mapping[str, Any]], Sequence["Column"], Mapping[str, str]]


def draw(
    view: View, queries: Sequence[str], *, key: str, defined: Sequence[Card] = (), export: Export | None = None
) -> None:
    """A quiet button; its content is only computed while it is open."""
    label = view.say("ui.about.export" if export else "ui.about.label")
    box = st.popover(label, type="tertiary", icon=":material/info:", key=f"about.{view.page}.{key}", on_change="rerun")
    if not box.open:
        return
    with box:
        asked = [card.metric for card in defined]
        for metric in [metrics()[name] for name in asked] or [m for m in metrics().values() if m.query in queries]:
            st.markdown(f"**{view.safe(metric.label[view.lang])}** — {view.safe(metric.definition[view.lang])}")
        st.caption(_period(view, queries))
        if export:
            _downloads(view, key, export)
        for name in queries:
            _query(view, name)


def _period(view: View, queries: Sequence[str]) -> str:
    start, end, compare_start, compare_end = view.lens.window
    used = set().union(*(queryfile.load(name).parameters for name in queries)) if queries else set()
    facts = {"as_of": view.lens.as_of, "period": Span(start, end), "compared": Span(compare_start, compare_end)}
    if "compare_start" in used or "compare_end" in used:
        return view.say("ui.about.compared", **facts)
    return view.say("ui.about.period" if "period_start" in used else "ui.about.as_of", **facts)


def _query(view: View, name: str) -> None:
    query = queryfile.load(name)
    st.markdown(f"**SQL** · {view.safe(name)}")
    st.caption(
        view.say("ui.about.header", what=query.what, row=query.row, definition=query.definition)
        + ("\n\n" + view.say("ui.about.leaves_out", text=query.leaves_out) if query.leaves_out else "")
    )
    st.code(query.sql, language="sql", height=240)


def _downloads(view: View, key: str, export: Export) -> None:
    name = f"{view.page}-{key}-{view.lens.as_of.isoformat()}"
    with st.container(horizontal=True):
        for kind, (mime, write) in exporting.KINDS.items():
            st.download_button(
                view.say(f"ui.export.{kind}"),
                partial(_written, view, export, write),
                file_name=f"{name}.{kind}",
                mime=mime,
                key=f"export.{kind}.{view.page}.{key}",
                on_click="ignore",
                icon=":material/download:",
            )


def _written(view: View, export: Export, write: Any) -> bytes:
    from dashboard.ui.table import cell

    records, columns, heads = export
    rows = ([cell(view, column, record.get(column.name)) for column in columns] for record in records)
    written: bytes = write([heads[column.name] for column in columns], rows)
    return written
