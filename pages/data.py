"""Data: upload, result, quality and snapshots."""

from dashboard.ui.data import comparison, quality, snapshots, upload
from dashboard.ui.facts import Count
from dashboard.ui.page import View, open_page

ROOMS = ("upload", "quality", "snapshots")


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
view.drop_filters()
answer(view)
if view.snapshot is None:
    upload.draw(view)
    snapshots.draw(view)
else:
    rooms = view.rooms(ROOMS)
    with rooms["upload"]:
        upload.draw(view)
    if rooms["quality"].open:
        with rooms["quality"]:
            quality.draw(view)
    with rooms["snapshots"]:
        snapshots.draw(view)
        comparison.draw(view)
