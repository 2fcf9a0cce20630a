-- What: the way of one deal through the stages, with the time spent in each against the firm's usual.
-- Row: one visit of a stage; the deal's creation stage first, the closing stage last.
-- Definition: moves as recorded; a visit ends where the next begins, the last one of an open deal at as_of, of a closed one with it.
--   A move that two snapshots tell is dated by the closing where the deal was closed in between: how long the stay was is unknown then.
--   Expected = the firm's Kaplan-Meier median for that stage (firm_stage_days). Backward = a later visit of a lower stage.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   visit bigint: running number, from 1
--   stage varchar: as the CRM names it
--   position bigint: from 1; null when the stage is not among the pipeline's
--   outcome varchar: open, won, lost: what the stage means
--   entered_on date: entered
--   left_on date: left; null where the deal still is, or ended
--   days bigint: days in it; null for won and lost, and where not known
--   expected_days double: the firm's median; null when not known
--   is_backward boolean: a step back
--   is_derived boolean: taken from the deal itself, not from a history
-- Leaves out: moves whose date is not known.
with chosen as (
    select
        opportunity_key,
        pipeline,
        case when outcome <> 'open' then cast(closed_at as date) end as closed_on
    from opportunities
    where opportunity_id = $opportunity_id
),

moves as (
    select
        chosen.pipeline,
        chosen.closed_on,
        stage_changes.to_stage,
        stage_changes.changed_at,
        stage_changes.is_derived,
        coalesce(stage_changes.is_derived, false) and stage_changes.from_stage is not null as is_compared,
        row_number() over (order by stage_changes.changed_at asc nulls last, stage_changes.to_stage asc nulls last) as visit
    from stage_changes
    inner join chosen on chosen.opportunity_key = stage_changes.opportunity_key
    where stage_changes.changed_at is not null and cast(stage_changes.changed_at as date) <= $as_of
),

visits as (
    select
        moves.visit,
        moves.pipeline,
        moves.closed_on,
        moves.to_stage,
        stages.position,
        coalesce(stages.outcome, 'open') as outcome,
        cast(moves.changed_at as date) as entered_on,
        cast(lead(moves.changed_at) over (order by moves.visit) as date) as left_on,
        coalesce(stages.position < lag(stages.position) over (order by moves.visit), false) as is_backward,
        coalesce(moves.is_derived, false) as is_derived,
        moves.is_compared
    from moves
    left join stages on stages.pipeline = moves.pipeline and stages.stage = moves.to_stage
)

select
    cast(visits.visit as bigint) as visit,
    visits.to_stage as stage,
    cast(visits.position as bigint) as position,
    visits.outcome,
    visits.entered_on,
    visits.left_on,
    case
        when visits.outcome <> 'open' then null
        when visits.left_on is null and visits.is_compared and visits.entered_on >= visits.closed_on then null
        else cast(greatest(0, date_diff('day', visits.entered_on, coalesce(visits.left_on, visits.closed_on, $as_of))) as bigint)
    end as days,
    case when visits.outcome = 'open' then usual.median_days end as expected_days,
    visits.is_backward,
    visits.is_derived
from visits
left join firm_stage_days as usual on usual.pipeline = visits.pipeline and usual.position = visits.position
order by visit asc nulls last
