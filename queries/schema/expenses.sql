-- Grain: one cost.
create table expenses (
    expense_key     integer,                         -- join key
    expense_id      varchar using compression fsst,  -- id in the CRM
    user_key        integer,                         -- → users
    account_key     integer,                         -- → accounts
    opportunity_key integer,                         -- → opportunities
    kind            varchar,
    amount          decimal(18,2),                   -- reporting currency
    spent_on        date,
    source_file     smallint,                        -- number of the uploaded file in source_files
    source_record   integer,                         -- number of the data record in that file, from 1
    problem         varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
