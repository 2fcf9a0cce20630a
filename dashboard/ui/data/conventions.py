"""Conventions: the questions about how a cell is to be read, where nothing in an upload proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from dashboard.ui.page import View

_ANSWERS = {"date_order": ("mdy", "dmy"), "decimal": ("point", "comma")}


def question(view: View, asked: Mapping[str, Any]) -> dict[str, str]:
    """Ask how a cell is to be read. Returns the answer under the kind of the question; empty until there is one."""
    kind = asked["kind"]
    answer = st.radio(
        view.say(f"data.upload.{kind}", column=asked["column"], found=asked["found"]),
        _ANSWERS[kind],
        index=None,
        horizontal=True,
        format_func=lambda code: view.plain(f"data.upload.{code}"),
        key=f"upload.{kind}",
    )
    return {kind: answer} if answer is not None else {}
