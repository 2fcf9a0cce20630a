-- Grain: one fact about the snapshot itself.
create table snapshot_facts (
    name  varchar,  -- as_of, schema_version, currency, date_order, series, has_<table>, derived_<table>
    value varchar
);
