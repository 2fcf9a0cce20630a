-- What: why the lost deals of the cohort were lost, by the stage in which it happened.
-- Row: one stage of loss and one reason.
-- Definition: lost deals of the entry cohort by the highest stage they had reached and the reason as the CRM states it. A null stage
--   means that the export does not say where it happened; a null reason that nobody wrote one down. A share that has risen or fallen is
--   told from luck at 99 %, because several reasons are looked at.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   position integer: highest stage reached, from 1; null when unknown
--   stage varchar: its name
--   reason varchar: reason of loss as the CRM states it; null when none
--   n bigint: deals
--   amount decimal(18,2): reporting currency
--   compare_n bigint: deals of the comparison cohort
--   reason_n bigint: deals lost for the same reason in all stages
--   reason_amount decimal(18,2): their amount, reporting currency
--   reason_share double: of all deals lost, 0 to 1; null when none was
--   compare_reason_n bigint: the same of the comparison cohort
--   compare_reason_share double: the same of the comparison cohort
--   has_risen boolean: the share is above the comparison cohort's by more than 2.576 standard errors, with at least 20 losses in each
--   has_fallen boolean: likewise below
-- Leaves out: deals without a creation date; deals of other pipelines.
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
losses as (
    select
        case when f.is_loss_stage_known then f.reached_position end as position,
        nullif(trim(o.loss_reason), '') as reason,
        coalesce(f.amount, 0) as amount,
        f.created_on >= $period_start and f.created_on < $period_end as is_now
    from deal_facts as f
    inner join opportunities as o on o.opportunity_key = f.opportunity_key
    where f.pipeline is not distinct from $pipeline
        and f.outcome = 'lost'
        and (
            f.created_on >= $period_start and f.created_on < $period_end
            or f.created_on >= $compare_start and f.created_on < $compare_end
        )
),
grouped as (
    select
        position,
        reason,
        count(*) filter (where is_now) as n,
        sum(amount) filter (where is_now) as amount,
        count(*) filter (where not is_now) as compare_n
    from losses
    group by position, reason
),
totals as (
    select
        *,
        cast(sum(n) over (partition by reason) as double) as reason_n,
        sum(amount) over (partition by reason) as reason_amount,
        cast(sum(compare_n) over (partition by reason) as double) as compare_reason_n,
        cast(sum(n) over () as double) as all_n,
        cast(sum(compare_n) over () as double) as compare_all_n
    from grouped
),
shares as (
    select
        *,
        reason_n / nullif(all_n, 0) as reason_share,
        compare_reason_n / nullif(compare_all_n, 0) as compare_reason_share,
        (reason_n + compare_reason_n) / nullif(all_n + compare_all_n, 0) as pooled
    from totals
),
gaps as (
    select
        *,
        all_n >= 20 and compare_all_n >= 20 as is_judged,
        reason_share - compare_reason_share as gap,
        2.576 * sqrt(pooled * (1 - pooled) * (1 / nullif(all_n, 0) + 1 / nullif(compare_all_n, 0))) as gap_needed
    from shares
)
select
    cast(g.position as integer) as position,
    s.stage as stage,
    g.reason as reason,
    cast(g.n as bigint) as n,
    cast(coalesce(g.amount, 0) as decimal(18, 2)) as amount,
    cast(g.compare_n as bigint) as compare_n,
    cast(g.reason_n as bigint) as reason_n,
    cast(coalesce(g.reason_amount, 0) as decimal(18, 2)) as reason_amount,
    g.reason_share,
    cast(g.compare_reason_n as bigint) as compare_reason_n,
    g.compare_reason_share,
    coalesce(g.is_judged and g.gap > g.gap_needed, false) as has_risen,
    coalesce(g.is_judged and g.gap < -g.gap_needed, false) as has_fallen
from gaps as g
left join open_stages as s on s.position = g.position
order by reason_n desc, reason nulls last, position nulls last
