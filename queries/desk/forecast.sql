-- What: what the period will bring: won so far plus what the open deals are worth by their odds, with an interval.
-- Row: exactly one row.
-- Definition: expected = won in the period so far + sum of p x amount over open deals expected to close before the end of the period
--   (overdue ones included), p = win_odds of the firm's history at the stage reached. The 80 % interval takes deals as independent:
--   expected +- 1.2816 x square root of the sum of p (1 - p) amount squared, never under what is won nor over winning everything. Deals
--   not yet created are not in it. Where the period is over, only what is won remains.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   won_amount decimal(18,2): reporting currency, so far
--   expected_amount decimal(18,2): reporting currency
--   low_amount decimal(18,2): reporting currency, 10 % chance to stay below
--   high_amount decimal(18,2): reporting currency, 10 % chance to get above
--   open_amount decimal(18,2): reporting currency, all deals that could still close
--   n_open bigint: deals
-- Leaves out: open deals without an amount or an expected closing date.
with deals as (
    select outcome, cast(amount as double) as amount, closed_on, expected_close_on, coalesce(win_odds, 0) as win_odds
    from deal_facts
    where amount is not null
),
sums as (
    select
        coalesce(sum(amount) filter (
            where outcome = 'won' and closed_on >= $period_start and closed_on < $period_end and closed_on <= $as_of
        ), 0) as won_amount,
        coalesce(sum(amount) filter (
            where outcome = 'open' and expected_close_on < $period_end and $as_of < $period_end
        ), 0) as open_amount,
        count(*) filter (where outcome = 'open' and expected_close_on < $period_end and $as_of < $period_end) as n_open,
        coalesce(sum(win_odds * amount) filter (
            where outcome = 'open' and expected_close_on < $period_end and $as_of < $period_end
        ), 0) as hoped_amount,
        sqrt(coalesce(sum(win_odds * (1 - win_odds) * amount * amount) filter (
            where outcome = 'open' and expected_close_on < $period_end and $as_of < $period_end
        ), 0)) as spread
    from deals
)
select
    cast(round(won_amount, 2) as decimal(18,2)) as won_amount,
    cast(round(won_amount + hoped_amount, 2) as decimal(18,2)) as expected_amount,
    cast(round(won_amount + greatest(hoped_amount - 1.2816 * spread, 0), 2) as decimal(18,2)) as low_amount,
    cast(round(won_amount + least(hoped_amount + 1.2816 * spread, open_amount), 2) as decimal(18,2)) as high_amount,
    cast(round(open_amount, 2) as decimal(18,2)) as open_amount,
    cast(n_open as bigint) as n_open
from sums
