"""The same firm exported from three CRMs gives the same figures, on every query.

Salesforce's weekly export, XTools' files and the views of Dynamics 365 tell of one invented firm, twice, a month apart.
Ids differ from CRM to CRM, and so do the names of stages and of posts: each is put into words shared by all three
before the answers are compared, to the cent and to the day, in their order.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard import queryfile
from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters, Lens
from dashboard.engine.lens import STANDARD
from dashboard.intake.job import ImportResult, run_import
from dashboard.snapshots.store import Store
from data.dialects.records import More
from data.triple import SNAPSHOTS, WRITERS, build

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("triple")]

Row = dict[str, Any]

#: Queries about the uploaded files themselves, which three CRMs cannot have in common.
ABOUT_FILES = {
    "data/accounting": "files, encodings and records differ",
    "data/import_notes": "what was mended differs with the dirt",
    "data/missing_values": "cells that are blank in a file of one CRM have no column in another's",
    "data/reject_reasons": "one export has a footer, another deleted rows",
    "data/rejects": "one export has a footer, another deleted rows",
}
#: Queries that find nothing in the triple: XTools has no leads, and nothing is missing in a firm that is in order.
WITHOUT_ROWS = {
    "data/missing_references",
    "data/ownerless",
    "funnel/leads",
    "changes/late_edits",
    "changes/rewritten",
    # Nothing is left to come of the last twelve months.
    "forecast/calibration",
    "forecast/deals",
    "forecast/odds",
}

ASKED = [query for query in queryfile.page_queries() if query not in ABOUT_FILES]
BOSSES = dict.fromkeys(WRITERS, BOSS)
#: Deals of every age; those after 108 have moved, slipped, been decided or handed over between the snapshots.
DEALS = [f"deal {key}" for key in (*range(1, 108, 15), 111, 116, 143, 157, 174, 179, 194, *range(198, 226, 3))]
YEAR = Filters(period="last_12_months")
FILTERS = {
    "this quarter": Filters(),
    "last month against the snapshot before": Filters(period="last_month", compare="snapshot"),
    "a team this year against the last": Filters(period="this_year", compare="last_year", team=("East",)),
    "a product family": Filters(period="last_12_months", family=("Inspection",)),
    "the best customers": Filters(period="last_12_months", tier=("A",)),
    "a team in two regions": Filters(period="last_12_months", team=("West",), region=("CA", "OR")),
}


#: The canonical tables, references by name, without ids and the words that differ (titles, tiers, stages).
TABLES = {
    "users": "name, email, role, team, region, hired_on, left_on from users",
    "accounts": "a.name, u.name, industry, a.region, city, headcount, lifecycle, preference, created_at"
    " from accounts as a join users as u on u.user_key = a.owner_key",
    "contacts": "c.name, a.name, buying_role, phone, email, birthday, c.preference, c.created_at"
    " from contacts as c join accounts as a using (account_key)",
    "products": "name, family, list_price, unit_cost, stock, is_active from products",
    "opportunities": "o.name, a.name, u.name, outcome, amount, currency, probability, o.source, need, loss_reason,"
    " competitor, next_step, next_step_on, expected_close_on, o.created_at, closed_at::date from opportunities as o"
    " join accounts as a using (account_key) join users as u on u.user_key = o.owner_key",
    "activities": "kind, direction, u.name, a.name, c.name, o.name, happened_at, minutes, t.outcome, is_effective,"
    " subject, note from activities as t join accounts as a using (account_key)"
    " join users as u on u.user_key = t.owner_key"
    " left join contacts as c on c.contact_key = t.contact_key"
    " left join opportunities as o on o.opportunity_key = t.opportunity_key",
    "tasks": "u.name, b.name, a.name, subject, priority, t.created_at, due_on, completed_at, status"
    " from tasks as t join users as u on u.user_key = t.owner_key join users as b on b.user_key = t.assigned_by_key"
    " join accounts as a on a.account_key = t.account_key",
    "orders": "a.name, u.name, amount, currency, status, ordered_on"
    " from orders as o join accounts as a using (account_key) join users as u on u.user_key = o.owner_key",
    "line_items": "name, quantity, unit_price, l.unit_cost from line_items as l join products using (product_key)",
    "invoices": "a.name, amount, due_on from invoices join accounts as a using (account_key)",
    "payments": "a.name, amount, paid_on from payments join accounts as a using (account_key)",
    "cases": "a.name, c.name, p.name, u.name, kind, priority, status, opened_at, first_response_at, closed_at,"
    " satisfaction from cases as s join accounts as a on a.account_key = s.account_key"
    " join contacts as c on c.contact_key = s.contact_key"
    " join products as p using (product_key) join users as u on u.user_key = s.owner_key",
    "targets": "u.name, month, measure, value from targets join users as u on u.user_key = owner_key",
}


@dataclass(frozen=True)
class Export:
    """One CRM's two snapshots, and what its ids and words stand for."""

    engine: Engine
    imports: tuple[ImportResult, ...]
    folders: tuple[Path, ...]
    meanings: Mapping[str, str]

    def lens(self, filters: Filters, viewer: Viewer = BOSS, shot: int = -1) -> Lens:
        return self.engine.lens(self.imports[shot].snapshot.id, viewer, filters)

    def written(self, meaning: object) -> Any:
        """The id by which this CRM calls what is meant."""
        return next((text for text, meant in self.meanings.items() if meant == meaning), meaning)

    def answer(self, lens: Lens, query: str, parameters: Mapping[str, object]) -> list[Row]:
        """Rows of the query in shared words."""
        asked = {name: self.written(value) for name, value in parameters.items()}
        return [self._shared(query, row) for row in lens.rows(query, **asked)]

    def _shared(self, query: str, row: Row) -> Row:
        found = {name: self._common(value) for name, value in row.items()}
        if query == "deal/money" and row["item"] == "payment":
            # Dynamics knows no receipts: the id is that of the invoice that was closed as paid.
            found["item_id"] = None
        for name in ("stage", "next_stage"):
            # Where a deal won stays in its stage, winning has none.
            if found.get(name) == "stage won" or (name in row and row.get("outcome") == "won"):
                found[name] = None
        return found

    def _common(self, value: Any) -> Any:
        if isinstance(value, str):
            kind, colon, name = value.partition(":")
            return (
                f"{kind}:{self.meanings[name]}" if colon and name in self.meanings else self.meanings.get(value, value)
            )
        if isinstance(value, dt.datetime):
            return value.date()
        # Sums of the same numbers in another order differ in the last bits.
        return round(value, 9) if isinstance(value, float) else value


