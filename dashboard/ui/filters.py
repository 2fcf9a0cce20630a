"""The filter bar: one row that says which deals a page is about, in every page and in the URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.engine.filters import COMPARISONS, CUTS, PERIODS
from dashboard.text import Count, Listing
from dashboard.ui import address

if TYPE_CHECKING:
    from dashboard.ui.page import View

_ALONE = ("period", "compare")


def draw(view: View, change: Callable[[str, tuple[str, ...]], None], reset: Callable[[], None]) -> None:
    """Period and comparison side by side, the other filters behind one button, and a way back to the defaults."""
    chosen = [name for name in CUTS if view.state.get(name)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, codes in (("period", PERIODS), ("compare", COMPARISONS)):
            _one(view, name, codes, change)
        label = view.say("ui.filter.more_chosen", n=Count(len(chosen))) if chosen else view.say("ui.filter.more")
        box = st.popover(label, icon=":material/tune:", key="filter.more", on_change="rerun")
        if chosen or any(view.state.get(name) for name in _ALONE):
            st.button(view.say("ui.filter.reset"), type="tertiary", icon=":material/restart_alt:", on_click=reset)
    if box.open:
        with box:
            _many(view, change)
    if chosen:
        words = [f"{view.say(f'ui.filter.{name}')}: {view.safe('、'.join(view.state[name]))}" for name in chosen]
        st.caption(" · ".join(words))
    if view.unknown:
        st.caption(view.say("ui.filter.unknown", values=Listing([value for _, value in view.unknown])))


def _one(view: View, name: str, codes: tuple[str, ...], change: Callable[[str, tuple[str, ...]], None]) -> None:
    key = f"filter.{name}"
    offered = codes if name != "compare" or view.lens.previous else tuple(c for c in codes if c != "snapshot")
    current = address.value(view.state, name)
    st.session_state[key] = current if current in offered else offered[0]
    words = {code: view.plain(f"ui.{name}.{code}") for code in offered}
    st.selectbox(
        view.say(f"ui.filter.{name}"),
        offered,
        format_func=words.__getitem__,
        key=key,
        on_change=lambda: change(name, (st.session_state[key],)),
        label_visibility="collapsed",
        width=168,
    )


def _many(view: View, change: Callable[[str, tuple[str, ...]], None]) -> None:
    offered = view.options()
    for name in CUTS:
        values = list(getattr(offered, name))
        chosen = list(view.state.get(name, ()))
        if not values and not chosen:
            continue
        key = f"filter.{name}"
        st.session_state[key] = chosen
        st.multiselect(
            view.say(f"ui.filter.{name}"),
            values + [v for v in chosen if v not in values],
            key=key,
            on_change=lambda name=name, key=key: change(name, tuple(st.session_state[key])),
            placeholder=view.plain("ui.filter.all"),
        )
