"""Data: upload, result, quality and snapshots."""

import streamlit as st

from dashboard.ui import quality, snapshots, upload
from dashboard.ui.facts import Count
from dashboard.ui.page import View, open_page


def answer(view: View) -> None:
    """How far the shown snapshot can be trusted, in one sentence."""
    if view.snapshot is None:
        view.answer("data.answer.none")
        return
    files = view.lens.rows("data/accounting")
    if not files:
        n_deals = Count(view.snapshot.n_rows.get("opportunities", 0))
        view.answer("data.answer.built", as_of=view.lens.as_of, n_deals=n_deals)
        return
    n_rejected = sum(file["n_rejected"] for file in files)
    view.answer(
        "data.answer.rejects" if n_rejected else "data.answer.good",
        as_of=view.lens.as_of,
        n_files=Count(len(files)),
        n_records=Count(sum(file["n_records"] for file in files)),
        **({"n_rejected": Count(n_rejected)} if n_rejected else {}),
    )


view = open_page("data", needs_snapshot=False, has_filters=False)
answer(view)
if view.snapshot is None:
    upload.draw(view)
    snapshots.draw(view)
else:
    rooms = st.tabs([view.say(f"data.tab.{room}") for room in ("upload", "quality", "snapshots")])
    with rooms[0]:
        upload.draw(view)
        quality.accounting(view)
    with rooms[1]:
        quality.completeness(view)
    with rooms[2]:
        snapshots.draw(view)
