-- Grain: one move of the expected closing date of one deal.
create table close_date_changes (
    opportunity_key integer,    -- → opportunities
    changed_at      timestamp,
    from_on         date,
    to_on           date,
    is_derived      boolean     -- true where it comes from comparing snapshots
);
