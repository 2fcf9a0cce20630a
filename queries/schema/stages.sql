-- Grain: one stage of one pipeline.
create table stages (
    pipeline            varchar,
    stage               varchar,  -- as the CRM names it
    position            integer,  -- from 1; open stages first, then won, then lost
    outcome             varchar,  -- open, won, lost
    default_probability double    -- 0 to 1
);
