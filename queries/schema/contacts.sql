-- Grain: one person at an account.
create table contacts (
    contact_key   integer,                         -- join key
    contact_id    varchar using compression fsst,  -- id in the CRM
    account_key   integer,                         -- → accounts
    name          varchar using compression fsst,
    title         varchar,
    buying_role   varchar,                         -- decider, influencer, user, gatekeeper, unknown
    phone         varchar using compression fsst,
    email         varchar using compression fsst,
    birthday      date,
    preference    varchar,
    created_at    timestamp,
    source_file   smallint,                        -- number of the uploaded file in source_files
    source_record integer,                         -- number of the data record in that file, from 1
    problem       varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
