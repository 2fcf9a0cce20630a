-- What: how far the deals of a cohort came: who entered each stage, went on, was lost there, or is still there.
-- Row: one open stage of the pipeline in its order, and a last row for won.
-- Definition: entry cohort by creation, «reached ≥ s» by the highest stage ever reached (metrics §1): a skipped stage counts as reached, a step
--   back does not undo it, a second entry adds nobody. Per stage entered = forward + lost + open (+ lost_unknown at the first). Two rates: forward ÷ entered, which takes
--   open deals for not having passed, and forward ÷ (forward + lost), which leaves them out; both with Wilson's 95 % interval. The truth for a
--   young cohort lies between: see funnel/conversion_estimate. A deal that was lost is lost at its highest stage;
--   where the export does not tell it, the deal stands in lost_unknown of the first stage and in no rate: nobody knows where it stopped.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   position integer: place of the stage, from 1; won is last
--   stage varchar: stage
--   is_won boolean: the last row, deals won
--   n_entered bigint: deals that reached the stage
--   n_forward bigint: of those, deals that went further; null for won
--   n_lost bigint: of those, lost in the stage; null for won
--   n_lost_unknown bigint: first stage: deals lost without a word on where; 0 elsewhere; null for won
--   n_open bigint: of those, still open with this as their highest stage; null for won
--   entered_amount decimal(18,2): reporting currency
--   forward_amount decimal(18,2): reporting currency; null for won
--   lost_amount decimal(18,2): reporting currency; null for won
--   open_amount decimal(18,2): reporting currency; null for won
--   forward_rate double: forward ÷ (forward + lost + open), 0 to 1; null when nobody entered
--   forward_low double: lower end of its 95 % interval
--   forward_high double: upper end of its 95 % interval
--   decided_rate double: forward ÷ (forward + lost), 0 to 1; null when nobody is decided
--   decided_low double: lower end of its 95 % interval
--   decided_high double: upper end of its 95 % interval
--   share_of_first double: entered ÷ entered at the first stage, 0 to 1
--   compare_n_entered bigint: comparison cohort
--   compare_n_forward bigint: comparison cohort; null for won
--   compare_n_lost bigint: comparison cohort; null for won
--   compare_n_open bigint: comparison cohort; null for won
--   compare_forward_rate double: comparison cohort, 0 to 1
--   compare_decided_rate double: comparison cohort, 0 to 1
--   compare_decided_low double: lower end of its 95 % interval
--   compare_decided_high double: upper end of its 95 % interval
-- Leaves out: deals without a creation date; deals of other pipelines.
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
won_stages as (
    select min(stage) as stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'won'
),
steps as (
    select position, stage, false as is_won
    from open_stages
    union all
    select max(o.position) + 1 as position, max(w.stage) as stage, true as is_won
    from open_stages as o
    cross join won_stages as w
    having count(*) > 0
),
deals as (
    select
        reached_position,
        case when outcome = 'lost' and not coalesce(is_loss_stage_known, false) then 'unknown' else outcome end as outcome,
        coalesce(amount, 0) as amount,
        created_on >= $period_start and created_on < $period_end as is_now,
        created_on >= $compare_start and created_on < $compare_end as is_then
    from deal_facts
    where pipeline is not distinct from $pipeline
),
-- Few rows from here on: stages × outcomes.
reached as (
    select
        reached_position,
        outcome,
        count(*) filter (where is_now) as n,
        sum(amount) filter (where is_now) as amount,
        count(*) filter (where is_then) as compare_n
    from deals
    where is_now or is_then
    group by reached_position, outcome
),
counts as (
    select
        s.position,
        s.stage,
        s.is_won,
        coalesce(sum(r.n), 0) as n_entered,
        coalesce(sum(r.n) filter (where r.reached_position > s.position and r.outcome <> 'unknown'), 0) as n_forward,
        coalesce(sum(r.n) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0) as n_lost,
        coalesce(sum(r.n) filter (where s.position = 1 and r.outcome = 'unknown'), 0) as n_lost_unknown,
        coalesce(sum(r.n) filter (where r.reached_position = s.position and r.outcome = 'open'), 0) as n_open,
        coalesce(sum(r.amount), 0) as entered_amount,
        coalesce(sum(r.amount) filter (where r.reached_position > s.position and r.outcome <> 'unknown'), 0) as forward_amount,
        coalesce(sum(r.amount) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0) as lost_amount,
        coalesce(sum(r.amount) filter (where r.reached_position = s.position and r.outcome = 'open'), 0) as open_amount,
        coalesce(sum(r.compare_n), 0) as compare_n_entered,
        coalesce(sum(r.compare_n) filter (where r.reached_position > s.position and r.outcome <> 'unknown'), 0) as compare_n_forward,
        coalesce(sum(r.compare_n) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0)
            as compare_n_lost,
        coalesce(sum(r.compare_n) filter (where r.reached_position = s.position and r.outcome = 'open'), 0)
            as compare_n_open
    from steps as s
    left join reached as r on r.reached_position >= s.position and (r.outcome <> 'unknown' or s.position = 1)
    group by s.position, s.stage, s.is_won
),
rates as (
    select
        *,
        cast(n_forward as double) / nullif(n_entered - n_lost_unknown, 0) as p_forward,
        cast(n_forward as double) / nullif(n_forward + n_lost, 0) as p_decided,
        cast(compare_n_forward as double) / nullif(compare_n_entered, 0) as p_compare_forward,
        cast(compare_n_forward as double) / nullif(compare_n_forward + compare_n_lost, 0) as p_compare_decided,
        cast(nullif(n_entered - n_lost_unknown, 0) as double) as m_forward,
        cast(nullif(n_forward + n_lost, 0) as double) as m_decided,
        cast(nullif(compare_n_forward + compare_n_lost, 0) as double) as m_compare,
        max(n_entered) over () as n_first
    from counts
),
-- Wilson: (p + z²/2m ± z √(p(1−p)/m + z²/4m²)) ÷ (1 + z²/m), z² = 3.841459, z = 1.959964.
intervals as (
    select
        *,
        1.959964 * sqrt(p_forward * (1 - p_forward) / m_forward + 3.841459 / (4 * m_forward * m_forward)) as h_forward,
        1.959964 * sqrt(p_decided * (1 - p_decided) / m_decided + 3.841459 / (4 * m_decided * m_decided)) as h_decided,
        1.959964 * sqrt(p_compare_decided * (1 - p_compare_decided) / m_compare + 3.841459 / (4 * m_compare * m_compare))
            as h_compare
    from rates
)
select
    cast(position as integer) as position,
    stage,
    is_won,
    cast(n_entered as bigint) as n_entered,
    cast(case when not is_won then n_forward end as bigint) as n_forward,
    cast(case when not is_won then n_lost end as bigint) as n_lost,
    cast(case when not is_won then n_lost_unknown end as bigint) as n_lost_unknown,
    cast(case when not is_won then n_open end as bigint) as n_open,
    cast(entered_amount as decimal(18, 2)) as entered_amount,
    cast(case when not is_won then forward_amount end as decimal(18, 2)) as forward_amount,
    cast(case when not is_won then lost_amount end as decimal(18, 2)) as lost_amount,
    cast(case when not is_won then open_amount end as decimal(18, 2)) as open_amount,
    case when not is_won then p_forward end as forward_rate,
    case when not is_won then (p_forward + 3.841459 / (2 * m_forward) - h_forward) / (1 + 3.841459 / m_forward) end
        as forward_low,
    case when not is_won then (p_forward + 3.841459 / (2 * m_forward) + h_forward) / (1 + 3.841459 / m_forward) end
        as forward_high,
    case when not is_won then p_decided end as decided_rate,
    case when not is_won then (p_decided + 3.841459 / (2 * m_decided) - h_decided) / (1 + 3.841459 / m_decided) end
        as decided_low,
    case when not is_won then (p_decided + 3.841459 / (2 * m_decided) + h_decided) / (1 + 3.841459 / m_decided) end
        as decided_high,
    cast(n_entered as double) / nullif(n_first, 0) as share_of_first,
    cast(compare_n_entered as bigint) as compare_n_entered,
    cast(case when not is_won then compare_n_forward end as bigint) as compare_n_forward,
    cast(case when not is_won then compare_n_lost end as bigint) as compare_n_lost,
    cast(case when not is_won then compare_n_open end as bigint) as compare_n_open,
    case when not is_won then p_compare_forward end as compare_forward_rate,
    case when not is_won then p_compare_decided end as compare_decided_rate,
    case when not is_won then (p_compare_decided + 3.841459 / (2 * m_compare) - h_compare) / (1 + 3.841459 / m_compare) end
        as compare_decided_low,
    case when not is_won then (p_compare_decided + 3.841459 / (2 * m_compare) + h_compare) / (1 + 3.841459 / m_compare) end
        as compare_decided_high
from intervals
order by position