def bring(root: Path, crms: Sequence[str], more: More) -> dict[str, Export]:
    """The firm's exports by these CRMs, imported one after the other; two CRMs at a time."""
    world = build()

    def of(crm: str) -> Export:
        made, meanings = [], {}
        folders = tuple(root / crm / day.isoformat() for day in SNAPSHOTS)
        for day, folder in zip(SNAPSHOTS, folders, strict=True):
            folder.mkdir(parents=True)
            meanings = WRITERS[crm](world, day, folder, more)
            made.append(run_import([folder], root / f"home-{crm}", as_of=day))
        return Export(Engine(Store(root / f"home-{crm}")), tuple(made), folders, meanings)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(crms, pool.map(of, crms), strict=True))


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Export]]:
    """The three exports, imported twice each."""
    found = bring(tmp_path_factory.mktemp("triple"), list(WRITERS), More.NOTHING)
    yield found
    for export in found.values():
        export.engine.close()


def choices(query: str, export: Export) -> Iterator[dict[str, object]]:
    """Every combination of the query's own parameters: all people, some of the deals, all codes."""
    meant = sorted(export.meanings.values())
    values: dict[str, list[Any]] = {
        "user_id": [word for word in meant if word.startswith("user ")],
        "opportunity_id": DEALS,
        "pipeline": ["main"],
        "dimension": ["all", "source", "team", "owner", "region", "product_family", "size_band"],
        "position": list(range(7)),
        "outcome": ["open", "lost", "forward", "unknown", "all", "now", "late", "still", "back"],
        "usual_days": [20.0],
        "principle": list(range(11)),
        "detail": ["total", "owner", "deal"],
        "reach": ["all", "period"],
        "course": [""],
        "which": ["since", "often"],
        "side": ["ahead", "behind"],
        "before_on": [SNAPSHOTS[0]],
        "currency": [""],
        "has_default_dates": [False],
        "first_on": [SNAPSHOTS[0]],
        "since_on": [SNAPSHOTS[0]],
        "until_on": [SNAPSHOTS[1]],
        "end_on": [SNAPSHOTS[1]],
        "n_days": [3],
        "kind": {
            "changes/waterfall": [""],
            "data/compare_deal_list": [
                *("new", "won", "lost", "reopened", "gone", "stage", "amount", "owner", "close_date"),
            ],
            "data/stale_records": ["past_close", "idle", "future", "overdue"],
        }.get(query, []),
    }
    names = [name for name in queryfile.load(query).parameters if name not in STANDARD]
    for combination in itertools.product(*(values[name] for name in names)):
        yield dict(zip(names, combination, strict=True))


