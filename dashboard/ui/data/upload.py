"""Uploads: from dropped files to a published snapshot, with every step said in words."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.intake import job, mapping
from dashboard.intake.demo import FIRMS, import_demo
from dashboard.intake.problem import Code, IntakeError
from dashboard.places import DATA
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.text import Count, has
from dashboard.ui import explanation, session
from dashboard.ui.data import conventions, likeness
from dashboard.ui.data import mapping as mapping_screen

if TYPE_CHECKING:
    from dashboard.ui.page import View

ENDINGS = ("csv", "tsv", "txt", "tab", "zip", "xlsx", "xlsm", "xls", "ods")
#: More files than this at once fill the server's memory before anything is read.
MAX_FILES = 60

_PENDING, _RESULT, _ROUND = "upload.pending", "upload.result", "upload.round"
#: What a mapping says besides the objects of single files.
_COMMON = ("stages", "stage_outcomes", "currency")
#: Offered first; any other code can be typed.
_CURRENCIES = ("CNY", "USD", "EUR", "HKD", "GBP", "JPY", "TWD", "SGD", "KRW", "INR")

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
    error = None
    try:
        for number, file in enumerate(dropped):
            path = folder / f"upload-{number:03}"
            with path.open("wb") as target:
                shutil.copyfileobj(file, target, 1 << 20)
            files.append((file.name, path))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        error = IntakeError(Code.DISK_FULL, file=dropped[len(files)].name)
    # A new key makes Streamlit let go of the bytes; from here on only the copies on disk count.
    st.session_state[_ROUND] = round_ + 1
    st.session_state.pop(_RESULT, None)
    if error is not None:
        st.session_state[_RESULT] = {"error": error}
        st.rerun()
    with st.spinner(view.say("data.upload.looking")):
        _look({"files": files, "folder": folder})
    st.rerun()


def reopen(view: View, snapshot: Snapshot) -> None:
    """Show how a snapshot's kept uploads are read, so that it can be set right; the import then takes its place."""
    store = session.store()
    folder = store.new_job()
    _look(
        {
            "files": job.unpacked(store, snapshot.id, folder),
            "folder": folder,
            "own": mapping.joined_up(mapping.parse(text) for text in snapshot.recipe.get("mappings", ())),
            "date_order": snapshot.recipe.get("date_order"),
            "decimal": snapshot.recipe.get("decimal"),
            "as_of": snapshot.as_of,
            "replaces": snapshot.id,
        }
    )


def _look(pending: dict[str, Any], *, is_rehearsed: bool | None = None) -> None:
    """Inspect what is pending with what the user has said so far, and show it."""
    try:
        found = job.inspect(
            pending["files"],
            session.store().home,
            mappings=_own_mapping(pending),
            date_order=pending.get("date_order"),
            decimal=pending.get("decimal"),
            is_rehearsed=is_rehearsed,
        )
    except (IntakeError, SnapshotError) as error:
        shutil.rmtree(pending["folder"], ignore_errors=True)
        st.session_state.pop(_PENDING, None)
        st.session_state[_RESULT] = {"error": error}
    else:
        own = {**found.own, **{name: pending["own"][name] for name in _COMMON if name in pending.get("own", {})}}
        round_ = pending.get("round", 0) + 1
        day = pending.get("chosen_day") or pending.get("as_of") or found.proposed_as_of
        st.session_state[_PENDING] = {**pending, "found": found, "own": own, "round": round_, "day": day}


def _own_mapping(pending: Mapping[str, Any]) -> list[Path]:
    """The user's own mapping as a file of the job; none where he has said nothing."""
    own = pending.get("own", {})
    if not own.get("object"):
        return []
    path = Path(pending["folder"]) / "own.toml"
    path.write_text(mapping.text(own), encoding="utf-8")
    return [path]


