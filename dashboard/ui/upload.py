"""Uploads: from dropped files to a published snapshot, with every step said in words."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.intake import job
from dashboard.intake.demo import FIRMS, import_demo
from dashboard.intake.problem import IntakeError
from dashboard.intake.profile import profiles
from dashboard.places import DATA
from dashboard.snapshots.problem import SnapshotError
from dashboard.text import Count, Listing, Percent, has
from dashboard.text.catalogue import entries, placeholders
from dashboard.text.formats import file_size
from dashboard.ui import session
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

ENDINGS = ("csv", "tsv", "txt", "zip")
#: More files than this at once fill the server's memory before anything is read.
MAX_FILES = 60

_PENDING, _RESULT, _ROUND = "upload.pending", "upload.result", "upload.round"
_BYTES = ("size", "allowed")
#: Facts named `allowed` are bytes in these sentences, and numbers of things in the others.
_IN_BYTES = ("file_too_large", "zip_too_large")

#: One import at a time in this server: each may use all the memory that is meant for imports.
_TURN = threading.Lock()


def draw(view: View) -> None:
    """The upload tab: drop files, see what they are, import them."""
    if result := st.session_state.get(_RESULT):
        _result(view, result)
    pending = st.session_state.get(_PENDING)
    if pending is None:
        _drop(view)
    else:
        _preview(view, pending)
    if result is None and pending is None:
        st.markdown(f"##### {view.say('data.section.sample')}")
        sample_buttons(view)


def sample_buttons(view: View) -> None:
    """One click brings in a sample firm; the reader's own language comes first."""
    offered = [firm for firm in FIRMS if any((DATA / firm).glob("*.zip"))]
    if not offered:
        st.caption(view.say("data.sample.unavailable"))
        return
    st.caption(view.say("data.sample.text"))
    with st.container(horizontal=True, gap="small"):
        clicked = [
            firm
            for firm in sorted(offered, key=lambda firm: firm != view.lang)
            if st.button(
                view.say(f"data.sample.{firm}"),
                key=f"sample.{firm}",
                icon=":material/play_arrow:",
            )
        ]
    if clicked:
        made = run(view, lambda heard: import_demo(session.store().home, clicked[0], heard))
        if made is not None:
            view.change("snapshot", ())
            view.go("desk")
            st.rerun()


def problem(view: View, error: IntakeError | SnapshotError) -> str:
    """What went wrong and what to do, as markdown."""
    prefix = "intake.snapshot" if isinstance(error, SnapshotError) else "intake"
    key = f"{prefix}.{error.code}"
    if not has(key):
        return view.say("intake.other", code=str(error.code))
    facts: dict[str, object] = dict.fromkeys(placeholders(entries()[key][view.lang]))
    for name, value in error.facts.items():
        in_bytes = str(error.code) in _IN_BYTES and name in _BYTES
        facts[name] = file_size(int(value)) if in_bytes else Count(value) if isinstance(value, int) else value
    return view.say(key, **facts)


def reason(view: View, code: str) -> str:
    """Why a record or cell was not taken over, as plain text."""
    for key in (f"intake.note.{code}", f"intake.{code}"):
        if has(key):
            return view.plain(key, **dict.fromkeys(placeholders(entries()[key][view.lang]), ""))
    return view.plain("intake.other", code=code)


