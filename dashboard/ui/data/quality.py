"""Quality: how far the data carry, principle by principle, and whose records need filling in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.charts import bars, base
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.text import Count, Percent, has
from dashboard.ui import empty
from dashboard.ui.choice import choose
from dashboard.ui.data import quality_files, quality_records
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = dict[str, Any]

#: The ten principles by number, as the queries name them.
PRINCIPLES = tuple(str(number) for number in range(1, 11))
#: Parts of the tab: fields and who fills them, records that need care, files and what is still to export.
PARTS = ("fields", "records", "files")
#: Below this share a field is named as what needs filling in.
WELL_FILLED = 0.9
#: Somebody this much below the others is named.
CLEARLY_BEHIND = 0.03


def draw(view: View) -> None:
    """The tab: the answer, then the part that the reader chose."""
    if view.snapshot is None or view.snapshot.schema_version != SCHEMA_VERSION:
        empty.outdated(view)
        return
    principle = view.param("principle") or "0"
    asked = int(principle) if principle in PRINCIPLES else 0
    found = view.lens.rows("data/completeness", principle=asked)
    fields = [row for row in found if row["kind"] == "field"]
    key, facts = answer(view, fields)
    view.answer(key, **facts)
    part = choose(view, "part", PARTS, PARTS[0])
    if part == "records":
        quality_records.draw(view)
    elif part == "files":
        quality_files.draw(view, fields)
    else:
        principles(view, fields)
        chosen = choose(view, "principle", ("0", *PRINCIPLES), "0")
        needs(view, fields, int(chosen))
        owners(view, fields, [row for row in found if row["kind"] == "owner"])


def answer(view: View, fields: Sequence[Row]) -> tuple[str, dict[str, object]]:
    """How many principles can be judged, and what is missing most: key of the sentence and its facts."""
    judged = {row["principle"] for row in fields if row["can_judge"]}
    lacking = [row for row in fields if row["is_key"] and row["filled_rate"] is not None and row["filled_rate"] < 0.5]
    facts: dict[str, object] = {"n": Count(len(judged)), "total": Count(len(PRINCIPLES))}
    if not lacking:
        worst = min(
            (row for row in fields if row["is_key"] and row["filled_rate"] is not None),
            key=lambda row: row["filled_rate"],
        )
        code = "all" if worst["filled_rate"] < WELL_FILLED else "good"
        return f"quality.answer.{code}", facts | _named(view, worst)
    blocked = Counter((row["table_name"], "" if not row["has_table"] else row["field"]) for row in lacking)
    most = max(lacking, key=lambda row: (_blocks(blocked, row), -row["filled_rate"]))
    code = "table" if not most["has_table"] else "field" if most["filled_rate"] else "none"
    return f"quality.answer.{code}", facts | _named(view, most)


def _blocks(blocked: Counter[tuple[str, str]], row: Row) -> int:
    return blocked[row["table_name"], "" if not row["has_table"] else row["field"]]


def _named(view: View, row: Row) -> dict[str, object]:
    return {
        "table": view.plain(f"ui.table_name.{row['table_name']}"),
        "field": field_name(view, row["field"]),
        "rate": Percent(row["filled_rate"]),
    }


def field_name(view: View, field: str) -> str:
    """A canonical column in words, plain text; the column's own name where there are none."""
    column = f"{field.removesuffix('_id')}_key" if field.endswith("_id") else field
    for key in (f"quality.field.{column}", f"data.field.{column}"):
        if has(key):
            return view.plain(key)
    return field


def principles(view: View, fields: Sequence[Row]) -> None:
    """The ten principles: how well their fields are filled, and what is missing most. A click chooses one."""
    view.section("quality.section.principles")
    weakest = [row for row in fields if row["place"] == 1]
    labels = [view.plain(f"data.principle.{row['principle']}") for row in weakest]
    texts = [view.show(Percent(row["principle_rate"])) for row in weakest]
    view.figure(
        _bars(labels, weakest, texts, alt=view.plain("quality.alt.principles")),
        query="data/completeness",
        key="principles",
        picks=lambda principle: view.set_param("principle", str(principle)),
    )
    view.note("quality.principles.note")


