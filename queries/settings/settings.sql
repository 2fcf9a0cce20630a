-- What the user edits in the product; one small SQLite database beside the snapshots, with transactions.
create table if not exists setting (        -- language, theme, fiscal year and whatever has one value
    name  text primary key,
    value text not null                     -- JSON
);
create table if not exists playbook (       -- standard sales method: one stage of one pipeline
    pipeline         text not null,
    stage            text not null,
    milestones       text not null,         -- JSON list of evidence rules
    expected_days    real,                  -- days
    expected_touches real,                  -- effective contacts
    primary key (pipeline, stage)
);
create table if not exists authority (      -- what is delegated to whom
    holder_kind text not null,              -- role, level, user
    holder      text not null,
    decision    text not null,              -- discount, price, credit, expense, contract, other
    limit_value real not null,              -- money in reporting currency, or 0 to 1 for a discount
    primary key (holder_kind, holder, decision)
);
create table if not exists calendar (       -- holidays and moved working days; weekends are free unless listed
    day        text primary key,            -- ISO date
    is_working integer not null,
    name       text
);
create table if not exists tiers (          -- how the customer pyramid is cut
    tier      text primary key,
    position  integer not null,             -- 1 = the tip
    cut_by    text not null,                -- share_of_value, threshold
    cut_value real not null                 -- 0 to 1, or money in reporting currency
);
create table if not exists mapping (        -- corrections remembered by the signature of a file's headings
    signature text primary key,             -- SHA-256 of the cleaned headings
    mapping   text not null,                -- TOML, as `--mapping` takes it
    saved_at  text not null                 -- UTC
);
create table if not exists access (         -- who may sign in, as what, and whose rows he sees
    email   text primary key,               -- lower case
    role    text not null,                  -- boss, manager, rep
    user_id text                            -- in the CRM; null for the boss
);
create table if not exists dismissed (      -- actions done or dismissed by the user
    series     text not null,
    action     text not null,               -- kind:id
    state      text not null,               -- done, dismissed
    decided_at text not null,               -- UTC
    as_of      text not null,               -- of the snapshot that showed it
    primary key (series, action)
);
