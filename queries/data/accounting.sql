-- What: what became of each uploaded file: how many records it held, kept, merged, held back.
-- Row: one uploaded file, or one member of an uploaded archive.
-- Definition: n_records = n_kept + n_merged + n_rejected for every file; blank lines are counted apart. A record is merged
--   when another with the same id took its place, or when it is a line of a history in which nothing changed.
-- Columns:
--   source_file smallint: number of the file, from 1
--   name varchar: as the user named it
--   profile varchar: the CRM whose headings it has; null = not recognised
--   object varchar: the CRM's name of what one row is
--   targets varchar: canonical tables it filled, comma-separated
--   encoding varchar: text encoding
--   confidence double: 0 to 1
--   n_records bigint: data records in the file
--   n_kept bigint: records taken over
--   n_merged bigint: records merged into others
--   n_rejected bigint: records held back
--   n_cells_blanked bigint: cells of kept records that could not be read
--   note varchar: code of what the user should know; null = nothing
select
    source_file,
    name,
    profile,
    object,
    targets,
    encoding,
    confidence,
    n_records,
    n_kept,
    n_merged,
    n_rejected,
    n_cells_blanked,
    note
from source_files
order by source_file
