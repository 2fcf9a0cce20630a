-- What: the stage claimed, the amount, the expected closing and the contacts of one deal, each by its day.
-- Row: one point of one lane.
-- Definition: a lane says what counted from that day on. Stage and amount: as the moves recorded them; where the first recorded
--   move lies after the creation, the lane begins with it. Close: the first date known counts from the creation, then each change of it.
--   Each of these lanes ends on the last day (closing, else as_of) with what the deal says there. Touch: each activity up to as_of.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   lane varchar: stage, amount, close, touch
--   place bigint: order within the lane, from 1
--   happened_on date: from which day on
--   stage varchar: as the CRM names it; stage lane only
--   position bigint: of the stage, from 1, won and lost behind the open ones; null when not among the pipeline's
--   amount decimal(18,2): reporting currency; amount lane only
--   close_on date: expected closing; close lane only
--   kind varchar: call, visit, meeting, email, message, demo, quote, other; touch lane only
--   is_effective boolean: a real contact made; touch lane only
-- Leaves out: changes whose day is not known or lies after as_of; contacts beyond the latest 1,000.
with chosen as (
    select
        opportunities.opportunity_key,
        opportunities.pipeline,
        opportunities.stage,
        opportunities.amount,
        opportunities.expected_close_on,
        cast(opportunities.created_at as date) as created_on,
        case
            when opportunities.outcome <> 'open' and cast(opportunities.closed_at as date) < $as_of
                then cast(opportunities.closed_at as date)
            else $as_of
        end as last_on
    from opportunities
    where opportunities.opportunity_id = $opportunity_id
),

moves as (
    select
        stage_changes.changed_at,
        cast(stage_changes.changed_at as date) as happened_on,
        stage_changes.to_stage as stage,
        stage_changes.amount
    from stage_changes
    inner join chosen on chosen.opportunity_key = stage_changes.opportunity_key
    where cast(stage_changes.changed_at as date) <= $as_of
),

date_moves as (
    select
        close_date_changes.changed_at,
        cast(close_date_changes.changed_at as date) as happened_on,
        close_date_changes.from_on,
        close_date_changes.to_on
    from close_date_changes
    inner join chosen on chosen.opportunity_key = close_date_changes.opportunity_key
    where cast(close_date_changes.changed_at as date) <= $as_of
),

first_date as (
    select from_on
    from date_moves
    order by changed_at asc nulls last, to_on asc nulls last
    limit 1
),

latest_touches as (
    select
        activities.activity_key,
        activities.happened_at,
        cast(activities.happened_at as date) as happened_on,
        activities.kind,
        coalesce(activities.is_effective, false) as is_effective
    from activities
    inner join chosen on chosen.opportunity_key = activities.opportunity_key
    where cast(activities.happened_at as date) <= $as_of
    order by activities.happened_at desc nulls last, activities.activity_key desc nulls last
    limit 1000
),

points as (
    select
        'stage' as lane, changed_at as ordered_at, 1 as turn, happened_on, stage,
        cast(null as decimal(18, 2)) as amount, cast(null as date) as close_on,
        cast(null as varchar) as kind, cast(null as boolean) as is_effective
    from moves
    where stage is not null
    union all
    select 'stage', cast(null as timestamp), 2, last_on, stage, null, null, null, null
    from chosen
    where stage is not null
    union all
    select 'amount', changed_at, 1, happened_on, null, amount, null, null, null
    from moves
    where amount is not null
    union all
    select 'amount', cast(null as timestamp), 2, last_on, null, amount, null, null, null
    from chosen
    where amount is not null
    union all
    select 'close', cast(null as timestamp), 0, chosen.created_on, null, null, first_date.from_on, null, null
    from chosen
    inner join first_date on first_date.from_on is not null
    where chosen.created_on is not null
    union all
    select 'close', changed_at, 1, happened_on, null, null, to_on, null, null
    from date_moves
    where to_on is not null
    union all
    select 'close', cast(null as timestamp), 2, last_on, null, null, expected_close_on, null, null
    from chosen
    where expected_close_on is not null
    union all
    select 'touch', happened_at, 1, happened_on, null, null, null, kind, is_effective
    from latest_touches
),

placed as (
    select
        points.lane,
        points.happened_on,
        points.stage,
        stages.position,
        points.amount,
        points.close_on,
        points.kind,
        points.is_effective,
        row_number() over (
            partition by points.lane
            order by points.turn asc nulls last, points.ordered_at asc nulls last, stages.position asc nulls last,
                points.amount asc nulls last, points.close_on asc nulls last, points.kind asc nulls last
        ) as place
    from points
    cross join chosen
    left join stages on stages.pipeline is not distinct from chosen.pipeline and stages.stage = points.stage
)

select
    lane,
    cast(place as bigint) as place,
    happened_on,
    stage,
    cast(position as bigint) as position,
    cast(amount as decimal(18, 2)) as amount,
    close_on,
    kind,
    is_effective
from placed
order by lane asc nulls last, place asc nulls last
