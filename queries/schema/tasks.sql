-- Grain: one to-do.
create table tasks (
    task_key        integer,                         -- join key
    task_id         varchar using compression fsst,  -- id in the CRM
    owner_key       integer,                         -- → users
    assigned_by_key integer,                         -- → users
    account_key     integer,                         -- → accounts
    opportunity_key integer,                         -- → opportunities
    subject         varchar using compression fsst,
    priority        varchar,                         -- high, normal, low
    created_at      timestamp,
    due_on          date,
    completed_at    timestamp,                       -- null while open
    status          varchar,                         -- open, done, cancelled
    source_file     smallint,                        -- number of the uploaded file in source_files
    source_record   integer,                         -- number of the data record in that file, from 1
    problem         varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
