-- What: of the deals that were expected to close in the period, how many were pushed out of it.
-- Row: with detail = owner one salesperson, the highest shrunk rate first; with detail = total exactly one row when any deal was due.
-- Definition: metrics §1, slip rate: deals open in the earlier snapshot with their expected closing in the period, of those the ones that are still open and
--   now expected behind it or on no day. By amount as it stood then, and by count with Wilson's 95 % interval. For salespeople the shrunk
--   rate adds 20 deals of the average of all, (pushed + 20 m) ÷ (due + 20), and is what may be ranked; fewer than 5 deals due are too few to judge;
--   different from the rest: the two proportions differ by more than 2.576 standard errors (99 %, as several people are looked at), and
--   at the average rate at least 5 of the person's deals would be pushed and 5 not: below that the comparison means nothing.
--   Who answers: the owner now, for vanished deals the owner then. Where the CRM itself sets the end of the month of creation as closing date
--   (HubSpot), such a date was nobody's word: the deal counts neither as due nor as pushed.
-- Parameters:
--   detail varchar: total or owner
--   has_default_dates boolean: whether the CRM sets a new deal's closing date to the end of its month of creation
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   owner_id varchar: salesperson; null for detail = total and for deals of nobody
--   owner_name varchar: salesperson
--   n_due bigint: deals expected to close in the period, then
--   due_amount decimal(18,2): of these, as it stood then; reporting currency
--   n_pushed bigint: of these, pushed out
--   pushed_amount decimal(18,2): of these, as it stood then; reporting currency
--   amount_rate double: pushed amount ÷ due amount, 0 to 1; null when no amount was due
--   rate double: pushed ÷ due by count, 0 to 1
--   rate_low double: lower end of its 95 % interval
--   rate_high double: upper end of its 95 % interval
--   average_rate double: of all, by count
--   shrunk_rate double: 0 to 1
--   is_different boolean: told apart from the others together at 99 %
--   too_few boolean: fewer than 5 due
-- Leaves out: deals handed to somebody who is not seen: what became of them is not told.
with due as (
    select
        case when $detail = 'owner' then coalesce(u.user_id, v.user_id) end as owner_id,
        case when $detail = 'owner' then coalesce(u.name, v.name) end as owner_name,
        coalesce(p.old_amount, 0) as amount,
        p.is_seen and p.outcome = 'open' and (p.expected_close_on is null or p.expected_close_on >= $period_end) as is_pushed
    from deal_pairs as p
    left join users as u on u.user_key = p.owner_key
    left join previous_users as v on v.user_key = p.old_owner_key and not p.is_seen
    where (p.is_seen or not p.is_there)
        and p.old_outcome = 'open'
        and p.old_close_on >= $period_start
        and p.old_close_on < $period_end
        and not (
            $has_default_dates
            and p.old_created_at is not null
            and p.old_close_on = cast(cast(date_trunc('month', p.old_created_at) as date) + interval 1 month - interval 1 day as date)
        )
),
counts as (
    select
        owner_id,
        max(owner_name) as owner_name,
        cast(count(*) as double) as n_due,
        sum(amount) as due_amount,
        cast(count(*) filter (where is_pushed) as double) as n_pushed,
        coalesce(sum(amount) filter (where is_pushed), 0) as pushed_amount
    from due
    group by owner_id
),
totals as (
    select
        c.*,
        c.n_pushed / nullif(c.n_due, 0) as p,
        nullif(c.n_due, 0) as m,
        sum(c.n_pushed) over () as all_pushed,
        sum(c.n_due) over () as all_due
    from counts as c
),
rates as (
    select
        t.*,
        all_pushed / nullif(all_due, 0) as average_rate,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h,
        p - (all_pushed - n_pushed) / nullif(all_due - m, 0) as gap,
        sqrt(all_pushed / nullif(all_due, 0) * (1 - all_pushed / nullif(all_due, 0)) * (1 / m + 1 / nullif(all_due - m, 0))) as gap_error
    from totals as t
)
select
    owner_id,
    owner_name,
    cast(n_due as bigint) as n_due,
    cast(due_amount as decimal(18,2)) as due_amount,
    cast(n_pushed as bigint) as n_pushed,
    cast(pushed_amount as decimal(18,2)) as pushed_amount,
    cast(pushed_amount as double) / nullif(cast(due_amount as double), 0) as amount_rate,
    p as rate,
    case when n_pushed = 0 then 0 else (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) end as rate_low,
    case when n_pushed = n_due then 1 else (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) end as rate_high,
    average_rate,
    (n_pushed + 20 * average_rate) / (n_due + 20) as shrunk_rate,
    coalesce(
        m * average_rate >= 5 and m * (1 - average_rate) >= 5 and abs(gap) > 2.576 * gap_error, false
    ) as is_different,
    coalesce(m, 0) < 5 as too_few
from rates
order by too_few, shrunk_rate desc, n_due desc, owner_id nulls last