def _drop(view: View) -> None:
    round_ = st.session_state.get(_ROUND, 0)
    dropped = st.file_uploader(
        view.say("data.upload.drop"), type=list(ENDINGS), accept_multiple_files=True, key=f"upload.files.{round_}"
    )
    st.caption(view.say("data.upload.private"))
    if not dropped:
        return
    if len(dropped) > MAX_FILES:
        st.error(view.say("data.upload.too_many", limit=Count(MAX_FILES)))
        return
    folder = session.store().new_job()
    files = []
    for number, file in enumerate(dropped):
        path = folder / f"upload-{number:03}"
        with path.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        files.append((file.name, path))
    # A new key makes Streamlit let go of the bytes; from here on only the copies on disk count.
    st.session_state[_ROUND] = round_ + 1
    st.session_state.pop(_RESULT, None)
    with st.spinner(view.say("data.upload.looking")):
        try:
            found = job.inspect(files, session.store().home)
        except (IntakeError, SnapshotError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            st.session_state[_RESULT] = {"error": error}
            st.rerun()
    st.session_state[_PENDING] = {"files": files, "folder": folder, "found": found}
    st.rerun()


def _preview(view: View, pending: Mapping[str, Any]) -> None:
    found: job.Inspection = pending["found"]
    st.markdown(f"##### {view.say('data.section.recognised')}")
    for number, file in enumerate(found.files):
        _file(view, number, file)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        as_of = st.date_input(
            view.say("data.upload.as_of"),
            found.proposed_as_of,
            key="upload.as_of",
            help=view.say("data.upload.as_of_help"),
            width=180,
            format="YYYY-MM-DD",
        )
        order = None
        if found.date_order == "ask":
            asked = found.ask or {}
            order = st.radio(
                view.say("data.upload.date_order", column=asked.get("column", ""), found=asked.get("found", "")),
                ("mdy", "dmy"),
                index=None,
                horizontal=True,
                format_func=lambda code: view.plain(f"data.upload.{code}"),
                key="upload.date_order",
            )
    if found.proposed_as_of is None:
        st.caption(view.say("data.upload.as_of_missing"))
    useful = any(file["targets"] and not file["refused"] for file in found.files)
    ready = useful and as_of is not None and (order is not None or found.date_order != "ask")
    with st.container(horizontal=True, gap="small"):
        go = st.button(
            view.say("data.upload.import"), type="primary", disabled=not ready, icon=":material/check:", key="upload.go"
        )
        st.button(view.say("data.upload.again"), on_click=_forget, key="upload.again")
    if go and isinstance(as_of, dt.date):
        home = session.store().home
        made = run(
            view,
            lambda heard: job.run_import(pending["files"], home, as_of=as_of, date_order=order, progress=heard),
        )
        _forget()
        if made is not None:
            st.session_state[_RESULT] = {"files": made.files, "id": made.snapshot.id}
            view.change("snapshot", ())
        st.rerun()


def _file(view: View, number: int, file: Mapping[str, Any]) -> None:
    name, n = view.safe(file["name"]), Count(file["n_records"])
    known = {"source": source_name(view, file["profile"] or ""), "object": file["object"], "n": n}
    icon, words = ":material/check_circle:", ""
    if file["refused"]:
        icon, words = ":material/block:", view.say("data.file.refused", reason=reason(view, file["refused"]))
    elif not file["profile"]:
        icon, words = ":material/help:", view.say("data.file.unknown", n=n)
    elif not file["targets"]:
        icon, words = ":material/do_not_disturb_on:", view.say("data.file.unused", **known)
    else:
        tables = Listing([view.plain(f"ui.table_name.{table}") for table in file["targets"]])
        words = view.say("data.file.known", **known, tables=tables, confidence=Percent(file["confidence"]))
    with st.expander(f"{icon} **{name}** — {words}", key=f"upload.file.{number}"):
        if file.get("n_held_back"):
            st.caption(view.say("data.file.held_back", n=Count(file["n_held_back"])))
        rows = [
            {
                "heading": column["heading"],
                "field": field_name(view, column["field"]),
                "samples": "  ·  ".join(column["samples"]),
            }
            for column in file["columns"]
        ]
        if rows:
            columns = [Column("heading"), Column("field"), Column("samples", width="large")]
            view.table(rows, columns, query=(), key=f"columns-{number}", height=240)


def _result(view: View, result: Mapping[str, Any]) -> None:
    if error := result.get("error"):
        st.error(problem(view, error), icon=":material/error:")
        return
    totals = {
        name: sum(file[name] for file in result["files"])
        for name in ("n_records", "n_kept", "n_merged", "n_rejected", "n_cells_blanked")
    }
    facts = {name: Count(value) for name, value in totals.items()}
    words = view.say("data.result.sentence", **facts)
    if totals["n_cells_blanked"]:
        words += " " + view.say("data.result.blanked", n=facts["n_cells_blanked"])
    st.success(words, icon=":material/task_alt:")
    view.link("desk", view.say("data.result.open"), icon=":material/space_dashboard:")


def run(view: View, work: Callable[[job.Listener], Any]) -> Any:
    """Run an import with its progress shown; None when it failed, with the reason kept for the next run."""
    if not _TURN.acquire(blocking=False):
        st.warning(view.say("data.upload.busy"))
        return None
    try:
        bar = st.progress(0.0, view.say("data.upload.importing"))
        return work(partial(_heard, view, bar))
    except (IntakeError, SnapshotError) as error:
        st.session_state[_RESULT] = {"error": error}
        st.error(problem(view, error), icon=":material/error:")
        return None
    finally:
        _TURN.release()


def _heard(view: View, bar: Any, event: job.Progress) -> None:
    detail: object = event.detail
    if event.step in ("load", "marts") and has(f"ui.table_name.{event.detail}"):
        detail = view.plain(f"ui.table_name.{event.detail}")
    key = f"intake.step.{event.step}"
    words = view.say(key, detail=detail) if has(key) else view.say("data.upload.importing")
    bar.progress(min(1.0, max(0.0, event.share)), words)


def _forget() -> None:
    pending = st.session_state.pop(_PENDING, None)
    if pending:
        shutil.rmtree(Path(pending["folder"]), ignore_errors=True)


def source_name(view: View, profile: str) -> str:
    """The name of the CRM behind a profile (or several joined by +), as people call it."""
    names = [profiles()[part].label[view.lang] if part in profiles() else part for part in profile.split("+") if part]
    return " + ".join(names)


def field_name(view: View, field: str | None) -> str:
    """A canonical `table.column` in words; columns without a name of their own go by the table's."""
    if not field:
        return view.plain("data.file.ignored")
    table, _, column = field.partition(".")
    word = column.removesuffix("_key")
    for key in (f"data.field.{column}", f"data.field.{word}_key", f"ui.col.{word}"):
        if has(key):
            return f"{view.plain(f'ui.table_name.{table}')} · {view.plain(key)}"
    return f"{view.plain(f'ui.table_name.{table}')} · {column}"


def tables_named(view: View, targets: Sequence[str]) -> str:
    """Canonical tables in words."""
    return view.show(Listing([view.plain(f"ui.table_name.{name}") for name in targets])) if targets else ""
