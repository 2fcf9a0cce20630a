-- What: the deals whose way is followed: those created in the chosen period, or in twelve months when that period is too young.
-- Row: one pipeline, the one with most deals in the cohort first.
-- Definition: entry cohort by creation (metrics §1, «three funnels»). A cohort is too young to tell where deals get lost when fewer than
--   30 of its deals are decided, or fewer than 60 %, and the period is shorter than 360 days. It is then widened to the twelve months
--   that end with the as-of date, compared with the twelve months before. $window forces either: 'period', 'year', or 'auto' to let the rule decide.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period
--   window varchar: auto, period or year
-- Columns:
--   pipeline varchar: pipeline
--   n_deals bigint: deals of the cohort
--   n_decided bigint: of those, won or lost
--   n_unknown_stage bigint: of those, lost without a word in the export on the stage in which it happened
--   is_widened boolean: twelve months stand in for the chosen period
--   n_in_period bigint: deals created in the chosen period
--   n_decided_in_period bigint: of those, won or lost
--   cohort_start date: first day of creation
--   cohort_end date: first day after the last day of creation
--   compare_cohort_start date: first day of creation of the comparison cohort
--   compare_cohort_end date: first day after the last day of creation of the comparison cohort
-- Leaves out: deals without a creation date.
with deals as (
    select
        pipeline,
        outcome in ('won', 'lost') as is_decided,
        outcome = 'lost' and not coalesce(is_loss_stage_known, false) as is_stage_unknown,
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
        count(*) filter (where is_in_period and is_stage_unknown) as n_unknown_in_period,
        count(*) filter (where is_in_year) as n_in_year,
        count(*) filter (where is_in_year and is_decided) as n_decided_in_year,
        count(*) filter (where is_in_year and is_stage_unknown) as n_unknown_in_year
    from deals
    group by pipeline
),
firm as (
    select sum(n_in_period) as n_deals, sum(n_decided_in_period) as n_decided
    from pipelines
),
-- One choice for all pipelines, so that two of them are never read over two periods.
choice as (
    select
        case
            when $window = 'period' then false
            when $window = 'year' then true
            else date_diff('day', $period_start, $period_end) < 360
                and (n_decided < 30 or n_decided < 0.6 * n_deals)
        end as is_widened
    from firm
)
select
    p.pipeline as pipeline,
    cast(case when c.is_widened then p.n_in_year else p.n_in_period end as bigint) as n_deals,
    cast(case when c.is_widened then p.n_decided_in_year else p.n_decided_in_period end as bigint) as n_decided,
    cast(case when c.is_widened then p.n_unknown_in_year else p.n_unknown_in_period end as bigint) as n_unknown_stage,
    c.is_widened as is_widened,
    cast(p.n_in_period as bigint) as n_in_period,
    cast(p.n_decided_in_period as bigint) as n_decided_in_period,
    cast(case when c.is_widened then $as_of - interval 12 month + interval 1 day else $period_start end as date) as cohort_start,
    cast(case when c.is_widened then $as_of + interval 1 day else $period_end end as date) as cohort_end,
    cast(case when c.is_widened then $as_of - interval 24 month + interval 1 day else $compare_start end as date)
        as compare_cohort_start,
    cast(case when c.is_widened then $as_of - interval 12 month + interval 1 day else $compare_end end as date)
        as compare_cohort_end
from pipelines as p
cross join choice as c
order by n_deals desc, n_in_period desc, pipeline nulls last
