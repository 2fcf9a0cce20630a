-- Grain: one uploaded file (or one member of an uploaded archive), with its row accounting.
-- Law: n_records = n_kept + n_merged + n_rejected.
create table source_files (
    source_file smallint,      -- number of the file, from 1
    name        varchar,       -- as the user named it; text only, never opened
    sha256      varchar,       -- of the bytes uploaded
    bytes       bigint,
    encoding    varchar,
    delimiter   varchar,
    profile     varchar,       -- source profile that read it; null = not recognised
    object      varchar,       -- the CRM's name of what one row is
    targets     varchar,       -- canonical tables it filled, comma-separated
    confidence  double,        -- 0 to 1
    n_records   bigint,        -- data records in the file, blank lines apart
    n_blank     bigint,        -- blank lines
    n_kept      bigint,
    n_merged    bigint,        -- duplicates of a kept row, or history rows that changed nothing
    n_rejected  bigint,
    n_cells_blanked bigint,    -- cells of kept rows that could not be read
    note        varchar        -- code of what the user should know; null = nothing
);
