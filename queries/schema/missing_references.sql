-- Grain: one reference whose target was not in the export; the row is kept, the reference kept here.
create table missing_references (
    table_name  varchar,
    row_id      varchar,   -- natural id of the referring row
    column_name varchar,   -- canonical column
    reference   varchar,   -- as uploaded
    reason      varchar    -- absent, ambiguous
);
