-- Grain: one product.
create table products (
    product_key   integer,        -- join key
    product_id    varchar,        -- id in the CRM
    name          varchar,
    family        varchar,
    list_price    decimal(18,2),  -- reporting currency per unit
    unit_cost     decimal(18,2),  -- reporting currency per unit
    stock         double,         -- units
    is_active     boolean,
    source_file   smallint,       -- number of the uploaded file in source_files
    source_record integer,        -- number of the data record in that file, from 1
    problem       varchar         -- why the record was held back or a cell blanked; only while the import runs
);
