-- Grain: one customer or prospect.
create table accounts (
    account_key    integer,                         -- join key
    account_id     varchar using compression fsst,  -- id in the CRM
    name           varchar using compression fsst,
    owner_key      integer,                         -- → users; null = nobody's
    industry       varchar,
    region         varchar,
    city           varchar,
    source         varchar,
    crm_tier       varchar,                         -- tier as the CRM states it
    headcount      integer,                         -- employees
    annual_revenue decimal(18,2),                   -- reporting currency per year
    lifecycle      varchar,                         -- prospect, customer, lost
    preference     varchar,
    created_at     timestamp,
    source_file    smallint,                        -- number of the uploaded file in source_files
    source_record  integer,                         -- number of the data record in that file, from 1
    problem        varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
