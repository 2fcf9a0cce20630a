"""Rules of the house that hold for the whole repository, so that nobody has to remember them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.queryfile import PAGE_FOLDERS, parse

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("dashboard", "pages", "data", "queries", "benchmarks", "docs", "tests")
#: The rooms that talk to a database; settings live in SQLite.
SQL_ROOMS = ("dashboard/engine/", "dashboard/intake/", "dashboard/snapshots/", "dashboard/settings")
#: Where a statement may be put together from parts: names from our own fixed lists, values always bound.
COMPOSING = ("dashboard/engine/", "dashboard/intake/", "dashboard/snapshots/", "benchmarks/", "tests/")
STATEMENT = re.compile(r"^\s*(select|insert|update|delete|with|create)\b.+\b(from|into|set|table|as\s*\()", re.I | re.S)


def files(*endings: str, under: tuple[str, ...] = FOLDERS) -> list[Path]:
    """The repository's own files of these kinds."""
    found = [path for folder in under for ending in endings for path in (ROOT / folder).rglob(f"*{ending}")]
    return sorted(path for path in found if not {"__pycache__", "out"} & set(path.relative_to(ROOT).parts))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PRODUCT = files(".py", under=("dashboard", "pages"))


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_crm_text_never_becomes_live_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("unsafe_allow_html", "unsafe_allow_javascript", "components.v1", "st.html("):
        assert word not in text


@pytest.mark.parametrize(
    "path", [p for p in PRODUCT if name(p).startswith(("pages/", "dashboard/ui/", "dashboard/charts/"))], ids=name
)
def test_pages_ui_and_charts_hold_no_sql(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.value for node in strings(tree) if STATEMENT.match(str(node.value))] == []


@pytest.mark.parametrize("path", files(".py"), ids=name)
def test_statements_are_composed_only_where_names_come_from_fixed_lists(path: Path) -> None:
    if name(path).startswith(COMPOSING):
        return
    composed = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany", "executescript", "sql")
        and node.args
        and not isinstance(node.args[0], ast.Constant | ast.Name | ast.Attribute | ast.Call)
    ]
    assert composed == []


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_only_the_data_rooms_know_the_database(path: Path) -> None:
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    if not name(path).startswith(SQL_ROOMS):
        assert not imported & {"duckdb", "sqlite3"}


@pytest.mark.parametrize("path", files(".py", under=("pages",)), ids=name)
def test_a_page_knows_ui_and_nothing_below_it(path: Path) -> None:
    modules = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            modules.append(node.module or "")
        elif isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
    below = [m for m in modules if m.startswith("dashboard") and not m.startswith(("dashboard.ui", "dashboard.charts"))]
    assert below == []


@pytest.mark.parametrize("path", files(".py", under=("pages",)), ids=name)
def test_a_page_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 120


@pytest.mark.parametrize("path", files(".py", under=("dashboard", "data", "benchmarks")), ids=name)
def test_a_module_is_one_thing_with_a_telling_name(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
    assert path.stem not in {"util", "utils", "helper", "helpers", "common", "misc", "manager"}


@pytest.mark.parametrize("path", files(".py", ".sql", ".toml", ".md"), ids=name)
def test_nothing_is_left_behind(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    left = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"))
    assert not re.search(rf"\b({left})\b", text)
    assert not re.search(r"(?<![\w.])/(?:work|root|tmp/venv|opt/pypi)/", text)


@pytest.mark.parametrize("path", [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"], ids=name)
def test_the_lock_pins_and_hashes_and_names_no_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.M | re.S)
    assert all("==" in one and "--hash=sha256:" in one for one in packages)
    wanted = {re.split(r"[><=]", line)[0] for line in PYPROJECT["project"]["dependencies"]}
    assert wanted <= {one.partition("==")[0] for one in packages}


def test_every_dependency_says_why_it_is_here() -> None:
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([a-z0-9-]+) \|", table, re.M)
    assert [one for one in listed if one != "package" and not one.startswith("-")] == [
        re.split(r"[><=]", line)[0] for line in PYPROJECT["project"]["dependencies"]
    ]


@pytest.mark.parametrize(
    "path",
    files(".sql", under=tuple(f"queries/{folder}" for folder in PAGE_FOLDERS)),
    ids=name,
)
def test_every_figure_says_what_it_measures(path: Path) -> None:
    query = parse(f"{path.parent.name}/{path.stem}", path.read_text(encoding="utf-8"))
    assert query.what and query.row and query.definition
    assert all(column.text for column in [*query.columns.values(), *query.parameters.values()])
    asked = set(re.findall(r"\$([a-z_]+)", re.sub(r"--[^\n]*", "", query.sql)))
    assert asked == set(query.parameters)


@pytest.mark.parametrize("path", files(".sql", under=("queries/marts",)), ids=name)
def test_every_mart_says_what_a_row_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert {"What:", "Row:", "Definition:", "Columns:"} <= set(re.findall(r"^-- ([A-Z][a-z]+:)", text, re.M))


@pytest.mark.parametrize("path", files(".sql", under=("queries/schema",)), ids=name)
def test_every_canonical_table_says_its_grain(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("-- Grain: ")


def test_the_readme_names_every_page_in_both_languages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in files(".py", under=("pages",)):
        titles = [text for text in _titles(path.stem) if text not in readme]
        assert titles == [], f"README.md does not name the page {path.stem}"


def test_the_documents_name_every_setting_and_mart() -> None:
    document = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    settings = (ROOT / "queries" / "settings" / "settings.sql").read_text(encoding="utf-8")
    names = re.findall(r"create table if not exists (\w+)", settings)
    names += [path.stem for path in files(".sql", under=("queries/marts",))]
    assert [one for one in names if f"`{one}`" not in document] == []


@pytest.mark.parametrize("path", files(".py", under=("tests",)), ids=name)
def test_tests_neither_sleep_nor_give_up(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("time." + "sleep(", "mark." + "skip(", "assert " + "True", "wait_for_" + "timeout("):
        assert word not in text


def _titles(code: str) -> list[str]:
    """The page's names in the navigation."""
    for path in files(".toml", under=("dashboard/text",)):
        nav = tomllib.loads(path.read_text(encoding="utf-8")).get("nav", {})
        if code in nav:
            return [nav[code]["zh"], nav[code]["en"]]
    raise AssertionError(f"no title nav.{code} in dashboard/text")
