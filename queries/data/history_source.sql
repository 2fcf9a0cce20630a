-- What: how it is known when deals moved from stage to stage: from an exported history, or from comparing snapshots.
-- Row: exactly one row.
-- Definition: a move found by comparing two snapshots is derived and has a stage before it; what a deal says of its present stage alone
--   is no move. Such moves are dated by the deal's own entry into the stage where the CRM says it, else by the later snapshot.
-- Columns:
--   n_moves bigint: moves known
--   n_inferred bigint: of these, found by comparing snapshots
--   first_on date: day of the first move found by comparing
-- Leaves out: nothing.
with moves as (
    select
        count(*) as n_moves,
        count(*) filter (where is_derived) as n_inferred,
        min(changed_at) filter (where is_derived) as first_at
    from stage_changes
    where from_stage is not null or not is_derived
)
select
    cast(n_moves as bigint) as n_moves,
    cast(n_inferred as bigint) as n_inferred,
    cast(first_at as date) as first_on
from moves
