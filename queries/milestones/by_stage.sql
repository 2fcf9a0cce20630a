-- What: stage by stage, how many of the deals that stand there are carried by their records, and whether they stay longer than they should.
-- Row: one open stage of one pipeline that has open deals.
-- Definition: carried, ahead, behind as in deal_evidence; the interval is Wilson at 95 %. Standard: the days that the user's playbook says,
--   else the firm's own usual stay (firm_stage_days). Days in the stage: since the present stay began, deals whose entry is not known left
--   out. Contacts: effective ones since that day, held against the playbook's only for deals that have had the standard time.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   pipeline varchar: pipeline
--   position bigint: place of the stage, from 1
--   stage varchar: stage
--   n_open bigint: open deals that claim it
--   open_amount decimal(18,2): reporting currency
--   demands_anything boolean: the playbook demands something here that the export can show
--   n_carried bigint: deals
--   carried_rate double: 0 to 1; null where nothing is demanded
--   carried_low double: lower end of its 95 % interval
--   carried_high double: upper end of its 95 % interval
--   n_ahead bigint: deals
--   ahead_amount decimal(18,2): reporting currency
--   n_behind bigint: deals
--   behind_amount decimal(18,2): reporting currency
--   standard_days double: days; null when not known
--   is_own_standard boolean: the user's, not the usual
--   n_timed bigint: deals whose days in the stage are known
--   median_days double: of these deals
--   n_over bigint: of these longer there than the standard
--   over_rate double: share of these, 0 to 1
--   over_low double: lower end of its 95 % interval
--   over_high double: upper end of its 95 % interval
--   over_amount decimal(18,2): reporting currency
--   expected_touches double: effective contacts that the user's playbook expects; null when it does not say
--   n_ripe bigint: timed deals that have had the standard time, or more
--   n_undertouched bigint: of these with fewer contacts since they came to the stage
-- Leaves out: decided deals; deals in a stage that the pipeline does not know.
with deals as (
    select
        deal_facts.opportunity_key,
        deal_facts.pipeline,
        deal_facts.stage_position as position,
        coalesce(cast(deal_facts.amount as double), 0) as amount,
        deal_facts.stage_entered_on,
        date_diff('day', deal_facts.stage_entered_on, $as_of) as days,
        deal_evidence.is_ahead,
        deal_evidence.is_behind,
        deal_evidence.n_demanded > 0 as is_judged
    from deal_facts
    inner join deal_evidence on deal_evidence.opportunity_key = deal_facts.opportunity_key
    where deal_facts.stage_position is not null
),

standards as (
    select
        stages.pipeline,
        stages.position,
        stages.stage,
        max(own_playbook.expected_days) as own_days,
        max(own_playbook.expected_touches) as expected_touches,
        max(firm_stage_days.median_days) as usual_days
    from stages
    left join own_playbook on own_playbook.pipeline is not distinct from stages.pipeline and own_playbook.stage = stages.stage
    left join firm_stage_days
        on firm_stage_days.pipeline is not distinct from stages.pipeline and firm_stage_days.position = stages.position
    where stages.outcome = 'open'
    group by stages.pipeline, stages.position, stages.stage
),

touched as (
    select activities.opportunity_key, count(*) as n_contacts
    from activities
    inner join deals on deals.opportunity_key = activities.opportunity_key
    where activities.is_effective
        and cast(activities.happened_at as date) >= deals.stage_entered_on
        and cast(activities.happened_at as date) <= $as_of
        and exists (select 1 from standards where standards.expected_touches is not null)
    group by activities.opportunity_key
),

counts as (
    select
        standards.pipeline,
        standards.position,
        standards.stage,
        standards.own_days,
        standards.expected_touches,
        coalesce(standards.own_days, standards.usual_days) as standard_days,
        count(*) as n_open,
        sum(deals.amount) as open_amount,
        cast(count(case when deals.is_judged then 1 end) as double) as n_judged,
        cast(count(case when deals.is_judged and not deals.is_ahead then 1 end) as double) as n_carried,
        count(case when deals.is_ahead then 1 end) as n_ahead,
        coalesce(sum(case when deals.is_ahead then deals.amount end), 0) as ahead_amount,
        count(case when deals.is_behind then 1 end) as n_behind,
        coalesce(sum(case when deals.is_behind then deals.amount end), 0) as behind_amount,
        cast(count(deals.days) as double) as n_timed,
        quantile_cont(cast(deals.days as double), 0.5) as median_days,
        cast(count(case when deals.days > coalesce(standards.own_days, standards.usual_days) then 1 end) as double) as n_over,
        coalesce(sum(case when deals.days > coalesce(standards.own_days, standards.usual_days) then deals.amount end), 0) as over_amount,
        count(case when deals.days >= coalesce(standards.own_days, standards.usual_days) then 1 end) as n_ripe,
        count(
            case
                when deals.days >= coalesce(standards.own_days, standards.usual_days)
                    and coalesce(touched.n_contacts, 0) < standards.expected_touches then 1
            end
        ) as n_undertouched
    from standards
    inner join deals on deals.pipeline is not distinct from standards.pipeline and deals.position = standards.position
    left join touched on touched.opportunity_key = deals.opportunity_key
    group by
        standards.pipeline, standards.position, standards.stage, standards.own_days, standards.expected_touches, standards.usual_days
),

shares as (
    select
        *,
        n_carried / nullif(n_judged, 0) as p,
        nullif(n_judged, 0) as m,
        case when standard_days is not null then n_over / nullif(n_timed, 0) end as q,
        nullif(n_timed, 0) as k
    from counts
)

select
    pipeline,
    cast(position as bigint) as position,
    stage,
    cast(n_open as bigint) as n_open,
    cast(open_amount as decimal(18, 2)) as open_amount,
    n_judged > 0 as demands_anything,
    cast(round(n_carried) as bigint) as n_carried,
    p as carried_rate,
    case when p is not null then greatest(0.0, (p + 1.9208 / nullif(m, 0)
        - 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0))) end
        as carried_low,
    case when p is not null then least(1.0, (p + 1.9208 / nullif(m, 0)
        + 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0))) end
        as carried_high,
    cast(n_ahead as bigint) as n_ahead,
    cast(ahead_amount as decimal(18, 2)) as ahead_amount,
    cast(n_behind as bigint) as n_behind,
    cast(behind_amount as decimal(18, 2)) as behind_amount,
    standard_days,
    own_days is not null as is_own_standard,
    cast(round(n_timed) as bigint) as n_timed,
    median_days,
    case when standard_days is not null then cast(round(n_over) as bigint) end as n_over,
    q as over_rate,
    case when q is not null then greatest(0.0, (q + 1.9208 / nullif(k, 0)
        - 1.96 * sqrt(q * (1 - q) / nullif(k, 0) + 0.9604 / nullif(k * k, 0))) / (1 + 3.8416 / nullif(k, 0))) end
        as over_low,
    case when q is not null then least(1.0, (q + 1.9208 / nullif(k, 0)
        + 1.96 * sqrt(q * (1 - q) / nullif(k, 0) + 0.9604 / nullif(k * k, 0))) / (1 + 3.8416 / nullif(k, 0))) end
        as over_high,
    cast(over_amount as decimal(18, 2)) as over_amount,
    expected_touches,
    cast(n_ripe as bigint) as n_ripe,
    cast(n_undertouched as bigint) as n_undertouched
from shares
order by pipeline asc nulls last, position asc nulls last
