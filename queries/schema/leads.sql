-- Grain: one lead.
create table leads (
    lead_key        integer,                         -- join key
    lead_id         varchar using compression fsst,  -- id in the CRM
    name            varchar using compression fsst,
    company         varchar using compression fsst,
    source          varchar,
    region          varchar,
    owner_key       integer,                         -- → users
    status          varchar,                         -- as the CRM states it
    created_at      timestamp,
    converted_at    timestamp,                       -- null while not converted
    account_key     integer,                         -- → accounts, once converted
    opportunity_key integer,                         -- → opportunities, once converted
    source_file     smallint,                        -- number of the uploaded file in source_files
    source_record   integer,                         -- number of the data record in that file, from 1
    problem         varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
