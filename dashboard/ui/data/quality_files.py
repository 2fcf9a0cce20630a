"""Files: what became of each, what was noted or held back, which lie unused, and what is still to be exported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.catalogue import metrics
from dashboard.catalogue.uses import Uses, uses
from dashboard.intake.canonical import tables
from dashboard.intake.profile import profiles
from dashboard.text import Count, Listing, has
from dashboard.text.catalogue import entries, placeholders
from dashboard.ui import empty, explanation, export, navigation
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = dict[str, Any]

#: Tables that are derived where no file fills them.
_DERIVED = ("stages",)
#: Figures named per export; the others are counted.
MOST = 8


def draw(view: View, fields: Sequence[Row]) -> None:
    """Everything of this part; fields: those that the principles need, as data/completeness has them."""
    to_export(view, fields)
    accounting(view)


def accounting(view: View) -> None:
    """What became of each file, what was noted about it, and why some of it was held back."""
    files = view.lens.rows("data/accounting")
    if not files:
        return
    view.section("data.section.accounting")
    rows = [
        row
        | {
            "file": row["name"],
            "source": explanation.source_name(view, row["profile"] or ""),
            "targets": explanation.tables_named(view, (row["targets"] or "").split(",") if row["targets"] else []),
            "note": explanation.reason(view, row["note"]) if row["note"] else None,
        }
        for row in files
    ]
    counts = ("n_records", "n_kept", "n_merged", "n_rejected", "n_cells_blanked")
    columns = [Column("file"), Column("source"), Column("targets"), *(Column(n, "count") for n in counts)]
    view.table(rows, [*columns, Column("note")], query="data/accounting", key="accounting")
    unused = [row for row in files if row["object"] and not row["targets"]]
    if unused:
        names = Listing([f"{row['name']} ({row['object']})" for row in unused])
        view.note("quality.files.unused", n=Count(len(unused)), files=names)
    notes(view)
    rejects(view)


def notes(view: View) -> None:
    """What should be known about the files though nothing was lost by it."""
    found = view.lens.rows("data/import_notes")
    if not found:
        return
    view.section("quality.section.notes")
    rows = [row | {"note": note(view, row)} for row in found]
    columns = [
        Column("note", width="large"),
        Column("file"),
        Column("column_name"),
        Column("n", "count", label="quality.col.n"),
        Column("example"),
    ]
    view.table(rows, columns, query="data/import_notes", key="notes")


def note(view: View, row: Row) -> str:
    """One note as a sentence, plain text; the code itself where nobody has written one."""
    key = f"intake.note.{row['code']}"
    if not has(key):
        return view.plain("quality.files.other_note", code=row["code"])
    facts: dict[str, object] = dict.fromkeys(placeholders(entries()[key][view.lang]), "")
    facts |= {"n": Count(row["n"]), "example": row["example"] or "", "column": row["column_name"], "file": row["file"]}
    return view.plain(key, **facts)


def rejects(view: View) -> None:
    """Why some of it was held back, most frequent first, and all of it to take away."""
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
    rows = [row | {"reason": explanation.reason(view, row["reason"])} for row in reasons]
    view.table(rows, columns, query="data/reject_reasons", key="reasons")
    st.download_button(
        view.say("data.result.rejects"),
        partial(rejects_csv, view),
        file_name=f"rejects-{view.lens.as_of.isoformat()}.csv",
        mime=export.CSV,
        key="export.rejects",
        on_click="ignore",
        icon=":material/download:",
    )


def rejects_csv(view: View) -> bytes:
    """Everything held back: file, line, column, reason in words, original text; nothing a spreadsheet would run."""
    names = ("file", "line", "column_name", "reason", "content", "is_row_kept")
    heads = [view.plain(f"data.col.{name}") for name in names]
    rows = ([_cell(view, name, row[name]) for name in names] for row in view.lens.rows("data/rejects"))
    return export.as_csv(heads, rows)


def _cell(view: View, name: str, value: Any) -> Any:
    return explanation.reason(view, value) if name == "reason" and value else value


def to_export(view: View, fields: Sequence[Row]) -> None:
    """For each export that is not there: what it would switch on, and how to get it; the most useful first."""
    lacking = [name for name in tables() if name not in _DERIVED and not view.lens.has(name)]
    view.section("quality.section.to_export")
    if not lacking:
        view.note("quality.to_export.none")
        return
    for name in sorted(lacking, key=lambda name: (-len(uses(name).direct), name)):
        needed = [row["principle"] for row in fields if row["table_name"] == name and row["is_key"]]
        st.markdown(f"**{view.safe(_capital(view.plain(f'ui.table_name.{name}')))}** — {_gains(view, name, needed)}")
        st.caption(how(view, name))
    view.link("data", view.say("ui.missing.upload"), icon=":material/upload_file:", room="upload")


def _gains(view: View, table: str, principles: Sequence[int]) -> str:
    """What the export of a table switches on, as markdown."""
    found, parts = uses(table), []
    if found.direct:
        parts.append(
            view.say(
                "quality.to_export.direct",
                n=Count(len(found.direct)),
                pages=Listing(_pages(view, found.direct)),
                figures=Listing(figures) if (figures := _figures(view, found)) else "",
                dash=view.plain("quality.to_export.dash") if figures else "",
            )
        )
    if found.indirect:
        parts.append(view.say("quality.to_export.indirect", n=Count(len(found.indirect))))
    if principles:
        names = [view.plain(f"data.principle.{number}") for number in sorted(set(principles))]
        parts.append(view.say("quality.to_export.principles", names=Listing(names)))
    return ("" if view.lang == "zh" else " ").join(parts) or view.say("quality.to_export.kept")


def _pages(view: View, queries: Sequence[str]) -> list[str]:
    named = {name.partition("/")[0] for name in queries}
    return [view.plain(f"nav.{page.code}") for page in navigation.ALL if page.code in named]


def _figures(view: View, found: Uses) -> list[str]:
    labels = [metric.label[view.lang] for metric in metrics().values() if metric.query in found.direct]
    return list(dict.fromkeys(labels))[:MOST]


def how(view: View, table: str) -> str:
    """How to get an export from the CRM that the snapshot comes from, as markdown."""
    source = view.snapshot.profile if view.snapshot else ""
    for part in source.split("+"):
        known = profiles().get(part)
        if known and (words := known.how.get(table)):
            return view.safe(f"{known.label[view.lang]}{view.plain('quality.to_export.colon')}{words[view.lang]}")
    name = view.plain(f"ui.table_name.{table}")
    for crm in [*{empty.source_of(part) for part in source.split("+")} - {"other"}, "other"]:
        if has(f"ui.missing.{crm}.{table}"):
            return view.say(f"ui.missing.{crm}.{table}")
        if crm != "other":
            return view.say(f"ui.missing.{crm}.any", table=name)
    general = f"quality.how.{table}"
    return view.say(general) if has(general) else view.say("ui.missing.other.any", table=name)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
