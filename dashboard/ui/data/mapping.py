"""The mapping screen: what each file is taken for, column by column and word by word, and how to set it right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit_sortables import sort_items

from dashboard.intake import mapping
from dashboard.intake.canonical import tables
from dashboard.intake.proposal import Column, propose
from dashboard.text import Count, Listing, Percent
from dashboard.ui import explanation

if TYPE_CHECKING:
    from dashboard.ui.page import View

Raw = mapping.Raw
File = Mapping[str, Any]
Rows = list[dict[str, Any]]

#: The choice of a file or a column that is to be left out.
_OUT = "-"
_STYLE = """
.sortable-component { font-family: inherit; background: transparent; }
.sortable-container { background: transparent; border: 1px solid #8886; border-radius: 8px; padding: 4px; }
.sortable-container-header { background: transparent; color: #888; font-size: 13px; padding: 2px 6px; }
.sortable-container-body { background: transparent; min-height: 40px; }
.sortable-item { background: #2f6fdb; color: #fff; font-size: 14px; border-radius: 6px; }
.sortable-item:hover { background: #2459b3; color: #fff; }
"""


def files(view: View, found: Sequence[File], notes: Sequence[Mapping[str, Any]], own: Raw, round_: int) -> Raw | None:
    """Each file with what it is taken for. Returns the mapping with what the user has just changed, or None."""
    changed = None
    for number, file in enumerate(found):
        own_notes = [note for note in notes if note["source_file"] == number + 1]
        one = _file(view, file, own_notes, own, f"{round_}.{number}")
        changed = one if one is not None else changed
    return changed


def stages(view: View, found: Sequence[File], rehearsal: Mapping[str, Any], own: Raw, round_: int) -> Raw | None:
    """The stages in order, to be dragged right. Returns the mapping with the new order, or None."""
    known = rehearsal.get("stages") or []
    if not known:
        return None
    groups = {
        outcome: list(dict.fromkeys(one["stage"] for one in known if one["outcome"] == outcome))
        for outcome in ("open", "won", "lost")
    }
    shown = [{"header": view.plain(f"mapping.stages.{outcome}"), "items": names} for outcome, names in groups.items()]
    st.markdown(f"###### {view.say('mapping.stages.title')}")
    st.caption(view.say("mapping.stages.text"))
    dragged = sort_items(shown, multi_containers=True, custom_style=_STYLE, key=f"mapping.stages.{round_}")
    order = [list(one["items"]) for one in dragged]
    has_moved = f"mapping.moved.{round_}"
    if order == list(groups.values()) and not st.session_state.get(has_moved):
        return None
    st.session_state[has_moved] = True
    new = mapping.order_stages(own, *order)
    for file in found:
        if "opportunities" in file["targets"]:  # the order goes with the mapping of the deals
            new = _adopted(new, file)
    return new if new != own else None


def missing(view: View, found: Sequence[File], rehearsal: Mapping[str, Any], own: Raw, round_: int) -> Raw | None:
    """References that nothing answers, with what was probably meant. Returns the mapping that mends them, or None."""
    open_ = rehearsal.get("missing") or []
    if not open_:
        return None
    n_rows = sum(one["n"] for one in open_)
    # What can be mended with a click is shown; what only leads nowhere is there for whoever wants to look.
    is_hopeful = any(one["suggestion"] for one in open_)
    title = view.say("mapping.missing.title", n=Count(n_rows))
    with st.expander(title, expanded=is_hopeful, icon=":material/link_off:", key=f"mapping.open.{round_}"):
        st.caption(view.say("mapping.missing.text"))
        changed = own
        with st.form(f"mapping.missing.{round_}", border=False):
            for target in dict.fromkeys(one["target"] for one in open_):
                rows = [one for one in open_ if one["target"] == target]
                names = rehearsal.get("names", {}).get(target, [])
                edited = _editor(
                    [
                        {
                            "reference": str(one["reference"]),
                            "n": one["n"],
                            "where": field_label(view, f"{one['table']}.{one['field']}"),
                            "reason": view.plain(f"mapping.missing.{one['reason']}"),
                            "meant": one["suggestion"],
                        }
                        for one in rows
                    ],
                    "meant",
                    {
                        "reference": st.column_config.TextColumn(view.plain("mapping.col.reference")),
                        "n": st.column_config.NumberColumn(view.plain("mapping.col.n"), format="localized"),
                        "where": st.column_config.TextColumn(view.plain("mapping.col.where")),
                        "reason": st.column_config.TextColumn(view.plain("mapping.col.reason")),
                        "meant": st.column_config.SelectboxColumn(
                            view.plain("mapping.col.meant"), options=names, width="medium"
                        ),
                    },
                    f"mapping.missing.{round_}.{target}",
                )
                for one, row in zip(rows, edited, strict=True):
                    if row["meant"]:
                        changed = _mended(changed, found, one, str(row["meant"]))
            pressed = st.form_submit_button(view.say("mapping.missing.mend"), icon=":material/build:")
    return changed if pressed and changed is not own else None


def outcome(view: View, rehearsal: Mapping[str, Any]) -> None:
    """What an import would give, in a sentence; or why it would give nothing."""
    if rehearsal.get("error"):
        st.error(explanation.refusal(view, rehearsal["error"], rehearsal["facts"]), icon=":material/error:")
        return
    rows = rehearsal["rows"]
    parts = [
        view.plain("mapping.rows", n=Count(n), table=view.plain(f"ui.table_name.{name}"))
        for name, n in rows.items()
        if n and name != "stages"
    ]
    st.markdown(view.say("mapping.outcome", rows=Listing(parts)))
    if rehearsal["derived"]:
        st.caption(view.say("mapping.derived", tables=explanation.tables_named(view, rehearsal["derived"])))
    lost = {"held": "n_rejected", "merged": "n_merged", "blanked": "n_cells_blanked"}
    totals = {name: sum(file[column] for file in rehearsal["files"]) for name, column in lost.items()}
    if any(totals.values()):
        st.caption(view.say("mapping.accounting", **{name: Count(n) for name, n in totals.items()}))


def field_label(view: View, target: str) -> str:
    """A canonical `table.field` in words."""
    table, _, name = target.partition(".")
    word = "own_id" if name == tables()[table].id else name
    return f"{view.plain(f'ui.table_name.{table}')} · {view.plain(f'field.{word}')}"


def _file(view: View, file: File, notes: Sequence[Mapping[str, Any]], own: Raw, key: str) -> Raw | None:
    is_own = mapping.find(own, file["header"]) is not None
    icon, words = _taken_for(view, file, is_own=is_own)
    with st.expander(f"{icon} **{view.safe(file['name'])}** — {words}", expanded=is_own and file["confidence"] != 1):
        if file.get("n_held_back"):
            st.caption(view.say("data.file.held_back", n=Count(file["n_held_back"])))
        for note in notes:
            what = view.plain(f"intake.note.{note['code']}")
            facts = {"heading": note["column_name"], "what": what, "n": Count(note["n"])}
            facts |= {"example": note["example"]} if note["example"] else {}
            st.caption(view.say("mapping.note_of" if note["example"] else "mapping.note", **facts))
        if file["refused"] or not file["header"]:
            return None
        return _use(view, file, own, key) or (_columns(view, file, own, key) if file["targets"] else None)


def _taken_for(view: View, file: File, *, is_own: bool) -> tuple[str, str]:
    """An icon, and what the file is taken for, as markdown."""
    n, sure = Count(file["n_records"]), Percent(file["confidence"] or 0)
    known = {"source": explanation.source_name(view, file["profile"] or ""), "object": file["object"], "n": n}
    if file["refused"]:
        why = explanation.reason(view, file["refused"], file=file["name"])
        return ":material/block:", view.say("data.file.refused", reason=why)
    if not file["profile"]:
        return ":material/help:", view.say("data.file.unknown", n=n)
    if not file["targets"]:
        return ":material/do_not_disturb_on:", view.say("data.file.unused", **known)
    named = explanation.tables_named(view, file["targets"])
    if not is_own:
        return ":material/check_circle:", view.say("data.file.known", **known, tables=named, confidence=sure)
    if file["confidence"] == 1:
        return ":material/edit_note:", view.say("mapping.file.own", tables=named, n=n)
    return ":material/lightbulb:", view.say("mapping.file.proposed", tables=named, n=n, confidence=sure)


def _use(view: View, file: File, own: Raw, key: str) -> Raw | None:
    """What the file is taken for, to be chosen anew."""
    now = file["targets"][0] if file["targets"] else _OUT
    options = [_OUT, *tables()]
    picked = st.selectbox(
        view.say("mapping.use"),
        options,
        index=options.index(now),
        format_func=lambda code: view.plain("mapping.left_out" if code == _OUT else f"ui.table_name.{code}"),
        key=f"mapping.use.{key}",
        width=320,
    )
    if picked == now:
        return None
    if picked == _OUT:
        return mapping.unused(own, file["header"])
    columns = [Column(**{name: column[name] for name in Column.__dataclass_fields__}) for column in file["columns"]]
    proposed = propose(columns, picked)
    return mapping.put(own, proposed.object) if proposed else None


def _columns(view: View, file: File, own: Raw, key: str) -> Raw | None:
    """The columns and what each fills, and the words of those that know only a few; one button applies it all."""
    targets = mapping.targets_for(file["targets"][0])
    used = [target for column in file["columns"] for target in column["fields"]]
    options = [_OUT, *dict.fromkeys([*targets, *used])]
    rows = [
        {
            "heading": column["heading"],
            "samples": "  ·  ".join(column["samples"]),
            "field": column["fields"][0] if column["fields"] else _OUT,
            "also": "  ·  ".join(field_label(view, target) for target in column["fields"][1:]),
        }
        for column in file["columns"]
    ]
    with st.form(f"mapping.form.{key}", border=False):
        edited = _editor(
            rows,
            "field",
            {
                "heading": st.column_config.TextColumn(view.plain("mapping.col.heading")),
                "samples": st.column_config.TextColumn(view.plain("mapping.col.samples"), width="medium"),
                "field": st.column_config.SelectboxColumn(
                    view.plain("mapping.col.field"),
                    options=options,
                    format_func=lambda code: (
                        view.plain("data.file.ignored") if code == _OUT else field_label(view, str(code))
                    ),
                    required=True,
                    width="medium",
                ),
                "also": st.column_config.TextColumn(view.plain("mapping.col.also")),
            },
            f"mapping.columns.{key}",
            most=11,
            height=420,
        )
        words = [(entry, _words(view, entry, f"{key}.{i}")) for i, entry in enumerate(file["words"])]
        pressed = st.form_submit_button(view.say("mapping.apply"), icon=":material/check:")
    if not pressed:
        return None
    new = _adopted(own, file)
    is_changed = False
    for before, after in zip(rows, edited, strict=True):
        if before["field"] != after["field"] and before["heading"]:
            new = mapping.assign(
                new, file["header"], before["heading"], None if after["field"] == _OUT else after["field"]
            )
            is_changed = True
    for entry, meant in words:
        if meant:
            new = mapping.translate(new, file["header"], entry["target"], meant)
            is_changed = True
    return new if is_changed else None


def _words(view: View, entry: Mapping[str, Any], key: str) -> dict[str, str]:
    """The texts of one column and what they are taken for; returns those that the user takes otherwise."""
    st.caption(view.say("mapping.words", heading=entry["heading"], field=field_label(view, entry["target"])))
    rows = [{"text": one["text"], "n": one["n"], "word": one["word"]} for one in entry["texts"]]
    edited = _editor(
        rows,
        "word",
        {
            "text": st.column_config.TextColumn(view.plain("mapping.col.text")),
            "n": st.column_config.NumberColumn(view.plain("mapping.col.n"), format="localized"),
            "word": st.column_config.SelectboxColumn(
                view.plain("mapping.col.word"),
                options=entry["choices"],
                format_func=lambda code: view.plain(f"choice.{code}"),
            ),
        },
        f"mapping.words.{key}",
    )
    return {
        before["text"]: after["word"]
        for before, after in zip(rows, edited, strict=True)
        if after["word"] and after["word"] != before["word"]
    }


def _editor(rows: Rows, editable: str, config: dict[str, Any], key: str, *, most: int = 8, height: int = 320) -> Rows:
    """Rows of which one column can be edited; with more than `most` of them the table scrolls within its height."""
    return st.data_editor(
        rows,
        column_config=config,
        disabled=[name for name in config if name != editable],
        hide_index=True,
        height="auto" if len(rows) <= most else height,
        key=key,
    )


def _adopted(own: Raw, file: File) -> Raw:
    """The user's mapping with this file in it: as it was, else as its profile reads it."""
    if mapping.find(own, file["header"]) is not None or not file["adopted"]:
        return own
    return mapping.joined_up([own, file["adopted"]])


def _mended(own: Raw, found: Sequence[File], one: Mapping[str, Any], meant: str) -> Raw:
    target = f"{one['table']}.{one['field']}"
    for file in found:
        if one["table"] in file["targets"] and any(target in column["fields"] for column in file["columns"]):
            own = mapping.mend(_adopted(own, file), file["header"], target, {str(one["reference"]): meant})
    return own