def is_compared(query: str, row: Row) -> bool:
    """XTools does not export who is whose manager. The ninth principle needs it, and those above a person or a team
    come along with them by it, as names without numbers."""
    if query == "data/completeness":
        return bool(row["principle"] != 9)
    if query == "data/compare_tables":
        return bool(row["table_name"] != "users")
    return not (query == "salesperson/headline" and row["team"] is None)


def compare(
    exports: dict[str, Export],
    query: str,
    filters: Filters,
    viewers: Mapping[str, Viewer] = BOSSES,
    *,
    shot: int = -1,
    every: int = 1,
) -> int:
    """Ask all of them what the query can be asked, or every so many-th of it; returns how many rows they agreed on."""
    first, *rest = exports
    asked = list(itertools.islice(choices(query, exports[first]), 0, None, every))

    def ask(crm: str) -> list[list[Row]]:
        lens = exports[crm].lens(filters, viewers[crm], shot)
        answers = (exports[crm].answer(lens, query, parameters) for parameters in asked)
        return [[row for row in answer if is_compared(query, row)] for answer in answers]

    with ThreadPoolExecutor(3) as pool:
        expected, *others = pool.map(ask, (first, *rest))
    for crm, answers in zip(rest, others, strict=True):
        for parameters, known, found in zip(asked, expected, answers, strict=True):
            assert found == known, (crm, query, parameters)
    return sum(map(len, expected))


@pytest.mark.parametrize("query", ASKED)
def test_every_query_gives_the_same_rows(exports: dict[str, Export], query: str) -> None:
    n_rows = compare(exports, query, YEAR)
    assert (n_rows == 0) == (query in WITHOUT_ROWS)


@pytest.mark.parametrize("table", TABLES)
def test_the_tables_agree_in_what_no_query_asks(exports: dict[str, Export], table: str) -> None:
    found = {}
    for crm, export in exports.items():
        path = export.engine.store.data_path(export.imports[-1].snapshot.id)
        with duckdb.connect(str(path), read_only=True) as con:
            found[crm] = con.execute(f"select {TABLES[table]} order by all").fetchall()
    assert found["salesforce"]
    assert found["xtools"] == found["salesforce"]
    assert found["dynamics365"] == found["salesforce"]


@pytest.mark.parametrize("chosen", FILTERS)
def test_every_filter_leaves_the_same(exports: dict[str, Export], chosen: str) -> None:
    queries = [q for q in ASKED if not {"user_id", "opportunity_id"} & queryfile.load(q).parameters.keys()]
    assert sum(compare(exports, query, FILTERS[chosen], every=9) for query in queries) > 60


def test_the_first_snapshot_alone_gives_the_same(exports: dict[str, Export]) -> None:
    for folder, least in (("desk/", 50), ("funnel/", 100)):
        queries = [query for query in ASKED if query.startswith(folder)]
        assert sum(compare(exports, query, YEAR, shot=0, every=3) for query in queries) > least


@pytest.mark.parametrize(("person", "role"), [("user M2", "manager"), ("user M5", "rep")])
def test_a_manager_and_a_rep_see_the_same(exports: dict[str, Export], person: str, role: str) -> None:
    """Salesforce and Dynamics say who reports to whom; in XTools the team says it."""
    viewers = {crm: Viewer(export.written(person), role) for crm, export in exports.items()}
    queries = [query for query in ASKED if query.startswith(("desk/", "changes/", "salesperson/"))]
    assert sum(compare(exports, query, YEAR, viewers, every=2) for query in queries) > 50


