-- Grain: one service request or complaint.
create table cases (
    case_key          integer,                         -- join key
    case_id           varchar using compression fsst,  -- id in the CRM
    account_key       integer,                         -- → accounts
    contact_key       integer,                         -- → contacts
    owner_key         integer,                         -- → users
    product_key       integer,                         -- → products
    kind              varchar,                         -- complaint, question, repair, other
    priority          varchar,                         -- high, normal, low
    status            varchar,                         -- open, closed
    opened_at         timestamp,
    first_response_at timestamp,
    closed_at         timestamp,
    satisfaction      double,                          -- 0 to 1
    source_file       smallint,                        -- number of the uploaded file in source_files
    source_record     integer,                         -- number of the data record in that file, from 1
    problem           varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
