"""Quality: what was taken over, what was not and why, and what needs filling in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.charts import bars
from dashboard.text import Count, Percent, has
from dashboard.ui import export, upload
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Below this share a field is named as what needs filling in.
WELL_FILLED = 0.9


def accounting(view: View) -> None:
    """What became of each file, and why some of it was held back."""
    files = view.lens.rows("data/accounting")
    if not files:
        return
    view.section("data.section.accounting")
    rows = [
        row
        | {
            "file": row["name"],
            "source": upload.source_name(view, row["profile"] or ""),
            "targets": upload.tables_named(view, (row["targets"] or "").split(",") if row["targets"] else []),
            "note": upload.reason(view, row["note"]) if row["note"] else None,
        }
        for row in files
    ]
    counts = ("n_records", "n_kept", "n_merged", "n_rejected", "n_cells_blanked")
    columns = [Column("file"), Column("source"), Column("targets"), *(Column(n, "count") for n in counts)]
    view.table(rows, [*columns, Column("note")], query="data/accounting", key="accounting")
    _rejects(view)


def _rejects(view: View) -> None:
    reasons = view.lens.rows("data/reject_reasons")
    if not reasons:
        st.caption(view.say("data.result.no_rejects"))
        return
    view.section("data.reason.title")
    columns = [
        Column("reason", width="medium"),
        Column("file"),
        Column("column_name"),
        Column("n_rejects", "count"),
        Column("n_rows_held_back", "count"),
        Column("first_line", "count"),
        Column("example"),
    ]
    rows = [row | {"reason": upload.reason(view, row["reason"])} for row in reasons]
    view.table(rows, columns, query="data/reject_reasons", key="reasons")
    st.download_button(
        view.say("data.result.rejects"),
        partial(_rejects_csv, view),
        file_name=f"rejects-{view.lens.as_of.isoformat()}.csv",
        mime=export.CSV,
        key="export.rejects",
        on_click="ignore",
        icon=":material/download:",
    )


def _rejects_csv(view: View) -> bytes:
    names = ("file", "line", "column_name", "content", "reason", "is_row_kept")
    heads = [view.plain(f"data.col.{name}") for name in names]
    rows = ([_cell(view, name, row[name]) for name in names] for row in view.lens.rows("data/rejects"))
    return export.as_csv(heads, rows)


def _cell(view: View, name: str, value: Any) -> Any:
    return upload.reason(view, value) if name == "reason" and value else value


def completeness(view: View) -> None:
    """The fields that the figures rest on, the references that lead nowhere, and whose records need care."""
    fields = view.lens.rows("data/completeness")
    if fields:
        _fields(view, fields)
    _owners(view)
    _references(view)


def _fields(view: View, fields: list[dict[str, Any]]) -> None:
    view.section("data.section.quality")
    worst = min(fields, key=lambda row: row["filled_rate"])
    rate = Percent(worst["filled_rate"])
    if worst["filled_rate"] < WELL_FILLED:
        table = view.plain(f"ui.table_name.{worst['table_name']}")
        st.markdown(view.say("data.completeness.worst", table=table, field=_field(view, worst["field"]), rate=rate))
    else:
        st.markdown(view.say("data.completeness.good", rate=rate))
    lowest = sorted(fields, key=lambda row: (row["filled_rate"], row["table_name"], row["field"]))[:12]
    labels = [f"{view.plain('ui.table_name.' + r['table_name'])} · {_field(view, r['field'])}" for r in lowest]
    texts = [view.show(Percent(row["filled_rate"])) for row in lowest]
    alt = view.plain("data.alt.completeness", field=labels[0], rate=rate)
    figure = bars.lying(labels, [row["filled_rate"] for row in lowest], alt=alt, texts=texts)
    figure["layout"]["xaxis"]["range"] = [0, 1]
    view.figure(figure, query="data/completeness", key="completeness")


def _field(view: View, field: str) -> str:
    return view.plain(f"data.field.{field}") if has(f"data.field.{field}") else field


def _owners(view: View) -> None:
    owners = view.lens.rows("data/completeness_by_owner")
    if not owners:
        return
    view.section("data.section.by_owner")
    first = owners[0]
    facts = {"name": first["name"], "n": Count(first["n_open"]), "rate": Percent(first["kept_rate"])}
    st.markdown(view.say("data.completeness.owner", **facts))
    rates = ("kept_rate", "amount_rate", "close_date_rate", "next_step_rate", "contact_rate")
    columns = [Column("name", pinned=True), Column("team", label="ui.col.team"), Column("n_open", "count")]
    columns += [Column(rate, "progress" if rate == "kept_rate" else "percent") for rate in rates]
    view.table(owners, columns, query="data/completeness_by_owner", key="owners", opens=("salesperson", "user_id"))


def _references(view: View) -> None:
    rows = view.lens.rows("data/missing_references")
    view.section("data.missing.title")
    if not rows:
        st.caption(view.say("data.missing.none"))
        return
    st.caption(view.say("data.missing.note"))
    shown = [
        row
        | {
            "table_name": view.plain(f"ui.table_name.{row['table_name']}"),
            "field": _field(view, row["column_name"]),
            "reason": upload.reason(view, row["reason"]),
        }
        for row in rows
    ]
    columns = [Column("table_name"), Column("field"), Column("reason"), Column("n_rows", "count")]
    columns += [Column("n_references", "count"), Column("example")]
    view.table(shown, columns, query="data/missing_references", key="references")
