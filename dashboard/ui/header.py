"""The head of every page: its name, the day the figures show, and the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from dashboard.ui.page import View

_OTHER = {"zh": ("en", "English"), "en": ("zh", "中文")}


def draw(view: View, change: Callable[[str, tuple[str, ...]], None]) -> None:
    """Title on the left; as-of line and language switch on the right, below it on a narrow window."""
    other, name = _OTHER[view.lang]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(f"##### {view.say(f'nav.{view.page}')}", width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            if view.snapshot is not None:
                st.caption(as_of(view), width="content")
            st.button(
                name, key="lang", type="tertiary", icon=":material/translate:", on_click=change, args=("lang", (other,))
            )
    asked = view.state.get("snapshot")
    if asked and view.snapshot is not None and view.snapshot.id != asked[0]:
        st.caption(view.say("ui.as_of.fallback"))


def as_of(view: View) -> str:
    """Which day the figures show, and which upload they are compared with."""
    previous = view.lens.previous
    if previous is None:
        return view.say("ui.as_of.only", day=view.lens.as_of)
    return view.say("ui.as_of.with_previous", day=view.lens.as_of, previous=previous.as_of)
