-- Grain: one bill or planned instalment.
create table invoices (
    invoice_key   integer,                         -- join key
    invoice_id    varchar using compression fsst,  -- id in the CRM
    order_key     integer,                         -- → orders
    account_key   integer,                         -- → accounts
    owner_key     integer,                         -- → users
    amount        decimal(18,2),                   -- reporting currency
    instalment    integer,                         -- number of the instalment of its order
    issued_on     date,
    due_on        date,
    source_file   smallint,                        -- number of the uploaded file in source_files
    source_record integer,                         -- number of the data record in that file, from 1
    problem       varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
