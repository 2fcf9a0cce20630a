"""The frame: browser title, navigation, and the last line of defence around a page."""

from __future__ import annotations

import logging
import secrets
import traceback
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import text
from dashboard.snapshots.problem import SnapshotError
from dashboard.ui import address, navigation

_LOG = logging.getLogger("dashboard.error")
_SIDEBAR_PX = 220
#: A file of ours: Streamlit fetches a symbol or emoji for the browser tab from a foreign server.
_ICON = str(Path(__file__).with_name("icon.png"))


def run() -> None:
    """Show the page that the address names."""
    lang = _language()
    st.set_page_config(
        page_title=text.plain("ui.app.name", lang),
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state=_SIDEBAR_PX,
    )
    built = [page for page in navigation.ALL if page.path.is_file()]
    pages = [_page(page, lang, is_first=page is built[0]) for page in built]
    # The first page stands at the root; under its own name it is found as well.
    pages.append(_page(built[0], lang, is_listed=False))
    st.logo(_ICON, size="large")
    chosen = st.navigation(pages)
    try:
        chosen.run()
    except SnapshotError as error:
        _LOG.error("snapshot %s", error.code)
        st.error(text.say("ui.error.snapshot", lang), icon=":material/error:")
    except Exception as error:  # the boundary: a boss sees a sentence, never a traceback
        st.error(text.say("ui.error.page", lang, id=report(error)), icon=":material/error:")


def _page(
    page: navigation.PageName, lang: str, *, is_first: bool = False, is_listed: bool | None = None
) -> StreamlitPage:
    listed = page.is_listed if is_listed is None else is_listed
    return st.Page(
        str(page.path),
        title=text.plain(f"nav.{page.code}", lang),
        icon=page.icon,
        url_path="home" if is_first else page.code,
        default=is_first,
        visibility="visible" if listed else "hidden",
    )


def report(error: BaseException) -> str:
    """Log an error without its message, which may hold customers' data; returns the id shown on screen."""
    number = secrets.token_hex(4)
    places = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in _frames(error)[::-1][:8])
    _LOG.error("error %s %s at %s", number, type(error).__name__, places)
    return number


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


def _language() -> str:
    asked = st.query_params.get("lang", "")
    if asked in address.LANGS:
        return asked
    kept: address.State = st.session_state.get("view.state", {})
    return address.value(kept, "lang") or address.language_of(st.context.locale)
