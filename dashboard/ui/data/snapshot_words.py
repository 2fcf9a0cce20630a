"""What is said of a snapshot wherever one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.snapshots import space
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.manifest import Snapshot
from dashboard.text import Count, has
from dashboard.text.formats import file_size
from dashboard.ui import explanation, session

if TYPE_CHECKING:
    from dashboard.ui.page import View


def describe(view: View, snapshot: Snapshot) -> str:
    """One line about a snapshot, as markdown."""
    key = f"data.snapshot.{snapshot.series}"
    series = view.plain(key) if has(key) else snapshot.series
    source = explanation.source_name(view, snapshot.profile)
    words = view.say(
        "data.snapshot.line",
        as_of=snapshot.as_of,
        n_rows=Count(sum(snapshot.n_rows.values())),
        size=file_size(space.of(session.store(), snapshot.id).total),
        series=" · ".join(part for part in (series, source) if part),
    )
    return f"**{view.safe(snapshot.label)}** · {words}" if snapshot.label else words


def is_outdated(snapshot: Snapshot) -> bool:
    """Whether the snapshot was built by a version whose tables had another shape."""
    return snapshot.schema_version != SCHEMA_VERSION
