-- What: whether deals that were given such odds were won as often as the odds said.
-- Row: one band of odds.
-- Definition: the odds that the firm's open deals would have been given on the same day of up to twelve earlier months, from what was known
--   then (firm_close_odds), against what became of them in the rest of that period. Looks count whose odds rest on three looks or more.
--   predicted is the mean of the odds, observed the share won, with Wilson's 95 % interval; a deal is seen in as many looks as
--   periods overlap, so the interval takes n_seen divided by that number. Brier score = mean of (odds - outcome) squared; beside
--   it that of giving every deal the same odds, the share won overall (Brier, Monthly Weather Review 78, 1950).
-- Parameters:
--   as_of date: the snapshot's date
--   period_end date: first day after the period, the first of a month
-- Columns:
--   band integer: 1 odds up to 5 %, 2 to 10 %, 3 to 20 %, 4 to 30 %, 5 to 50 %, 6 above
--   n_seen bigint: deals seen, once per look
--   n_won bigint: of those, won in time
--   predicted double: 0 to 1
--   observed double: 0 to 1
--   low double: lower end of its 95 % interval
--   high double: upper end of its 95 % interval
--   brier double: over all bands, 0 best
--   base_brier double: of equal odds for all
-- Leaves out: earlier periods that are not over.
with ahead as (
    select
        date_diff('month', $as_of, $period_end) as n_months,
        greatest(
            date_diff('month', $as_of, $period_end) - date_diff('month', $as_of, cast($as_of + interval 1 day as date)), 1
        ) as lag
),
cells as (
    select
        case
            when o.odds <= 0.05 then 1
            when o.odds <= 0.1 then 2
            when o.odds <= 0.2 then 3
            when o.odds <= 0.3 then 4
            when o.odds <= 0.5 then 5
            else 6
        end as band,
        cast(o.n_open as double) as n_seen,
        cast(o.n_won_after as double) as n_won,
        o.odds,
        cast(a.lag as double) as lag
    from firm_close_odds as o
    inner join ahead as a on a.n_months = o.n_months
    where o.look >= a.lag and o.look < a.lag + 12 and o.n_looks >= 3 and o.odds is not null and o.n_open > 0
        and date_diff('day', $as_of, $period_end) > 1
),
whole as (
    select
        sum(n_won * (1 - odds) * (1 - odds) + (n_seen - n_won) * odds * odds) / nullif(sum(n_seen), 0) as brier,
        sum(n_won) / nullif(sum(n_seen), 0) as rate
    from cells
),
bands as (
    select
        band,
        sum(n_seen) as n_seen,
        sum(n_won) as n_won,
        sum(n_seen * odds) / nullif(sum(n_seen), 0) as predicted,
        sum(n_won) / nullif(sum(n_seen), 0) as observed,
        sum(n_seen) / nullif(max(lag), 0) as n
    from cells
    group by band
)
select
    cast(b.band as integer) as band,
    cast(b.n_seen as bigint) as n_seen,
    cast(b.n_won as bigint) as n_won,
    b.predicted,
    b.observed,
    (b.observed + 1.9208 / nullif(b.n, 0) - 1.96 * sqrt((b.observed * (1 - b.observed) + 0.9604 / nullif(b.n, 0)) / nullif(b.n, 0)))
    / (1 + 3.8416 / nullif(b.n, 0)) as low,
    (b.observed + 1.9208 / nullif(b.n, 0) + 1.96 * sqrt((b.observed * (1 - b.observed) + 0.9604 / nullif(b.n, 0)) / nullif(b.n, 0)))
    / (1 + 3.8416 / nullif(b.n, 0)) as high,
    w.brier,
    w.rate * (1 - w.rate) as base_brier
from bands as b
cross join whole as w
order by band
