"""Empty states: what is not there, why, and how to get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.text import Listing, has

if TYPE_CHECKING:
    from dashboard.ui.page import View

_SOURCES = ("salesforce", "xtools", "hubspot", "dynamics")


def no_snapshot(view: View) -> None:
    """The first visit: what this is, and two ways to begin."""
    from dashboard.ui.data import snapshots, upload

    snapshots.damaged(view)
    with st.container(border=True):
        st.markdown(f"#### {view.say('ui.first.title')}")
        st.markdown(view.say("ui.first.text"))
        st.button(
            view.say("ui.first.upload"),
            key="first.upload",
            type="primary",
            icon=":material/upload_file:",
            on_click=view.go,
            args=("data",),
        )
        upload.sample_buttons(view)


def outdated(view: View) -> None:
    """A snapshot that an older version built: what to do before it can be shown."""
    st.warning(view.say("ui.outdated"), icon=":material/construction:")
    view.link("data", view.say("ui.missing.upload"), icon=":material/database:")


def missing(view: View, tables: Sequence[str]) -> None:
    """One figure that can't be drawn: names the export it needs and where the CRM offers it."""
    names = Listing([view.plain(f"ui.table_name.{name}") for name in tables])
    source = source_of(view.snapshot.profile if view.snapshot else "")
    with st.container(border=True):
        st.markdown(f":material/inventory_2: {view.say('ui.missing.title', tables=names)}")
        lines = []
        for name in tables:
            key = f"ui.missing.{source}.{name}"
            table = view.plain(f"ui.table_name.{name}")
            lines.append(f"{view.say(key) if has(key) else view.say(f'ui.missing.{source}.any', table=table)}")
        st.caption(lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines))
        view.link("data", view.say("ui.missing.upload"), icon=":material/upload_file:")


def source_of(profile: str) -> str:
    """The CRM that a source profile's name begins with; 'other' when it is none we have instructions for."""
    return next((name for name in _SOURCES if profile.lower().startswith(name)), "other")
