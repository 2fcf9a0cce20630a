"""What page queries may not contain, so that the same file answers alike on DuckDB and on Spark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

Rule = Callable[[exp.Expr], Iterator[tuple[exp.Expr, str]]]

#: Functions refused by name, as they are written: why.
FUNCTIONS = {
    "current_date": "today is the parameter $as_of",
    "current_timestamp": "today is the parameter $as_of",
    "now": "today is the parameter $as_of",
    "today": "today is the parameter $as_of",
    "get_current_timestamp": "today is the parameter $as_of",
    "random": "an answer must be the same twice",
    "uuid": "an answer must be the same twice",
    "median": "quantile_cont(cast(x as double), 0.5)",
    "approx_quantile": "approximations differ",
    "approx_count_distinct": "approximations differ",
    "age": "date_diff('day', a, b)",
    "date_sub": "date_diff('day', a, b)",
    "datesub": "date_diff('day', a, b)",
    "len": "length() for text, array_length() for lists",
    "dayofweek": "isodow()",
    "weekday": "isodow()",
    "hash": "differs between engines",
    "histogram": "differs between engines",
    "entropy": "differs between engines",
    "printf": "differs between engines",
    "format": "differs between engines",
    "columns": "named columns",
    "to_days": "interval arithmetic",
    "if": "case when",
    "any_value": "min or max: which value is taken differs",
    "first": "min or max: which value is taken differs",
    "last": "min or max: which value is taken differs",
    "arg_max": "a window: ties fall differently",
    "arg_min": "a window: ties fall differently",
}
#: Constructs refused by their text, outside of strings and comments: why.
WORDS = {
    r"\basof\s+(left\s+)?join\b": "lead spans and a range join",
    r"\bpositional\s+join\b": "a join on a key",
    r"\bgroup\s+by\s+all\b": "named columns",
    r"\border\s+by\s+all\b": "named columns",
    r"\bunion(\s+all)?\s+by\s+name\b": "named columns",
    r"\bpivot\b|\bunpivot\b": "sum(case …)",
    r"\*\s*(replace|exclude)\b": "named columns",
    r"\busing\s+sample\b|\btablesample\b": "an answer must be the same twice",
    r"(?<!/)//(?!/)": "floor(a / nullif(b, 0))",
    r"\bsemi\s+join\b|\banti\s+join\b": "exists, not exists, or a left join on null",
}
_INTEGERS = {"INT", "BIGINT", "SMALLINT", "TINYINT", "UBIGINT", "UINT", "INT128", "HUGEINT"}


def faults(sql: str) -> list[tuple[int, str]]:
    """(line from 1, what is wrong) for everything in a query that is outside the portable subset."""
    found: list[tuple[int, str]] = []
    bare = _bare(sql)
    for name, why in FUNCTIONS.items():
        pattern = rf"\b{name}\b(?!\s*=)" if name.startswith("current_") else rf"(?<![.\w]){name}\s*\("
        found += [(_line(bare, m.start()), f"{name}: {why}") for m in re.finditer(pattern, bare)]
    for pattern, why in WORDS.items():
        found += [(_line(bare, m.start()), f"{m.group(0)}: {why}") for m in re.finditer(pattern, bare)]
    statements = sqlglot.parse(sql, read="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], (exp.Select, exp.SetOperation)):
        return [*found, (1, "not one single select")]
    for rule in _RULES:
        for node, why in rule(statements[0]):
            found.append((_line_of(node, bare), why))
    return sorted(set(found))


def _division(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    guarded = {alias.alias for alias in tree.find_all(exp.Alias) if alias.this.find(exp.Nullif)}
    for node in tree.find_all(exp.Div):
        if not _is_never_zero(node.expression.unnest(), guarded) and not _is_asked_before(node):
            yield node, "a division by what may be 0: a / nullif(b, 0)"
        if node.find(exp.Count) and not node.find(exp.Cast):
            yield node, "a division of whole numbers: cast an operand to double"


def _is_never_zero(node: exp.Expr, guarded: set[str]) -> bool:
    """A guard, a number written out, the length of an interval, or a sum or product of such."""
    if isinstance(node, (exp.Nullif, exp.Literal)):
        return True
    if isinstance(node, exp.Column):
        return node.name in guarded
    if isinstance(node, (exp.Paren, exp.Cast, exp.Sqrt, exp.Abs)):
        return _is_never_zero(node.this, guarded)
    if isinstance(node, exp.Add) and isinstance(node.right, exp.Literal):
        return True  # a count and a constant
    if isinstance(node, (exp.Add, exp.Mul, exp.Div)):
        return all(_is_never_zero(side, guarded) for side in (node.left, node.right))
    return isinstance(node, exp.DateDiff) and node.find(exp.Interval) is not None


def _is_asked_before(node: exp.Div) -> bool:
    """Inside a branch of a case, or under a where, that asks about a column of the divisor first."""
    names = {column.name for column in node.expression.find_all(exp.Column)}
    select = node.find_ancestor(exp.Select)
    asked = [branch.this for branch in _ancestors(node, exp.If)]
    asked += [select.args["where"]] if select and select.args.get("where") else []
    return any(names & {column.name for column in condition.find_all(exp.Column)} for condition in asked)


def _ancestors(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kind):
            yield node


def _fraction_to_integer(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for node in tree.find_all(exp.Cast):
        if node.to.this.name not in _INTEGERS or isinstance(node.this, (exp.Floor, exp.Round, exp.Ceil)):
            continue
        inner = node.this.unnest()
        if isinstance(inner, (exp.Div, exp.Avg)) or (isinstance(inner, exp.Literal) and "." in inner.name):
            yield node, "a fraction cast to a whole number: floor or round it first"


def _patterns(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for extract in tree.find_all(exp.RegexpExtract):
        if extract.args.get("group") is None or extract.args["group"].name == "0":
            yield extract, "regexp_extract without its group"
    for replace in tree.find_all(exp.RegexpReplace):
        if replace.args.get("modifiers") is None or "g" not in replace.args["modifiers"].name:
            yield replace, "regexp_replace without 'g'"


def _lists(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for node in tree.find_all(exp.ArrayAgg):
        order = node.find(exp.Order)
        if order is None:
            yield node, "a list without order"
        elif any(key.args.get("desc") for key in order.expressions):
            yield node, "a list in descending order"


def _ordering(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber) and not window.args.get("order"):
            yield window, "row_number without order"
    for order in tree.find_all(exp.Order):
        if any(isinstance(key.this, exp.Literal) for key in order.expressions):
            yield order, "order by a column's number"
    for select in tree.find_all(exp.Select):
        if select.args.get("limit") is not None and select.args.get("order") is None:
            yield select, "limit without order"
    outermost = tree.args.get("order")
    if outermost is not None:
        last = outermost.expressions[-1].this
        names = {*tree.named_selects} if isinstance(tree, exp.Select) else set(tree.this.named_selects)
        if not isinstance(last, exp.Column) or last.name not in names:
            yield outermost, "the last sort key is not an output column"


def _aliases(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for select in tree.find_all(exp.Select):
        made = {
            item.alias
            for item in select.expressions
            if isinstance(item, exp.Alias)
            and not isinstance(item.this, exp.Column)
            and item.alias not in {column.name for column in item.this.find_all(exp.Column)}
        }
        where = select.args.get("where")
        for column in where.find_all(exp.Column) if where else ():
            if column.name in made and not column.table and column.find_ancestor(exp.Select) is select:
                yield column, f"{column.name}: an alias used in where"
        if select.args.get("qualify") and select.find(exp.Star):
            yield select, "select * with qualify"


def _unnesting(tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    for node in tree.find_all(exp.Explode, exp.Unnest):
        parent = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
        if not isinstance(parent, (exp.Select, exp.From, exp.Join)):
            yield node, "unnest inside an expression"


_RULES: tuple[Rule, ...] = (_division, _fraction_to_integer, _patterns, _lists, _ordering, _aliases, _unnesting)


def _bare(sql: str) -> str:
    """The SQL in lower case with strings and comments blanked out, each character in its place."""
    blank = re.sub(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"", lambda m: re.sub(r"[^\n]", " ", m.group(0)), sql)
    return blank.lower()


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _line_of(node: exp.Expr, bare: str) -> int:
    """Line of the first name inside the node; the parser notes places of names only."""
    starts = [inner.meta["start"] for inner in node.walk() if "start" in inner.meta]
    return _line(bare, min(starts)) if starts else 1
