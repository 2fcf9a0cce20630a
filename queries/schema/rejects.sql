-- Grain: one cell (or one whole record) that could not be taken over.
create table rejects (
    source_file smallint,  -- → source_files
    file        varchar,
    line        bigint,    -- physical line in the uploaded file, from 1
    column_name varchar,   -- heading as uploaded; empty = the whole record
    content     varchar,   -- as uploaded, cut to 500 characters
    reason      varchar,   -- code
    is_row_kept boolean    -- true: only the cell was blanked
);
