"""Choice: one of a few codes of a page, kept in the address, changed by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from dashboard.ui.page import View


def choose(view: View, name: str, codes: Sequence[str], default: str, words: Callable[[str], str] | None = None) -> str:
    """The code that the address names, else the default; drawn as a row of buttons.

    Each code is called by the sentence `<page>.<name>.<code>`, or by words (markdown: say or safe it first).
    """
    key, asked = f"choice.{view.page}.{name}", view.param(name)
    current = asked if asked is not None and asked in codes else default
    st.session_state[key] = current
    st.segmented_control(
        view.plain(f"{view.page}.{name}.label"),
        codes,
        format_func=words or (lambda code: view.say(f"{view.page}.{name}.{code}")),
        key=key,
        on_change=lambda: view.set_param(name, st.session_state[key]),
        label_visibility="collapsed",
    )
    return current
