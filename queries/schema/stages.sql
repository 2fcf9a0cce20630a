-- Grain: one stage of one pipeline.
create table stages (
    pipeline            varchar,
    stage               varchar,   -- as the CRM names it
    position            integer,   -- from 1; open stages first, then won, then lost
    outcome             varchar,   -- open, won, lost
    default_probability double,    -- 0 to 1
    source_file         smallint,  -- number of the uploaded file in source_files; null = derived from the deals
    source_record       integer,   -- number of the data record in that file, from 1
    problem             varchar    -- why the record was held back or a cell blanked; only while the import runs
);
