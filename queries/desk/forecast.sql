-- What: what the period will bring: won so far plus what the open deals are worth by their odds, with an interval.
-- Row: exactly one row.
-- Definition: expected = won in the period so far + sum of p x amount over all open deals. p is the chance of being won
--   in the days that are left, taken from what became of the firm's open deals of the same position and age in the past
--   year (firm_close_odds), linear between its 15-day steps. The chance of being won some day (win_odds) is not used: it
--   would count deals that nobody has closed for a year, and all of them in this period. Neither is the expected closing
--   date: what salespeople enter there is the thing to be checked. The 80 % interval takes deals as independent: expected
--   +- 1.2816 x square root of the sum of p (1 - p) amount squared, never under what is won nor over winning everything.
--   Deals and repeat orders that are not there yet are not in it. Won so far is that of desk/won. Once the period is
--   over, only what is won remains.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   won_amount decimal(18,2): reporting currency, so far
--   expected_amount decimal(18,2): reporting currency
--   low_amount decimal(18,2): reporting currency, 10 % chance to stay below
--   high_amount decimal(18,2): reporting currency, 10 % chance to get above
--   open_amount decimal(18,2): reporting currency, all open deals while the period runs
--   n_open bigint: deals
-- Leaves out: open deals without an amount.
with orders_without_deal as (
    -- Only where the export ties most orders to deals: else a won deal and its order could not be told from two sales.
    select ordered_on, amount
    from orders
    cross join (
        select 2 * count(opportunity_key) >= count(*) as is_tied from orders
    ) as ties
    where ties.is_tied
        and opportunity_key is null
        and status is distinct from 'cancelled'
        and amount is not null
        and ordered_on <= $as_of
),
remaining as (
    select
        cast(greatest(date_diff('day', $as_of, $period_end) - 1, 0) as double) as days,
        least(greatest(cast(ceil(cast(date_diff('day', $as_of, $period_end) - 1 as double) / 15) as integer), 1), 24) * 15 as horizon_days
),
sales as (
    select amount, closed_on as won_on from deal_facts where outcome = 'won' and closed_on <= $as_of
    union all
    select amount, ordered_on from orders_without_deal
),
won as (
    select coalesce(sum(cast(amount as double)), 0) as amount
    from sales
    where won_on >= $period_start and won_on < $period_end
),
open_deals as (
    select
        pipeline,
        reached_position,
        cast(amount as double) as amount,
        case
            when date_diff('day', created_on, $as_of) <= 30 then 1
            when date_diff('day', created_on, $as_of) <= 60 then 2
            when date_diff('day', created_on, $as_of) <= 90 then 3
            when date_diff('day', created_on, $as_of) <= 120 then 4
            when date_diff('day', created_on, $as_of) <= 180 then 5
            when date_diff('day', created_on, $as_of) <= 365 then 6
            else 7
        end as age_band
    from deal_facts
    where outcome = 'open' and amount is not null
),
hopes as (
    select
        d.amount,
        coalesce(o.odds, 0) * least(r.days / nullif(cast(r.horizon_days as double), 0), 1.0) as odds
    from open_deals as d
    cross join remaining as r
    left join firm_close_odds as o
        on o.pipeline = d.pipeline
        and o.position = d.reached_position
        and o.age_band = d.age_band
        and o.horizon_days = r.horizon_days
    where r.days > 0
),
sums as (
    select
        coalesce(sum(odds * amount), 0) as hoped_amount,
        sqrt(coalesce(sum(odds * (1 - odds) * amount * amount), 0)) as spread,
        coalesce(sum(amount), 0) as open_amount,
        count(*) as n_open
    from hopes
)
select
    cast(round(w.amount, 2) as decimal(18,2)) as won_amount,
    cast(round(w.amount + s.hoped_amount, 2) as decimal(18,2)) as expected_amount,
    cast(round(w.amount + greatest(s.hoped_amount - 1.2816 * s.spread, 0), 2) as decimal(18,2)) as low_amount,
    cast(round(w.amount + least(s.hoped_amount + 1.2816 * s.spread, s.open_amount), 2) as decimal(18,2)) as high_amount,
    cast(round(s.open_amount, 2) as decimal(18,2)) as open_amount,
    cast(s.n_open as bigint) as n_open
from won as w
cross join sums as s
