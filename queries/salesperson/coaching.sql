-- What: what to talk about with one salesperson, each point with the numbers that justify it.
-- Row: one point.
-- Definition: warnings (codes as in deal_flags): severity 3 when clearly more of his open deals carry it than of all others' (Wilson's 99 %
--   lower bound of his share above their share, two deals or more), 2 when that holds of a habit (a warning on more than half of the
--   firm's deals), or when the deals under it, no habit, hold at least 15 % of his open money. Behind target: less than 70 % of the
--   revenue target to date is won, once half of the period's target is due. Few contacts: less than two thirds of the firm's average
--   seller in 13 weeks, and beyond chance (count + 2.58 x root of count below it). Low and strong progress, reach and win rate
--   (severity 3 and 0): only when his 95 % interval and the firm's do not overlap, from 10 cases up. Who was hired less than 180 days ago
--   is not measured against the firm's contacts and rates. Others = the firm without him.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   code varchar: a warning (silent, slipped, ahead, single_threaded, no_next_step, discount), behind_target, few_contacts, or low_ / strong_
--     with progress, reach or win_rate
--   severity bigint: 3 clear, 2 worth a talk, 0 a strength
--   n bigint: cases (deals, contacts)
--   n_of bigint: out of so many
--   value double: his share, rate or contacts per four weeks
--   low double: lower bound of it; null for counts
--   high double: upper bound of it; null for counts
--   reference double: the same of all others, of the firm, or the target's 100 %
--   amount decimal(18,2): money under the point, reporting currency; null where none
-- Leaves out: whatever a few cases cannot tell.
with person as (
    select user_key, coalesce(hired_on > cast($as_of - interval 180 day as date), false) as is_new from users where user_id = $user_id
),

flags as (
    select
        count(*) as n_open,
        coalesce(sum(cast(deal_flags.amount as double)), 0) as open_amount,
        count(case when deal_flags.is_silent then 1 end) as n_silent,
        sum(case when deal_flags.is_silent then cast(deal_flags.amount as double) end) as silent_amount,
        count(case when deal_flags.is_slipped then 1 end) as n_slipped,
        sum(case when deal_flags.is_slipped then cast(deal_flags.amount as double) end) as slipped_amount,
        count(case when deal_flags.is_ahead then 1 end) as n_ahead,
        sum(case when deal_flags.is_ahead then cast(deal_flags.amount as double) end) as ahead_amount,
        count(case when deal_flags.is_single_threaded then 1 end) as n_single,
        sum(case when deal_flags.is_single_threaded then cast(deal_flags.amount as double) end) as single_amount,
        count(case when deal_flags.has_no_next_step then 1 end) as n_stepless,
        sum(case when deal_flags.has_no_next_step then cast(deal_flags.amount as double) end) as stepless_amount,
        count(case when deal_flags.is_discounted then 1 end) as n_discounted,
        sum(case when deal_flags.is_discounted then cast(deal_flags.amount as double) end) as discounted_amount
    from deal_flags
    inner join person on person.user_key = deal_flags.owner_key
),

firm as (
    select n_open, n_silent, n_slipped, n_ahead, n_single_threaded, n_no_next_step, n_discounted from firm_flags where team is null
),

counts as (
    select 'silent' as code, flags.n_silent as n, flags.silent_amount as amount, firm.n_silent as firm_n, firm.n_open as firm_of
    from flags cross join firm
    union all
    select 'slipped' as code, flags.n_slipped as n, flags.slipped_amount as amount, firm.n_slipped as firm_n, firm.n_open as firm_of
    from flags cross join firm
    union all
    select 'ahead' as code, flags.n_ahead as n, flags.ahead_amount as amount, firm.n_ahead as firm_n, firm.n_open as firm_of
    from flags cross join firm
    union all
    select 'single_threaded' as code, flags.n_single as n, flags.single_amount as amount, firm.n_single_threaded as firm_n, firm.n_open as firm_of
    from flags cross join firm
    union all
    select 'no_next_step' as code, flags.n_stepless as n, flags.stepless_amount as amount, firm.n_no_next_step as firm_n, firm.n_open as firm_of
    from flags cross join firm
    union all
    select 'discount' as code, flags.n_discounted as n, flags.discounted_amount as amount, firm.n_discounted as firm_n, firm.n_open as firm_of
    from flags cross join firm
),

warnings as (
    select code, n, amount, firm_n, firm_of, firm_of >= 20 and 2 * firm_n > firm_of as is_habit from counts
),

decided as (
    select
        count(case when deal_facts.outcome = 'won' then 1 end) as n_won,
        count(*) as n_decided
    from deal_facts
    inner join person on person.user_key = deal_facts.owner_key
    where deal_facts.outcome in ('won', 'lost')
        and deal_facts.closed_on > cast($as_of - interval 365 day as date) and deal_facts.closed_on <= $as_of
),

-- Every rate with its counterpart: his cases, the firm's cases.
rates as (
    select
        'progress' as kind,
        rep_contacts.n_progressed as n,
        rep_contacts.n_judged as n_of,
        firm_contacts.n_progressed as firm_n,
        firm_contacts.n_judged as firm_of
    from rep_contacts
    inner join person on person.user_key = rep_contacts.owner_key
    inner join firm_contacts on firm_contacts.team is null
    union all
    select
        'reach' as kind,
        rep_contacts.n_effective as n,
        rep_contacts.n_touches as n_of,
        firm_contacts.n_effective as firm_n,
        firm_contacts.n_touches as firm_of
    from rep_contacts
    inner join person on person.user_key = rep_contacts.owner_key
    inner join firm_contacts on firm_contacts.team is null
    union all
    select 'win_rate' as kind, decided.n_won as n, decided.n_decided as n_of, firm_norms.n_won_365 as firm_n, firm_norms.n_decided_365 as firm_of
    from decided cross join firm_norms
    union all
    select code as kind, n, flags.n_open as n_of, firm_n - n as firm_n, firm_of - flags.n_open as firm_of
    from warnings cross join flags
),

shares as (
    select
        kind,
        n,
        n_of,
        firm_of,
        cast(n as double) / nullif(cast(n_of as double), 0) as p,
        case when kind in ('progress', 'reach', 'win_rate') then 3.8416 else 6.6349 end / nullif(cast(n_of as double), 0) as z,
        cast(firm_n as double) / nullif(cast(firm_of as double), 0) as firm_p,
        3.8416 / nullif(cast(firm_of as double), 0) as firm_z
    from rates
),

bounds as (
    select
        kind,
        n,
        n_of,
        p,
        firm_p,
        case when n_of > 0 then greatest(0.0, (p + z / 2 - sqrt(p * (1 - p) * z + z * z / 4)) / (1 + z)) end as low,
        case when n_of > 0 then least(1.0, (p + z / 2 + sqrt(p * (1 - p) * z + z * z / 4)) / (1 + z)) end as high,
        case when firm_of > 0 then
            greatest(0.0, (firm_p + firm_z / 2 - sqrt(firm_p * (1 - firm_p) * firm_z + firm_z * firm_z / 4)) / (1 + firm_z))
        end as firm_low,
        case when firm_of > 0 then
            least(1.0, (firm_p + firm_z / 2 + sqrt(firm_p * (1 - firm_p) * firm_z + firm_z * firm_z / 4)) / (1 + firm_z))
        end as firm_high
    from shares
),

goals as (
    select
        sum(cast(targets.value as double)) as target_amount,
        sum(
            cast(targets.value as double) * case
                when cast(targets.month + interval 1 month as date) <= $as_of then 1.0
                when targets.month > $as_of then 0.0
                else (date_diff('day', targets.month, $as_of) + 1.0)
                    / date_diff('day', targets.month, cast(targets.month + interval 1 month as date))
            end
        ) as to_date
    from targets
    inner join person on person.user_key = targets.owner_key
    where targets.measure = 'revenue'
        and targets.month >= cast(date_trunc('month', $period_start) as date) and targets.month < $period_end
),

wins as (
    select count(*) as n_won, coalesce(sum(cast(deal_facts.amount as double)), 0) as won_amount
    from deal_facts
    inner join person on person.user_key = deal_facts.owner_key
    where deal_facts.outcome = 'won' and deal_facts.closed_on >= $period_start and deal_facts.closed_on < $period_end
),

points as (
    select
        bounds.kind as code,
        case when bounds.n >= 2 and bounds.low > bounds.firm_p and not warnings.is_habit then 3 else 2 end as severity,
        bounds.n,
        bounds.n_of,
        bounds.p as value,
        bounds.low,
        bounds.high,
        bounds.firm_p as reference,
        warnings.amount
    from bounds
    inner join warnings on warnings.code = bounds.kind
    cross join flags
    where bounds.n > 0
        and ((bounds.n >= 2 and bounds.low > bounds.firm_p) or (warnings.amount >= 0.15 * flags.open_amount and not warnings.is_habit))
    union all
    select
        case when high < firm_low then 'low_' || kind else 'strong_' || kind end as code,
        case when high < firm_low then 3 else 0 end as severity,
        n,
        n_of,
        p as value,
        low,
        high,
        firm_p as reference,
        cast(null as double) as amount
    from bounds
    cross join person
    where not person.is_new and kind in ('progress', 'reach', 'win_rate') and n_of >= 10 and (high < firm_low or low > firm_high)
    union all
    select
        'few_contacts' as code,
        3 as severity,
        rep_contacts.n_effective as n,
        rep_contacts.n_touches as n_of,
        4 * cast(rep_contacts.n_effective as double) / nullif(rep_contacts.n_weeks, 0) as value,
        cast(null as double) as low,
        cast(null as double) as high,
        4 * cast(firm_contacts.n_effective as double) / nullif(firm_contacts.n_weeks, 0) as reference,
        cast(null as double) as amount
    from rep_contacts
    inner join person on person.user_key = rep_contacts.owner_key
    inner join firm_contacts on firm_contacts.team is null
    where rep_contacts.is_seller and not person.is_new
        and rep_contacts.n_effective + 2.58 * sqrt(cast(rep_contacts.n_effective as double))
        < cast(firm_contacts.n_effective as double) / nullif(firm_contacts.n_weeks, 0) * rep_contacts.n_weeks
        and rep_contacts.n_effective < cast(firm_contacts.n_effective as double) / nullif(firm_contacts.n_weeks, 0) * rep_contacts.n_weeks * 2 / 3
    union all
    select
        'behind_target' as code,
        2 as severity,
        wins.n_won as n,
        wins.n_won as n_of,
        wins.won_amount / nullif(goals.to_date, 0) as value,
        cast(null as double) as low,
        cast(null as double) as high,
        1.0 as reference,
        goals.to_date - wins.won_amount as amount
    from goals cross join wins
    where wins.won_amount < 0.7 * goals.to_date and goals.to_date >= 0.5 * goals.target_amount
)

select
    code,
    cast(severity as bigint) as severity,
    cast(n as bigint) as n,
    cast(n_of as bigint) as n_of,
    value,
    low,
    high,
    reference,
    cast(amount as decimal(18, 2)) as amount
from points
order by severity desc nulls last, amount desc nulls last, code asc nulls last
