-- What: which open deals carry the forecast, and what each would change.
-- Row: one open deal, the 200 that are worth most.
-- Definition: odds by position and age as in forecast/outlook, worth = odds x amount; the worths of all open deals add up to its
--   hoped_amount. Won, a deal would raise the forecast by amount - worth; lost, lower it by worth. Claimed are deals whose expected
--   closing lies before the end of the period. The CRM's probability and category are shown as they are.
-- Parameters:
--   as_of date: the snapshot's date
--   period_end date: first day after the period, the first of a month
-- Columns:
--   opportunity_id varchar: id in the CRM
--   name varchar: name
--   account_name varchar: customer
--   user_id varchar: owner
--   owner_name varchar: name of the owner
--   stage varchar: stage claimed
--   age_days bigint: days since creation
--   amount decimal(18,2): reporting currency
--   odds double: 0 to 1, to be won in what is left of the period
--   worth_amount decimal(18,2): reporting currency
--   share double: of the worth of all open deals, 0 to 1
--   if_won_amount decimal(18,2): reporting currency, the forecast would rise by
--   expected_close_on date: as the owner entered it
--   is_claimed boolean: expected to close in the period
--   probability double: 0 to 1, as the CRM states it
--   forecast_category varchar: as the CRM states it
--   n_deals bigint: open deals in all
-- Leaves out: deals without an amount, or when nothing of the period is left.
with ahead as (
    select date_diff('month', $as_of, $period_end) as n_months, date_diff('day', $as_of, $period_end) <= 1 as is_over
),
hopes as (
    select
        d.opportunity_key,
        d.opportunity_id,
        d.owner_key,
        d.account_key,
        d.stage,
        date_diff('day', d.created_on, $as_of) as age_days,
        d.amount,
        d.expected_close_on,
        coalesce(d.expected_close_on < $period_end, false) as is_claimed,
        coalesce(o.odds, 0) as odds,
        coalesce(o.odds, 0) * cast(d.amount as double) as worth
    from deal_facts as d
    inner join ahead as a on not a.is_over
    left join firm_close_odds as o
        on o.look = 0
        and o.n_months = a.n_months
        and o.pipeline = d.pipeline
        and o.position = d.reached_position
        and o.age_band = case
            when date_diff('day', d.created_on, $as_of) <= 30 then 1
            when date_diff('day', d.created_on, $as_of) <= 60 then 2
            when date_diff('day', d.created_on, $as_of) <= 90 then 3
            when date_diff('day', d.created_on, $as_of) <= 120 then 4
            when date_diff('day', d.created_on, $as_of) <= 180 then 5
            when date_diff('day', d.created_on, $as_of) <= 365 then 6
            else 7
        end
    where d.outcome = 'open' and d.amount is not null and d.created_on <= $as_of
),
ranked as (
    select
        h.*,
        sum(h.worth) over () as whole,
        count(*) over () as n_deals,
        row_number() over (order by h.worth desc, h.amount desc, h.opportunity_id) as rank
    from hopes as h
)
select
    r.opportunity_id,
    p.name,
    a.name as account_name,
    u.user_id,
    u.name as owner_name,
    r.stage,
    cast(r.age_days as bigint) as age_days,
    r.amount,
    r.odds,
    cast(round(r.worth, 2) as decimal(18,2)) as worth_amount,
    r.worth / nullif(r.whole, 0) as share,
    cast(round(cast(r.amount as double) - r.worth, 2) as decimal(18,2)) as if_won_amount,
    r.expected_close_on,
    r.is_claimed,
    p.probability,
    p.forecast_category,
    cast(r.n_deals as bigint) as n_deals
from ranked as r
inner join opportunities as p on p.opportunity_key = r.opportunity_key
left join accounts as a on a.account_key = r.account_key
left join users as u on u.user_key = r.owner_key
where r.rank <= 200
order by worth_amount desc, amount desc, opportunity_id
