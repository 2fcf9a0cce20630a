-- What: how well each salesperson keeps the records of his open deals.
-- Row: one owner of at least one open deal.
-- Definition: of his open deals: how many have an amount, an expected close date not in the past, an agreed next step or an
--   open task, and an effective contact in the last 30 days. kept_rate is the mean of these four shares.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   user_id varchar: id in the CRM
--   name varchar: salesperson
--   team varchar: team
--   n_open bigint: open deals
--   amount_rate double: share with an amount, 0 to 1
--   close_date_rate double: share whose expected close date is not past, 0 to 1
--   next_step_rate double: share with a next step, 0 to 1
--   contact_rate double: share with an effective contact in the last 30 days, 0 to 1
--   kept_rate double: mean of the four, 0 to 1
-- Leaves out: deals without an owner.
with deals as (
    select owner_key, amount, expected_close_on, has_next_step, last_effective_on
    from deal_facts
    where outcome = 'open' and owner_key is not null
),
shares as (
    select
        owner_key,
        count(*) as n_open,
        cast(count(amount) as double) / nullif(count(*), 0) as amount_rate,
        cast(count(*) filter (where expected_close_on >= $as_of) as double) / nullif(count(*), 0) as close_date_rate,
        cast(count(*) filter (where has_next_step) as double) / nullif(count(*), 0) as next_step_rate,
        cast(count(*) filter (where date_diff('day', last_effective_on, $as_of) <= 30) as double) / nullif(count(*), 0) as contact_rate
    from deals
    group by owner_key
),
final as (
    select
        u.user_id, u.name, u.team, s.n_open, s.amount_rate, s.close_date_rate, s.next_step_rate, s.contact_rate,
        (s.amount_rate + s.close_date_rate + s.next_step_rate + s.contact_rate) * cast(0.25 as double) as kept_rate
    from shares as s
    inner join users as u on u.user_key = s.owner_key
)
select
    user_id,
    name,
    team,
    cast(n_open as bigint) as n_open,
    amount_rate,
    close_date_rate,
    next_step_rate,
    contact_rate,
    cast(kept_rate as double) as kept_rate
from final
order by kept_rate, n_open desc, user_id
