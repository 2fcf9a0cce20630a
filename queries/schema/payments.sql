-- Grain: one receipt.
create table payments (
    payment_key   integer,                         -- join key
    payment_id    varchar using compression fsst,  -- id in the CRM
    invoice_key   integer,                         -- → invoices
    order_key     integer,                         -- → orders
    account_key   integer,                         -- → accounts
    owner_key     integer,                         -- → users
    amount        decimal(18,2),                   -- reporting currency
    paid_on       date,
    source_file   smallint,                        -- number of the uploaded file in source_files
    source_record integer,                         -- number of the data record in that file, from 1
    problem       varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