def _preview(view: View, pending: dict[str, Any]) -> None:
    found: job.Inspection = pending["found"]
    title = "mapping.title" if pending.get("replaces") else "data.section.recognised"
    st.markdown(f"##### {view.say(title)}")
    changed = mapping_screen.files(
        view, found.files, (found.rehearsal or {}).get("notes", []), pending["own"], pending["round"]
    )
    if found.rehearsal is not None:
        mapping_screen.outcome(view, found.rehearsal)
        mended = mapping_screen.missing(view, found.files, found.rehearsal, pending["own"], pending["round"])
        changed = mended if mended is not None else changed
        ordered = mapping_screen.stages(view, found.files, found.rehearsal, pending["own"], pending["round"])
        if ordered is not None:
            pending["own"] = ordered  # shown as it was dragged: no need to look again
    elif found.ask is None and any(file["targets"] for file in found.files):
        seconds = Count(max(5, sum(path.stat().st_size for _, path in pending["files"]) // 20_000_000))
        if st.button(view.say("mapping.rehearse"), help=view.say("mapping.rehearse_help", seconds=seconds)):
            with st.spinner(view.say("data.upload.looking")):
                _look(pending, is_rehearsed=True)
            st.rerun()
    if changed is not None:
        with st.spinner(view.say("mapping.looking")):
            _look({**pending, "own": changed})
        st.rerun()
    _decide(view, pending, found)


def _decide(view: View, pending: dict[str, Any], found: job.Inspection) -> None:
    """The questions that only the user can answer, and the buttons."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        # A widget of its own for each look: a day put into a living one is lost when a rerun cuts in.
        as_of = st.date_input(
            view.say("data.upload.as_of"),
            pending["day"],
            key=f"upload.as_of.{pending['round']}",
            help=view.say("data.upload.as_of_help"),
            width=180,
            format="YYYY-MM-DD",
        )
        if as_of != pending["day"]:
            pending["chosen_day"] = as_of
        if pending["own"]["object"]:
            _currency(view, pending)
        answer = conventions.question(view, found.ask) if found.ask else {}
    if answer:
        with st.spinner(view.say("mapping.looking")):
            _look({**pending, **answer})
        st.rerun()
    if as_of is None:
        st.caption(view.say("data.upload.as_of_missing"))
    useful = any(file["targets"] and not file["refused"] for file in found.files)
    is_doomed = bool(found.rehearsal and found.rehearsal.get("error"))
    ready = useful and as_of is not None and found.ask is None and not is_doomed
    if ready and isinstance(as_of, dt.date) and not pending.get("replaces"):
        ready = likeness.draw(view, found, as_of)
    own = pending["own"]
    with st.container(horizontal=True, gap="small"):
        go = st.button(
            view.say("data.upload.import"), type="primary", disabled=not ready, icon=":material/check:", key="upload.go"
        )
        st.button(view.say("data.upload.again"), on_click=_forget, key="upload.again")
        if own["object"]:
            st.download_button(
                view.say("mapping.download"),
                mapping.text(own),
                "mapping.toml",
                "application/toml",
                help=view.say("mapping.download_help"),
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
            st.button(
                view.say("mapping.forget"), type="tertiary", on_click=_unlearn, args=(pending,), key="upload.unlearn"
            )
    if own["object"]:
        st.caption(view.say("mapping.remembered"))
    if go and isinstance(as_of, dt.date):
        _import(view, pending, as_of)


def _currency(view: View, pending: dict[str, Any]) -> None:
    """What the amounts of the user's own files are in, where their rows do not say."""
    own = pending["own"]
    now = own.get("currency") or ("CNY" if view.lang == "zh" else "USD")
    options = list(dict.fromkeys([now, *_CURRENCIES]))
    picked = st.selectbox(
        view.say("mapping.currency"),
        options,
        help=view.say("mapping.currency_help"),
        key=f"upload.currency.{now}",
        accept_new_options=True,
        width=160,
    )
    pending["own"] = {**own, "currency": str(picked or now).strip().upper()[:3]}


def _import(view: View, pending: dict[str, Any], as_of: dt.date) -> None:
    store = session.store()
    replaced = pending.get("replaces", "")
    unusable = pending["found"].unusable
    made = run(
        view,
        lambda heard: job.run_import(
            [file for number, file in enumerate(pending["files"]) if number not in unusable],
            store.home,
            as_of=as_of,
            mappings=_own_mapping(pending),
            date_order=pending.get("date_order"),
            decimal=pending.get("decimal"),
            series=store.get(replaced).series if replaced else "main",
            replaces=replaced,
            progress=heard,
        ),
    )
    if made is not None:
        for signature, text in mapping.apart(pending["own"]).items():
            session.settings().remember_mapping(signature, text)
        st.session_state[_RESULT] = {"totals": made.snapshot.accounting}
        view.change("snapshot", ())
    _forget()
    st.rerun()


def _unlearn(pending: dict[str, Any]) -> None:
    """Forget all corrections for these files, here and for later uploads."""
    for one in pending["own"]["object"]:
        session.settings().forget_mapping(mapping.signature(one["headings"]))
    _look({**pending, "own": mapping.empty()})


def _result(view: View, result: Mapping[str, Any]) -> None:
    if error := result.get("error"):
        st.error(explanation.problem(view, error), icon=":material/error:")
        return
    facts = {name: Count(value) for name, value in result["totals"].items()}
    words = view.say("data.result.sentence", **facts)
    if result["totals"]["n_cells_blanked"]:
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
        st.error(explanation.problem(view, error), icon=":material/error:")
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
