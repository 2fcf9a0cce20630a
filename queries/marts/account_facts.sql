-- What: each customer's value, contacts, silence, money and tier.
-- Row: one account.
-- Definition: won amounts are won deals by closing day; 365 and 730 count days up to and including the as-of date. Value is the larger of
--   won deals and signed orders not cancelled: repeat orders often come without a deal, and some exports have deals only.
--   The usual gap is the median number of days between successive days with an effective contact in the last 730 days; null
--   below four such days. Silence counts from the last effective contact. Contacts on a deal carry
--   its customer since the import.
--   Tier: customers with value in 730 days by value; A the top 20 % of them (rounded up), B up to 50 %, C the rest, D without value.
-- Columns:
--   account_key integer: join key
--   owner_key integer: users
--   region varchar: region
--   won_amount_365 decimal(18,2): reporting currency
--   value_365 decimal(18,2): reporting currency
--   won_amount decimal(18,2): reporting currency, all time
--   n_won integer: won deals, all time
--   n_open_deals integer: open deals
--   open_amount decimal(18,2): reporting currency
--   n_effective_365 integer: effective contacts
--   last_touch_on date: day of the last activity
--   usual_gap_days double: days
--   days_silent integer: days since the last effective contact; null never
--   paid_amount_365 decimal(18,2): reporting currency
--   overdue_amount decimal(18,2): reporting currency
--   n_open_cases integer: cases not closed
--   value_rank integer: 1 = most valuable in 730 days; null without value
--   tier varchar: A, B, C, D
with deals as (
    select
        account_key,
        sum(amount) filter (where outcome = 'won' and closed_on > $as_of - 365) as won_amount_365,
        sum(amount) filter (where outcome = 'won' and closed_on > $as_of - 730) as won_amount_730,
        sum(amount) filter (where outcome = 'won') as won_amount,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) filter (where outcome = 'open') as n_open_deals,
        sum(amount) filter (where outcome = 'open') as open_amount
    from deal_facts
    where account_key is not null and (outcome = 'open' or closed_on is null or closed_on <= $as_of)
    group by account_key
),
purchases as (
    select
        account_key,
        sum(amount) filter (where ordered_on > $as_of - 365) as ordered_365,
        sum(amount) as ordered_730
    from orders
    where status is distinct from 'cancelled' and ordered_on > $as_of - 730 and ordered_on <= $as_of
    group by account_key
),
touches as (
    select
        account_key,
        max(happened_at) as last_touch_at,
        max(case when is_effective then happened_at end) as last_effective_at,
        count(case when is_effective and cast(happened_at as date) > $as_of - 365 then 1 end) as n_effective_365
    from activities
    where account_key is not null and cast(happened_at as date) <= $as_of
    group by account_key
),
contact_days as (
    -- Customer and day as one number, which is distinct and in order for less than two columns.
    select distinct account_key, cast(happened_at as date) as day
    from activities
    where is_effective and account_key is not null
        and cast(happened_at as date) > $as_of - 730 and cast(happened_at as date) <= $as_of
),
gaps as (
    select account_key, day - lag(day) over (partition by account_key order by day) as gap
    from contact_days
),
rhythms as (
    select account_key, quantile_cont(cast(gap as double), 0.5) as usual_gap_days
    from gaps
    group by account_key
    having count(*) >= 4
),
receipts as (
    select coalesce(p.account_key, i.account_key, o.account_key) as account_key, sum(p.amount) as paid_amount_365
    from payments as p
    left join invoices as i on i.invoice_key = p.invoice_key
    left join orders as o on o.order_key = coalesce(p.order_key, i.order_key)
    where p.paid_on > $as_of - 365 and p.paid_on <= $as_of
    group by all
),
debts as (
    select account_key, sum(open_amount) filter (where days_overdue > 0) as overdue_amount
    from invoice_facts
    group by account_key
),
complaints as (
    select account_key, count(*) as n_open_cases
    from cases
    where status is distinct from 'closed'
        and (closed_at is null or cast(closed_at as date) > $as_of)
        and (opened_at is null or cast(opened_at as date) <= $as_of)
    group by account_key
),
worth as (
    select
        a.account_key,
        a.account_id,
        greatest(d.won_amount_365, o.ordered_365, 0) as value_365,
        greatest(d.won_amount_730, o.ordered_730, 0) as value_730
    from accounts as a
    left join deals as d on d.account_key = a.account_key
    left join purchases as o on o.account_key = a.account_key
),
ranked as (
    select
        account_key,
        row_number() over (order by value_730 desc, account_id, account_key) as value_rank,
        count(*) over () as n_customers
    from worth
    where value_730 > 0
)
select
    a.account_key,
    a.owner_key,
    a.region,
    cast(coalesce(d.won_amount_365, 0) as decimal(18,2)) as won_amount_365,
    cast(w.value_365 as decimal(18,2)) as value_365,
    cast(coalesce(d.won_amount, 0) as decimal(18,2)) as won_amount,
    cast(coalesce(d.n_won, 0) as integer) as n_won,
    cast(coalesce(d.n_open_deals, 0) as integer) as n_open_deals,
    cast(coalesce(d.open_amount, 0) as decimal(18,2)) as open_amount,
    cast(coalesce(t.n_effective_365, 0) as integer) as n_effective_365,
    cast(t.last_touch_at as date) as last_touch_on,
    g.usual_gap_days,
    cast($as_of - cast(t.last_effective_at as date) as integer) as days_silent,
    cast(coalesce(p.paid_amount_365, 0) as decimal(18,2)) as paid_amount_365,
    cast(coalesce(b.overdue_amount, 0) as decimal(18,2)) as overdue_amount,
    cast(coalesce(c.n_open_cases, 0) as integer) as n_open_cases,
    cast(r.value_rank as integer) as value_rank,
    case
        when r.value_rank is null then 'D'
        when r.value_rank <= (r.n_customers + 4) // 5 then 'A'
        when r.value_rank <= (r.n_customers + 1) // 2 then 'B'
        else 'C'
    end as tier
from accounts as a
inner join worth as w on w.account_key = a.account_key
left join deals as d on d.account_key = a.account_key
left join touches as t on t.account_key = a.account_key
left join rhythms as g on g.account_key = a.account_key
left join receipts as p on p.account_key = a.account_key
left join debts as b on b.account_key = a.account_key
left join complaints as c on c.account_key = a.account_key
left join ranked as r on r.account_key = a.account_key
