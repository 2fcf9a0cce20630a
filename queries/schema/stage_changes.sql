-- Grain: one move of one deal into a stage.
create table stage_changes (
    opportunity_key   integer,                               -- → opportunities
    from_stage        varchar using compression dictionary,  -- null at the start
    to_stage          varchar using compression dictionary,
    changed_at        timestamp,
    changed_by_key    integer,                               -- → users
    amount            decimal(18,2),                         -- after the move, reporting currency
    expected_close_on date,                                  -- after the move
    is_derived        boolean,                               -- true where no history was exported: taken from the deal itself or from earlier snapshots
    source_file       smallint,                              -- number of the uploaded file in source_files
    source_record     integer,                               -- number of the data record in that file, from 1
    problem           varchar                                -- why the record was held back or a cell blanked; only while the import runs
);
