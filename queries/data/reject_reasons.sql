-- What: why cells and records could not be taken over, most frequent first.
-- Row: one reason in one column of one file.
-- Definition: every line of rejects is counted once; n_rows_held_back are whole records, the rest single cells.
-- Columns:
--   file varchar: name of the uploaded file
--   column_name varchar: heading as uploaded; empty = the whole record
--   reason varchar: code
--   n_rejects bigint: cells and records
--   n_rows_held_back bigint: whole records
--   first_line bigint: the first line in the file where it happens
--   example varchar: one content, the smallest in order of text
select
    file,
    coalesce(column_name, '') as column_name,
    reason,
    cast(count(*) as bigint) as n_rejects,
    cast(count(*) filter (where not is_row_kept) as bigint) as n_rows_held_back,
    cast(min(line) as bigint) as first_line,
    min(content) as example
from rejects
group by file, coalesce(column_name, ''), reason
order by n_rejects desc, file, column_name, reason
