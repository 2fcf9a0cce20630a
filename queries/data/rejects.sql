-- What: what could not be taken over, line by line, so that it can be put right in the CRM.
-- Row: one cell, or one whole record, of an uploaded file.
-- Definition: is_row_kept tells a blanked cell (the record was kept) from a record that was held back.
-- Columns:
--   file varchar: name of the uploaded file
--   line bigint: physical line in it, from 1
--   column_name varchar: heading as uploaded; empty = the whole record
--   content varchar: as uploaded, at most 500 characters
--   reason varchar: code
--   is_row_kept boolean: only the cell was blanked
-- Leaves out: all but the first 20,000; reject_reasons counts every one.
select
    file,
    line,
    column_name,
    content,
    reason,
    is_row_kept
from rejects
order by is_row_kept, file, line, column_name, reason, content
limit 20000
