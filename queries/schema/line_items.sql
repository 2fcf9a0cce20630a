-- Grain: one product on one deal or order.
create table line_items (
    line_key        integer,                         -- join key
    line_id         varchar using compression fsst,  -- id in the CRM
    opportunity_key integer,                         -- → opportunities
    order_key       integer,                         -- → orders
    product_key     integer,                         -- → products
    quantity        double,                          -- units
    unit_price      decimal(18,2),                   -- reporting currency, after discount
    discount        double,                          -- 0 to 1 off the list price
    unit_cost       decimal(18,2),                   -- reporting currency per unit, at the time
    source_file     smallint,                        -- number of the uploaded file in source_files
    source_record   integer,                         -- number of the data record in that file, from 1
    problem         varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
