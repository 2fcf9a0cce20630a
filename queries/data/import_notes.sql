-- What: what should be known about the files though no record was lost by it: rounded ids, decimal commas, records joined by name.
-- Row: one kind of note about one column of one file.
-- Definition: n are the cells or records concerned; example is one of them, as uploaded.
-- Columns:
--   file varchar: name of the uploaded file
--   code varchar: kind of note
--   column_name varchar: heading as uploaded; empty = the whole file
--   n bigint: cells or records
--   example varchar: as uploaded; null = none
select
    f.name as file,
    i.code,
    coalesce(i.column_name, '') as column_name,
    coalesce(i.n, 0) as n,
    i.example
from import_notes as i
left join source_files as f on f.source_file = i.source_file
order by n desc, file asc nulls last, code asc nulls last, column_name
