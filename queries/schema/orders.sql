-- Grain: one signed order or contract.
create table orders (
    order_key       integer,                         -- join key
    order_id        varchar using compression fsst,  -- id in the CRM
    opportunity_key integer,                         -- → opportunities
    account_key     integer,                         -- → accounts
    owner_key       integer,                         -- → users
    region          varchar,
    amount          decimal(18,2),                   -- reporting currency
    original_amount decimal(18,2),                   -- in the currency of the order
    currency        varchar,                         -- ISO code of original_amount
    status          varchar,                         -- active, done, cancelled
    ordered_on      date,
    ends_on         date,
    is_derived      boolean,                         -- true for a won deal standing in for its missing order
    source_file     smallint,                        -- number of the uploaded file in source_files
    source_record   integer,                         -- number of the data record in that file, from 1
    problem         varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
