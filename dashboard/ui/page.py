"""A page: its place in the address, its snapshot, its language, and everything it may draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import text
from dashboard.access import BOSS
from dashboard.engine import Filters, Lens, Options, parse
from dashboard.engine.filters import CUTS
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.ui import address, card, chart, definition, empty, filters, header, navigation, session, table
from dashboard.ui.card import Card
from dashboard.ui.table import Column, Target

__all__ = ["Card", "Column", "View", "open_page"]

_STATE = "view.state"
_GO = "view.go"


def open_page(code: str, *, needs_snapshot: bool = True, has_filters: bool = True) -> View:
    """The view that a page draws on: reads the address, draws header and filter bar.

    Stops with the way to the first upload when there is no snapshot and the page needs one.
    """
    if go := st.session_state.pop(_GO, None):
        st.switch_page(str(navigation.BY_CODE[go[0]].path), query_params=go[1])
    state, own = address.read(_url(), st.session_state.get(_STATE), st.context.locale)
    st.session_state[_STATE] = state
    _mirror(state, own)
    view = View(code, state, own)
    header.draw(view, view.change)
    if view.snapshot is None:
        if needs_snapshot:
            empty.no_snapshot(view)
            st.stop()
    elif needs_snapshot and view.snapshot.schema_version != SCHEMA_VERSION:
        empty.outdated(view)
        st.stop()
    elif has_filters:
        filters.draw(view, view.change, view.reset)
    return view


class View:
    """One page as one person sees it now."""

    def __init__(self, page: str, state: address.State, own: Mapping[str, str]) -> None:
        self.page = page
        self.state = state
        self.own = dict(own)
        self.lang = address.value(state, "lang")
        self.snapshot = session.snapshot(address.value(state, "snapshot"))
        self.viewer = BOSS
        self.filters, self.unknown = self._filters()
        self._lens: Lens | None = None

    # --- data ----------------------------------------------------------------------------------------------------

    @property
    def lens(self) -> Lens:
        """The snapshot through this viewer's scope and filters."""
        if self._lens is None:
            if self.snapshot is None:
                raise LookupError("there is no snapshot yet")
            self._lens = session.engine().lens(self.snapshot.id, self.viewer, self.filters)
        return self._lens

    @property
    def comparison(self) -> str:
        """Code of what headline figures are compared with: previous, last_year, snapshot."""
        return self.filters.compare

    def look_over(self, period: str) -> None:
        """Ask over this period instead of the one in the filter bar; the page has to say so."""
        if period != self.filters.period:
            self.filters = replace(self.filters, period=period)
            self._lens = None

    def look_between(self, before: str, after: str) -> None:
        """Ask the snapshot with the second id, against the one with the first, instead of the one that pages show.

        Raises SnapshotError when either is gone or damaged.
        """
        self._lens = session.engine().lens(after, self.viewer, self.filters, against=before)

    def drop_filters(self) -> None:
        """Ask without the filters of the address, on a page that shows no filter bar; links keep them."""
        self.filters, self.unknown = parse({}, Options())
        self._lens = None

    def options(self) -> Options:
        """Values that each global filter can take in this snapshot, whatever the filters are now."""
        return self.lens.options

    def needs(self, *tables: str, draw: bool = True) -> bool:
        """Whether the snapshot holds all these tables; if not, says which export is missing and how to get it."""
        missing = [name for name in tables if not self.lens.has(name)]
        if missing and draw:
            empty.missing(self, missing)
        return not missing

    # --- words ---------------------------------------------------------------------------------------------------

    def say(self, key: str, **facts: object) -> str:
        """A sentence as markdown, in the reader's language."""
        return text.say(key, self.lang, self.currency, **facts)

    def plain(self, key: str, **facts: object) -> str:
        """A sentence as plain text: for chart labels and table cells, never for markdown."""
        return text.plain(key, self.lang, self.currency, **facts)

    def show(self, fact: object, spec: str = "") -> str:
        """One fact as plain text."""
        return text.show(fact, self.lang, self.currency, spec)

    @staticmethod
    def safe(words: object) -> str:
        """Any text as harmless markdown."""
        return text.escape(words)

    @property
    def currency(self) -> str | None:
        """ISO code of the reporting currency; None where it is not known."""
        return (self.lens.currency or None) if self.snapshot else None

    # --- drawing -------------------------------------------------------------------------------------------------

    def answer(self, key: str, **facts: object) -> None:
        """The page's answer in one sentence, large."""
        st.markdown(f"#### {self.say(key, **facts)}")

    def rooms(self, codes: Sequence[str]) -> dict[str, Any]:
        """Tabs of this page by code, called `<page>.tab.<code>`; the open one stands in the address as `room`.

        Each tells by `.open` whether it is shown, so that a costly one need not be drawn behind the others.
        """
        labels = {code: self.say(f"{self.page}.tab.{code}") for code in codes}
        key, asked = f"rooms.{self.page}", self.param("room")
        st.session_state[key] = labels.get(asked or "", labels[codes[0]])
        chosen = {label: code for code, label in labels.items()}
        tabs = st.tabs(
            list(labels.values()),
            key=key,
            on_change=lambda: self.set_param("room", chosen.get(st.session_state[key])),
        )
        return dict(zip(codes, tabs, strict=True))

    def section(self, key: str, **facts: object) -> None:
        """A heading within the page."""
        st.markdown(f"##### {self.say(key, **facts)}")

    def note(self, key: str, **facts: object) -> None:
        """A quiet sentence."""
        st.caption(self.say(key, **facts))

    def cards(self, cards: Sequence[Card], *, columns: int = 4) -> None:
        """Headline figures side by side."""
        card.draw(self, cards, columns=columns)

    def figure(
        self,
        figure: Mapping[str, Any],
        *,
        query: str | Sequence[str],
        key: str,
        picks: Callable[[Any], None] | None = None,
    ) -> None:
        """A chart with its definition; picks hears the `customdata` of a point that was clicked."""
        chart.draw(self, figure, query=query, key=key, picks=picks)

    def table(self, rows: Any, columns: Sequence[Column], **settings: Any) -> None:
        """Rows to act on; see dashboard.ui.table.draw for query, key, opens, total, empty, height."""
        table.draw(self, rows, columns, **settings)

    def about(self, query: str | Sequence[str], *, key: str, **more: Any) -> None:
        """The quiet button with definition, period and SQL (and the export of a table)."""
        names = (query,) if isinstance(query, str) else tuple(query)
        definition.draw(self, names, key=key, **more)

    # --- going places --------------------------------------------------------------------------------------------

    def link(self, page: str, label: str, *, into: Any = st, icon: str | None = None, **params: str) -> None:
        """A link to a page with the filters kept; label is markdown (say or safe it first)."""
        target = navigation.BY_CODE[page]
        if target.path.is_file():
            into.page_link(str(target.path), label=label, icon=icon, query_params=address.write(self.state, params))

    def links(self, links: Sequence[tuple[str, str, Mapping[str, str]]]) -> None:
        """Links (page, label, parameters) in a row."""
        with st.container(horizontal=True, gap="medium"):
            for page, label, params in links:
                self.link(page, label, **params)

    def go(self, page: str, **params: str) -> None:
        """Open a page at the next run; for callbacks."""
        st.session_state[_GO] = (page, address.write(self.state, params))

    def follow(self, key: str, targets: Mapping[str, Target]) -> None:
        """Callback of a table: open the page of the cell that was clicked; targets by column, '' for all others."""
        selection = st.session_state.get(key)
        target = targets.get(table.picked_column(selection), targets.get(""))
        if target and (value := table.picked(selection, target.values)):
            self.go(target.page, **{target.name: value})

    def param(self, name: str) -> str | None:
        """A parameter of this page from the address."""
        return self.own.get(name)

    def set_param(self, name: str, value: str | None) -> None:
        """Change a parameter of this page, in the address too; for callbacks and before anything reads it."""
        self.own = {n: v for n, v in self.own.items() if n != name} | ({name: value} if value else {})
        _mirror(self.state, self.own)

    def change(self, name: str, values: tuple[str, ...]) -> None:
        """Callback: change one part of what holds across pages."""
        self.state = address.changed(self.state, name, values)
        self._keep()

    def reset(self) -> None:
        """Callback: all filters back to their defaults; language and snapshot stay."""
        self.state = {n: v for n, v in self.state.items() if n in ("lang", "snapshot")}
        self._keep()

    def _filters(self) -> tuple[Filters, tuple[tuple[str, str], ...]]:
        """The filters of the address, and those of its values that this snapshot does not know."""
        cuts = any(self.state.get(name) for name in CUTS)
        known = session.engine().options(self.snapshot.id, self.viewer) if cuts and self.snapshot else Options()
        return parse({name: self.state.get(name, ()) for name in address.FILTERS}, known)

    def _keep(self) -> None:
        st.session_state[_STATE] = self.state
        _mirror(self.state, self.own)


def _url() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _mirror(state: address.State, own: Mapping[str, str]) -> None:
    wanted = address.write(state, own)
    if _url() != wanted:
        st.query_params.from_dict(wanted)
