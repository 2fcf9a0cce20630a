"""The records of a file as SQL: every cell as text, for whatever wants to look at them."""

from __future__ import annotations

from dashboard.intake.readers import SourceFile


def records_sql(file: SourceFile) -> str:
    """SQL that reads the file's records as text: `record` from 1, then c0, c1, … in the order of the header."""
    names = [*(["line"] if file.has_line_column else []), *(f"c{i}" for i in range(len(file.header)))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    delimiter = {",": ",", ";": ";", "\t": "\\t", "|": "|"}[file.delimiter]
    prefix = "e" if delimiter == "\\t" else ""
    quote = "'\"'" if file.quote else "''"
    return (
        "select cast(row_number() over () as integer) as record, * from read_csv($path, auto_detect = false, "
        f"header = false, skip = {int(file.skip_lines)}, delim = {prefix}'{delimiter}', quote = {quote}, "
        f"escape = {quote}, max_line_size = 2097152, buffer_size = 8388608, columns = {{{columns}}})"
    )
