"""Escaping: text from a CRM is data, and stays data in markdown and in chart labels."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$&=^])")
#: Streamlit turns `:name:` into icons and bare addresses into links after the escapes are gone: an invisible joint
#: inside the word stops both.
_JOINT = "\u2060"
_LIVE = re.compile(r"(:)(?=[\w/+\-])|(@)(?=\w)|(\bwww)(?=\.)|(\bhttps?|\bftp|\bmailto)(?=:)", re.IGNORECASE)
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def escape(text: object) -> str:
    """Any text as markdown that shows exactly these characters on one line, and does nothing."""
    flat = _BREAKS.sub(" ", str(text))
    joined = _LIVE.sub(lambda m: m.group(0) + _JOINT, flat)
    return _MARKDOWN.sub(r"\\\1", joined)


def escape_label(text: object) -> str:
    """Any text as a Plotly label: Plotly reads a subset of HTML, so that `<a href>` would be a live link."""
    flat = _BREAKS.sub(" ", str(text))
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