def _bars(labels: list[str], rows: Sequence[Row], texts: list[str], alt: str) -> base.Figure:
    figure = bars.lying(
        labels,
        [row["principle_rate"] for row in rows],
        alt=alt,
        texts=texts,
        ids=[row["principle"] for row in rows],
        colours=[base.BLUE if row["can_judge"] else base.ROSE for row in rows],
    )
    figure["layout"]["xaxis"]["range"] = [0, 1]
    return figure


def needs(view: View, fields: Sequence[Row], principle: int) -> None:
    """The fields that the chosen principle needs; of all ten, what each lacks most."""
    rows = [row for row in fields if row["principle"] == principle or (not principle and row["place"] == 1)]
    shown = [
        row
        | {
            "principle": view.plain(f"data.principle.{row['principle']}"),
            "field": _place(view, row),
            "filled_rate": row["filled_rate"] if row["has_table"] else None,
            "demand": view.plain(f"quality.demand.{'key' if row['is_key'] else 'helps'}"),
            "verdict": view.plain(f"quality.verdict.{_verdict(row, principle)}"),
        }
        for row in rows
    ]
    columns = [Column("principle", label="quality.col.principle")] if not principle else []
    columns += [
        Column("field", label="quality.col.weakest" if not principle else "quality.col.field", width="medium"),
        Column("filled_rate", "progress"),
        Column("n_rows", "count"),
        Column("demand", label="quality.col.demand"),
        Column("verdict", label="quality.col.verdict", width="medium"),
    ]
    view.table(shown, columns, query="data/completeness", key="fields")


def _place(view: View, row: Row) -> str:
    """Table and column in words, plain text; the table alone where it was not exported."""
    table = view.plain(f"ui.table_name.{row['table_name']}")
    return table if row["has_table"] is False else f"{table} · {field_name(view, row['field'])}"


def _verdict(row: Row, principle: int) -> str:
    if not principle and row["can_judge"]:
        return "judged"
    if not row["has_table"]:
        return "no_table"
    if not principle:
        return "not_judged"
    if row["filled_rate"] is None:
        return "not_expected"
    return "good" if row["filled_rate"] >= WELL_FILLED else "thin" if row["filled_rate"] >= 0.5 else "poor"


def owners(view: View, fields: Sequence[Row], people: Sequence[Row]) -> None:
    """Who fills in less than the others, by the fields of the chosen principle."""
    if not people:
        return
    view.section("quality.section.owners")
    first = people[0]
    if first["field"] and not first["is_few"] and first["ahead_rate"] <= -CLEARLY_BEHIND:
        everybody = {(row["table_name"], row["field"]): row["filled_rate"] for row in fields}
        facts = _named(view, first) | {
            "name": first["name"] or first["user_id"],
            "rate": Percent(first["field_rate"]),
            "others": Percent(everybody.get((first["table_name"], first["field"]))),
        }
        st.markdown(view.say("quality.owners.first", **facts))
    else:
        st.markdown(view.say("quality.owners.alike", n=Count(len(people))))
    shown = [
        row
        | {
            "name": row["name"] or row["user_id"],
            "field": _place(view, row) if row["field"] else None,
        }
        for row in people
    ]
    columns = [
        Column("name", pinned=True),
        Column("team", label="ui.col.team"),
        Column("filled_rate", "progress"),
        Column("ahead_rate", "percent", label="quality.col.ahead"),
        Column("field", label="quality.col.behind", width="medium"),
        Column("field_rate", "percent", label="quality.col.field_rate"),
        Column("n_rows", "count", label="quality.col.cells"),
    ]
    view.table(shown, columns, query="data/completeness", key="owners", opens=("salesperson", "user_id"))
    view.note("quality.owners.note")
