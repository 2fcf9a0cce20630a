-- Grain: one thing about an uploaded file that the user should know though no row was lost by it.
create table import_notes (
    source_file smallint,  -- → source_files
    code        varchar,   -- ids_rounded, ids_folded, decimal_comma, html_stripped, joined_by_name, history_from_columns, …
    column_name varchar,   -- heading as uploaded; empty = the whole file
    n           bigint,    -- cells or records concerned
    example     varchar    -- as uploaded, cut to 100 characters
);
