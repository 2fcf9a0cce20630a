-- Grain: one goal of one owner or one team for one month.
create table targets (
    owner_key     integer,        -- → users; null for a team's goal
    team          varchar,        -- null for an owner's goal
    month         date,           -- first day of the month
    measure       varchar,        -- revenue, collected, margin, activities, new_customers
    value         decimal(18,2),  -- money in reporting currency, or a count
    source_file   smallint,       -- number of the uploaded file in source_files
    source_record integer,        -- number of the data record in that file, from 1
    problem       varchar         -- why the record was held back or a cell blanked; only while the import runs
);
