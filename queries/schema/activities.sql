-- Grain: one contact with a customer.
-- Text that hardly repeats is stored as fsst at once, the few words as a dictionary: to try out every compression costs a
-- sixth of its import.
create table activities (
    activity_key    integer,                               -- join key
    activity_id     varchar using compression fsst,        -- id in the CRM
    kind            varchar using compression dictionary,  -- call, visit, meeting, email, message, demo, quote, other
    direction       varchar using compression dictionary,  -- out, in
    owner_key       integer,                               -- → users
    account_key     integer,                               -- → accounts
    contact_key     integer,                               -- → contacts
    opportunity_key integer,                               -- → opportunities
    happened_at     timestamp,
    minutes         integer,                               -- minutes
    outcome         varchar using compression dictionary,  -- reached, no_answer, positive, neutral, negative, unknown
    subject         varchar using compression fsst,
    note            varchar using compression fsst,
    with_manager    boolean,                               -- somebody above the owner took part
    is_effective    boolean,                               -- derived, queries/derive/effective_contacts.sql: a real contact made, not only tried
    source_file     smallint,                              -- number of the uploaded file in source_files
    source_record   integer,                               -- number of the data record in that file, from 1
    problem         varchar                                -- why the record was held back or a cell blanked; only while the import runs
);
