-- What: why the lost deals of the cohort were lost, by the stage in which it happened.
-- Row: one stage of loss and one reason.
-- Definition: lost deals of the entry cohort by the highest stage they had reached and the reason as the CRM states it. A null stage
--   means that the export does not say where it happened; a null reason that nobody wrote one down.
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
)
select
    cast(g.position as integer) as position,
    s.stage as stage,
    g.reason as reason,
    cast(g.n as bigint) as n,
    cast(coalesce(g.amount, 0) as decimal(18, 2)) as amount,
    cast(g.compare_n as bigint) as compare_n,
    cast(sum(g.n) over (partition by g.reason) as bigint) as reason_n
from grouped as g
left join open_stages as s on s.position = g.position
order by reason_n desc, reason nulls last, position nulls last
