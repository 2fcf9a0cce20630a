-- What: each employee's open business, record and effort in one row.
-- Row: one user.
-- Definition: 365 and 90 count days up to and including the as-of date; the quarter is the calendar quarter of the as-of date.
--   Silent is an open deal without an effective contact in the last 30 days, counted from its creation where there was none.
-- Columns:
--   owner_key integer: users
--   user_id varchar: id in the CRM
--   n_open integer: open deals
--   open_amount decimal(18,2): reporting currency
--   n_won_365 integer: deals
--   n_decided_365 integer: deals won or lost
--   won_amount_365 decimal(18,2): reporting currency
--   n_effective_90 integer: effective contacts
--   n_silent integer: open deals
--   n_pushed integer: open deals whose expected closing date was moved to a later day at least once
--   won_amount_quarter decimal(18,2): reporting currency
with deals as (
    select
        owner_key,
        count(*) filter (where outcome = 'open') as n_open,
        sum(amount) filter (where outcome = 'open') as open_amount,
        count(*) filter (where outcome = 'won' and closed_on > $as_of - 365 and closed_on <= $as_of) as n_won_365,
        count(*) filter (where outcome in ('won', 'lost') and closed_on > $as_of - 365 and closed_on <= $as_of) as n_decided_365,
        sum(amount) filter (where outcome = 'won' and closed_on > $as_of - 365 and closed_on <= $as_of) as won_amount_365,
        count(*) filter (
            where outcome = 'open' and coalesce(last_effective_on, created_on, date '1900-01-01') < $as_of - 30
        ) as n_silent,
        count(*) filter (where outcome = 'open' and n_pushes > 0) as n_pushed,
        sum(amount) filter (
            where outcome = 'won' and closed_on >= date_trunc('quarter', $as_of) and closed_on <= $as_of
        ) as won_amount_quarter
    from deal_facts
    where owner_key is not null
    group by owner_key
),
effort as (
    select owner_key, sum(n_effective) as n_effective_90
    from rep_days
    where day > $as_of - 90
    group by owner_key
)
select
    u.user_key as owner_key,
    u.user_id,
    cast(coalesce(d.n_open, 0) as integer) as n_open,
    cast(coalesce(d.open_amount, 0) as decimal(18,2)) as open_amount,
    cast(coalesce(d.n_won_365, 0) as integer) as n_won_365,
    cast(coalesce(d.n_decided_365, 0) as integer) as n_decided_365,
    cast(coalesce(d.won_amount_365, 0) as decimal(18,2)) as won_amount_365,
    cast(coalesce(e.n_effective_90, 0) as integer) as n_effective_90,
    cast(coalesce(d.n_silent, 0) as integer) as n_silent,
    cast(coalesce(d.n_pushed, 0) as integer) as n_pushed,
    cast(coalesce(d.won_amount_quarter, 0) as decimal(18,2)) as won_amount_quarter
from users as u
left join deals as d on d.owner_key = u.user_key
left join effort as e on e.owner_key = u.user_key
