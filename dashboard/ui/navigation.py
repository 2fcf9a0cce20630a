"""The pages: their names, icons and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.places import PAGES


@dataclass(frozen=True)
class PageName:
    """One page: its code is its file's name and its address; its title is the sentence `nav.<code>`.

    about: parameter of the address that names the one deal or person it shows, where it shows one.
    """

    code: str
    icon: str
    is_listed: bool = True
    about: str = ""

    @property
    def path(self) -> Path:
        """The page's script."""
        return PAGES / f"{self.code}.py"


ALL = (
    PageName("desk", ":material/space_dashboard:"),
    PageName("funnel", ":material/filter_alt:"),
    PageName("changes", ":material/swap_vert:"),
    PageName("milestones", ":material/checklist:"),
    PageName("forecast", ":material/query_stats:"),
    PageName("salesperson", ":material/badge:", about="user_id"),
    PageName("deal", ":material/handshake:", is_listed=False, about="opportunity_id"),
    PageName("data", ":material/database:"),
)
BY_CODE = {page.code: page for page in ALL}
