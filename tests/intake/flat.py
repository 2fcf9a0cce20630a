"""A firm without a CRM: one flat list of deals and three small lists, under headings that no profile knows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

#: Deals in the list.
DEALS = 240

_AGENTS = [f"{first} {last}" for first in ("Ana", "Ben", "Cora", "Dan") for last in ("Holt", "Kerr", "Lund")]
_MANAGERS = ("Mona Pike", "Nils Quay")
_PRODUCTS = (("GTX Basic", "GTX", 550), ("GTX Pro", "GTX", 4821), ("MG Special", "MG", 55))
_ACCOUNTS = [f"{one} {kind}" for one in ("Acme", "Beta", "Condax", "Dalt") for kind in ("Corp", "Ltd", "Group")]


def _deal(i: int) -> str:
    stage = ("Prospecting", "Engaging", "Won", "Won", "Lost")[i % 5]
    product, _, price = _PRODUCTS[i * 7 % 3]
    engaged = dt.date(2025, 1, 6) + dt.timedelta(days=i)
    closed = min(engaged + dt.timedelta(days=20 + i % 90), dt.date(2025, 12, 31))
    is_decided = stage in ("Won", "Lost")
    value = {"Won": str(price + i), "Lost": "0"}.get(stage, "")
    # The list of products writes GTX Pro with a blank.
    cells = [
        f"Q{i:05}",
        _AGENTS[i % 12],
        product.replace("GTX Pro", "GTXPro"),
        _ACCOUNTS[i * 5 % 12] if i % 7 else "",
        stage,
        engaged.isoformat() if stage != "Prospecting" else "",
        closed.isoformat() if is_decided else "",
        value,
    ]
    return ",".join(cells)


def _lines(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


FILES = {
    "sales_pipeline.csv": _lines(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
        [_deal(i) for i in range(DEALS)],
    ),
    "sales_teams.csv": _lines(
        "sales_agent,manager,regional_office",
        [f"{agent},{_MANAGERS[i % 2]},{('East', 'West')[i % 2]}" for i, agent in enumerate(_AGENTS)],
    ),
    "accounts.csv": _lines(
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
        [f"{name},retail,19{i + 70},{100.5 + i},{20 * i + 7},Kenya," for i, name in enumerate(_ACCOUNTS)],
    ),
    "products.csv": _lines(
        "product,series,sales_price", [f"{name},{series},{price}" for name, series, price in _PRODUCTS]
    ),
}


def write(folder: Path) -> list[Path]:
    """The four files, in a folder."""
    paths = []
    for name, text in FILES.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="ascii")
    return paths
