-- What: how many deals were created in the chosen period and in the last twelve months, and whether the period is too young to judge.
-- Row: one pipeline, the one with most deals in twelve months first.
-- Definition: entry cohorts by creation (metrics §1, «three funnels»). A period is too young to tell where deals get lost when fewer than
--   30 of the deals created in it are decided, or fewer than 60 %, and it is shorter than 360 days. The page then follows the deals of the last
--   twelve months instead, and says so. One answer for all pipelines, so that two of them are never read over two periods.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   pipeline varchar: pipeline
--   n_in_period bigint: deals created in the chosen period
--   n_decided_in_period bigint: of those, won or lost
--   n_in_year bigint: deals created in the twelve months that end with the as-of date
--   n_decided_in_year bigint: of those, won or lost
--   is_young boolean: the chosen period, over all pipelines, is too young to judge
-- Leaves out: deals without a creation date.
with deals as (
    select
        pipeline,
        outcome in ('won', 'lost') as is_decided,
        created_on >= $period_start and created_on < $period_end as is_in_period,
        created_on > cast($as_of - interval 12 month as date) and created_on <= $as_of as is_in_year
    from deal_facts
    where created_on is not null
),
pipelines as (
    select
        pipeline,
        count(*) filter (where is_in_period) as n_in_period,
        count(*) filter (where is_in_period and is_decided) as n_decided_in_period,
        count(*) filter (where is_in_year) as n_in_year,
        count(*) filter (where is_in_year and is_decided) as n_decided_in_year
    from deals
    group by pipeline
),
sums as (
    select
        *,
        sum(n_in_period) over () as all_in_period,
        sum(n_decided_in_period) over () as all_decided
    from pipelines
)
select
    pipeline,
    cast(n_in_period as bigint) as n_in_period,
    cast(n_decided_in_period as bigint) as n_decided_in_period,
    cast(n_in_year as bigint) as n_in_year,
    cast(n_decided_in_year as bigint) as n_decided_in_year,
    date_diff('day', $period_start, $period_end) < 360
        and (all_decided < 30 or all_decided < 0.6 * all_in_period) as is_young
from sums
order by n_in_year desc, n_in_period desc, pipeline nulls last
