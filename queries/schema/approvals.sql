-- Grain: one request for a decision.
create table approvals (
    approval_key     integer,                         -- join key
    approval_id      varchar using compression fsst,  -- id in the CRM
    kind             varchar,                         -- discount, price, credit, expense, contract, other
    opportunity_key  integer,                         -- → opportunities
    requested_by_key integer,                         -- → users
    decided_by_key   integer,                         -- → users
    amount           decimal(18,2),                   -- reporting currency
    discount         double,                          -- 0 to 1
    requested_at     timestamp,
    decided_at       timestamp,                       -- null while pending
    decision         varchar,                         -- approved, rejected, pending, withdrawn
    source_file      smallint,                        -- number of the uploaded file in source_files
    source_record    integer,                         -- number of the data record in that file, from 1
    problem          varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
