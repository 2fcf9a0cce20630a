-- What: what is usual in the firm: win rate, cycle, rhythm of contact and discount of its won deals.
-- Row: exactly one row, the whole firm.
-- Definition: win rate by count over deals closed in the 365 days before as_of. Gap = days between two successive days with an effective
--   contact on one won deal, deals won in the last 730 days; the silence limit is its 90th percentile, but never more than 30 days, and
--   30 days when fewer than 30 gaps are known. Discount of a deal = share of list value given away over its lines; the limit is the 90th
--   percentile of won deals, 20 % when fewer than 20 of them have lines.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   n_won_365 bigint: deals
--   n_decided_365 bigint: deals won or lost
--   cycle_days double: median days from creation to winning
--   n_cycles bigint: deals behind it
--   gap_p90_days double: days; null when no gap is known
--   n_gaps bigint: gaps
--   silence_limit_days double: days without effective contact after which an open deal counts as silent
--   discount_limit double: 0 to 1
--   has_contacts boolean: effective contacts are tied to deals at all
--   has_people boolean: effective contacts on deals name the person talked to
--   has_next_steps boolean: next steps or tasks on deals are recorded at all
-- Leaves out: deals without closing date, for the rates.
with decided as (
    select
        opportunity_key,
        outcome,
        date_diff('day', created_on, closed_on) as cycle_days
    from deal_facts
    where outcome in ('won', 'lost') and closed_on > $as_of - interval 365 day and closed_on <= $as_of
),

won_days as (
    select distinct
        activities.opportunity_key,
        cast(activities.happened_at as date) as day
    from activities
    inner join deal_facts on deal_facts.opportunity_key = activities.opportunity_key
    where activities.is_effective
        and deal_facts.outcome = 'won'
        and deal_facts.closed_on > $as_of - interval 730 day
        and cast(activities.happened_at as date) <= deal_facts.closed_on
),

gaps as (
    select date_diff('day', lag(day) over (partition by opportunity_key order by day), day) as days
    from won_days
),

gap_norm as (
    select
        quantile_cont(cast(days as double), 0.9) as p90_days,
        count(days) as n_gaps
    from gaps
),

won_discounts as (
    select
        deal_facts.opportunity_key,
        1 - sum(line_items.quantity * line_items.unit_price)
        / nullif(sum(line_items.quantity * line_items.unit_price / (1 - line_items.discount)), 0) as discount
    from line_items
    inner join deal_facts on deal_facts.opportunity_key = line_items.opportunity_key
    where deal_facts.outcome = 'won' and line_items.discount < 1
    group by deal_facts.opportunity_key
),

discount_norm as (
    select case when count(discount) >= 20 then quantile_cont(cast(discount as double), 0.9) else 0.2 end as discount_limit
    from won_discounts
),

win_norm as (
    select
        count(*) filter (where outcome = 'won') as n_won,
        count(*) as n_decided,
        quantile_cont(cast(cycle_days as double), 0.5) filter (where outcome = 'won') as cycle_days,
        count(cycle_days) filter (where outcome = 'won') as n_cycles
    from decided
),

recorded as (
    -- What the export could show at all: nobody is warned about what it leaves out.
    select
        exists(select 1 from activities where is_effective and opportunity_key is not null) as has_contacts,
        exists(select 1 from activities where is_effective and contact_key is not null and opportunity_key is not null) as has_people,
        exists(select 1 from opportunities where next_step_on is not null or trim(next_step) <> '')
        or exists(select 1 from tasks where opportunity_key is not null) as has_next_steps
)

select
    cast(win_norm.n_won as bigint) as n_won_365,
    cast(win_norm.n_decided as bigint) as n_decided_365,
    win_norm.cycle_days,
    cast(win_norm.n_cycles as bigint) as n_cycles,
    gap_norm.p90_days as gap_p90_days,
    cast(gap_norm.n_gaps as bigint) as n_gaps,
    case when gap_norm.n_gaps >= 30 then least(gap_norm.p90_days, 30.0) else 30.0 end as silence_limit_days,
    -- A discount that most won deals get, or next to none, is not a warning.
    greatest(discount_norm.discount_limit, 0.05) as discount_limit,
    recorded.has_contacts,
    recorded.has_people,
    recorded.has_next_steps
from win_norm, gap_norm, discount_norm, recorded
