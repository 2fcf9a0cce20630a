-- What: how many deals of the cohort went back at least once, and how many skipped a stage.
-- Row: exactly one row.
-- Definition: rework rate = deals with at least one step back to an earlier open stage ÷ deals with an exported stage history (metrics
--   §1). A deal skipped when it passed an open stage in which it never stood. Wilson's 95 % interval.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   n_deals bigint: deals of the cohort
--   n_with_history bigint: of those, with at least one exported move
--   n_back bigint: deals with at least one step back
--   n_skipped bigint: deals that skipped at least one stage
--   back_rate double: 0 to 1; null without history
--   back_low double: lower end of its 95 % interval
--   back_high double: upper end of its 95 % interval
--   skip_rate double: 0 to 1; null without history
--   won_rate_after_back double: won ÷ decided among deals that went back, 0 to 1
--   n_decided_after_back bigint: deals behind it
--   won_rate_without_back double: won ÷ decided among the other deals with history, 0 to 1
--   n_decided_without_back bigint: deals behind it
--   compare_back_rate double: comparison cohort, 0 to 1
--   compare_n_with_history bigint: comparison cohort
-- Leaves out: deals without exported history, from the rates.
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
deals as (
    select
        opportunity_key,
        outcome,
        created_on >= $period_start and created_on < $period_end as is_now
    from deal_facts
    where pipeline is not distinct from $pipeline
        and (
            created_on >= $period_start and created_on < $period_end
            or created_on >= $compare_start and created_on < $compare_end
        )
),
histories as (
    select
        c.opportunity_key,
        max(case when t.position < f.position then 1 else 0 end) as went_back
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    left join open_stages as f on f.stage = c.from_stage
    left join open_stages as t on t.stage = c.to_stage
    where not c.is_derived
    group by c.opportunity_key
),
skips as (
    select e.opportunity_key
    from stage_entries as e
    inner join deals as d on d.opportunity_key = e.opportunity_key
    where e.is_skipped
    group by e.opportunity_key
),
counts as (
    select
        count(*) filter (where d.is_now) as n_deals,
        cast(count(h.opportunity_key) filter (where d.is_now) as double) as n_with_history,
        cast(count(*) filter (where d.is_now and h.went_back = 1) as double) as n_back,
        cast(count(h.opportunity_key) filter (where d.is_now and s.opportunity_key is not null) as double) as n_skipped,
        cast(count(*) filter (where d.is_now and h.went_back = 1 and d.outcome = 'won') as double) as n_won_back,
        cast(count(*) filter (where d.is_now and h.went_back = 1 and d.outcome in ('won', 'lost')) as double)
            as n_decided_back,
        cast(count(*) filter (where d.is_now and h.went_back = 0 and d.outcome = 'won') as double) as n_won_straight,
        cast(count(*) filter (where d.is_now and h.went_back = 0 and d.outcome in ('won', 'lost')) as double)
            as n_decided_straight,
        cast(count(h.opportunity_key) filter (where not d.is_now) as double) as compare_n,
        cast(count(*) filter (where not d.is_now and h.went_back = 1) as double) as compare_n_back
    from deals as d
    left join histories as h on h.opportunity_key = d.opportunity_key
    left join skips as s on s.opportunity_key = d.opportunity_key
),
rates as (
    select
        *,
        n_back / nullif(n_with_history, 0) as p,
        nullif(n_with_history, 0) as m
    from counts
),
intervals as (
    select
        *,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h
    from rates
)
select
    cast(n_deals as bigint) as n_deals,
    cast(n_with_history as bigint) as n_with_history,
    cast(n_back as bigint) as n_back,
    cast(n_skipped as bigint) as n_skipped,
    p as back_rate,
    (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) as back_low,
    (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) as back_high,
    n_skipped / m as skip_rate,
    n_won_back / nullif(n_decided_back, 0) as won_rate_after_back,
    cast(n_decided_back as bigint) as n_decided_after_back,
    n_won_straight / nullif(n_decided_straight, 0) as won_rate_without_back,
    cast(n_decided_straight as bigint) as n_decided_without_back,
    compare_n_back / nullif(compare_n, 0) as compare_back_rate,
    cast(compare_n as bigint) as compare_n_with_history
from intervals
