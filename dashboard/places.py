"""Where the product's own files and the user's folder are."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_HERE = Path(__file__).resolve().parent


def _shipped(folder: str) -> Path:
    """A top-level folder of the checkout, or its copy inside the installed package."""
    inside = _HERE / folder
    return inside if inside.is_dir() else _HERE.parent / folder


QUERIES = _shipped("queries")
PAGES = _shipped("pages")
DATA = _shipped("data")


def default_home() -> Path:
    """The user's folder for snapshots and settings: SALES_COCKPIT_HOME, else the platform's data folder."""
    named = os.environ.get("SALES_COCKPIT_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_path("sales-cockpit", appauthor=False))
