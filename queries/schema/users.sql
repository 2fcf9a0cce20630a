-- Grain: one employee.
create table users (
    user_key      integer,   -- join key
    user_id       varchar,   -- id in the CRM
    name          varchar,   -- full name
    email         varchar,
    role          varchar,   -- rep, manager, director, other
    manager_key   integer,   -- → users; null at the top
    team          varchar,
    region        varchar,
    hired_on      date,
    left_on       date,      -- null while employed
    source_file   smallint,  -- number of the uploaded file in source_files
    source_record integer,   -- number of the data record in that file, from 1
    problem       varchar    -- why the record was held back or a cell blanked; only while the import runs
);