def test_there_is_history_to_compare_though_no_export_tells_it(exports: dict[str, Export]) -> None:
    for export in exports.values():
        lens = export.lens(YEAR)
        pair: dict[str, Any] = {
            "before_on": SNAPSHOTS[0],
            "currency": "",
            "kind": "",
            "detail": "total",
            "reach": "all",
        }
        changes = {row["kind"]: row["n"] for row in lens.rows("changes/waterfall", **pair)}
        assert {"new", "won", "lost", "vanished"} <= changes.keys(), changes
        assert lens.rows("changes/slipped", which="since", has_default_dates=False)
        assert lens.rows("funnel/moves", pipeline="main")
        (source,) = lens.rows("data/history_source")
        assert source["n_moves"] == source["n_inferred"] > 10, source


def test_the_dirt_is_in_the_files(exports: dict[str, Export]) -> None:
    def text(crm: str, name: str, encoding: str, shot: int = -1) -> str:
        return (exports[crm].folders[shot] / name).read_bytes().decode(encoding)

    deals, receipts = (text("xtools", f"{name}.csv", "gb18030") for name in ("销售机会", "回款记录"))
    for form in (r'"¥\d+,\d{3}\.\d\d"', r"\b2026/\d/\d", r"\d{4}年\d+月\d+日", r"\d{4}-\d\d-\d\d", r"  ,"):
        assert re.search(form, deals), form
    assert receipts.splitlines()[-1].startswith("合计")
    for form in (r'"\$\d+,\d{3}\.\d\d "', r"\b\d/\d+/2026", r"<div>.*<br>.*</div>"):
        assert re.search(
            form,
            text("dynamics365", "All Invoices.csv", "utf-8-sig") + text("dynamics365", "All Emails.csv", "utf-8-sig"),
        ), form
    people = [text("salesforce", "Contact.csv", "latin-1", shot) for shot in (0, 1)]
    assert "Müller" in people[1] and " 00:00:00+0000" in people[1]
    headings = [file.splitlines()[0].split(",") for file in people]
    assert headings[0] != headings[1] and set(headings[0]) == set(headings[1])


def test_the_dirt_is_accounted_for(exports: dict[str, Export]) -> None:
    def total(crm: str, what: str) -> int:
        return sum(file[what] for file in exports[crm].imports[-1].files)

    for crm in WRITERS:
        assert total(crm, "n_records") == sum(total(crm, what) for what in ("n_kept", "n_merged", "n_rejected"))
        assert total(crm, "n_cells_blanked") == 0
    # a record twice in two or three files of each; the posts on deals merge into the people who hold them
    assert total("xtools", "n_merged") == 3 and total("dynamics365", "n_merged") == 2
    assert total("salesforce", "n_merged") > 3
    # the line of totals; deleted rows and the roles that nothing uses; nothing
    assert total("xtools", "n_rejected") == 1 and total("dynamics365", "n_rejected") == 0
    encodings = {crm: {file["encoding"] for file in exports[crm].imports[-1].files} for crm in WRITERS}
    assert encodings["xtools"] == {"gb18030"} and "cp1252" in encodings["salesforce"]
    kinds = {Path(file["name"].split(" / ")[0]).suffix for file in exports["dynamics365"].imports[-1].files}
    assert kinds == {".csv", ".xlsx"}


@pytest.mark.parametrize(
    ("more", "crms"), [(More.SINCE, ("salesforce", "xtools")), (More.WHERE_LOST, ("xtools", "dynamics365"))]
)
def test_what_two_of_them_can_say_is_the_same_too(tmp_path: Path, more: More, crms: tuple[str, str]) -> None:
    exports = bring(tmp_path, crms, more)
    queries = [query for query in ASKED if query.startswith(("funnel/", "deal/"))]
    if more is More.WHERE_LOST:
        queries.remove("deal/stage_trail")  # ends in the stage won, or in the one before
    n_rows = sum(compare(exports, query, YEAR, every=4) for query in queries)
    assert n_rows > 200
    for export in exports.values():
        lens = export.lens(YEAR)
        steps = lens.rows("funnel/conversion", pipeline="main")
        days = lens.rows("funnel/time_in_stage", pipeline="main")
        if more is More.SINCE:
            assert sum(row["n"] for row in days) > 30, days
        else:
            assert sum(row["n_lost"] or 0 for row in steps) > 3 * sum(row["n_lost_unknown"] or 0 for row in steps), (
                steps
            )
        export.engine.close()
