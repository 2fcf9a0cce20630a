-- Grain: one deal.
create table opportunities (
    opportunity_key   integer,                         -- join key
    opportunity_id    varchar using compression fsst,  -- id in the CRM
    account_key       integer,                         -- → accounts
    owner_key         integer,                         -- → users
    name              varchar using compression fsst,
    pipeline          varchar,
    stage             varchar,                         -- stage claimed
    outcome           varchar,                         -- open, won, lost
    amount            decimal(18,2),                   -- reporting currency
    original_amount   decimal(18,2),                   -- in the currency of the deal
    currency          varchar,                         -- ISO code of original_amount; null = reporting currency
    probability       double,                          -- 0 to 1, as the CRM states it
    forecast_category varchar,
    source            varchar,
    need              varchar,
    competitor        varchar,
    loss_reason       varchar,
    next_step         varchar,
    next_step_on      date,
    expected_close_on date,
    created_at        timestamp,
    closed_at         timestamp,                       -- null while open
    stage_entered_at  timestamp,                       -- start of the present or last stage, where the CRM says it
    seconds_in_stage  double,                          -- spent in that stage until the export or the closing, where the CRM counts them
    source_file       smallint,                        -- number of the uploaded file in source_files
    source_record     integer,                         -- number of the data record in that file, from 1
    problem           varchar                          -- why the record was held back or a cell blanked; only while the import runs
);
