-- What: what the period will bring, with an interval, and how often such forecasts were right at the same day of earlier periods.
-- Row: one group (the whole, a team, an owner) and one look: 0 = now, j = the same day j months earlier.
-- Definition: expected = won in the period so far + sum of p x amount over the open deals + what comes new and is won in the rest of the
--   period. p: odds of position and age in the firm (firm_close_odds); the CRM's probability and closing date are not used, they are what
--   is to be checked. New: mean of what was created and won (or ordered without a deal) in the same rest of up to twelve earlier looks.
--   Each earlier look forecasts its own period, months later or earlier by as much, from what was known on its day: odds and means of
--   looks before it whose months were over. Amounts are those of today, and the moves of history are taken as the CRM tells them.
--   Interval, 80 %: variance = sum p (1 - p) amount squared + (1 + 1/n) x mean sum of squares of the new ones (a compound Poisson sum, n
--   looks), times the dispersion: mean squared error of the earlier forecasts in units of their variance, never below 1, shrunk with 4
--   cases to the mean of all groups; the quantile allows for how few independent periods that rests on (Cornish and Fisher's first term
--   of Student's t). Sums of few deals are skew: the quantile is that of a gamma of the same skewness, by Wilson and Hilferty, "The
--   distribution of chi-square", PNAS 17 (1931) 684-688. target_odds from the same distribution.
--   Tested are the twelve latest looks whose period is over and whose odds rest on three looks or more. WAPE = sum of absolute errors /
--   sum of what came; bias = sum of (forecast - what came) / sum of what came; level_wape over all groups together, so that by owner
--   errors cannot offset one another. Under 20 deals decided in the firm in a year, under three looks, or
--   where nothing was won after any of them, nothing is forecast.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period, the first of a month
--   dimension varchar: all, team or owner
-- Columns:
--   group_id varchar: user id or team; empty for the whole, and for deals without owner or team
--   group_name varchar: name
--   look integer: 0 = now, 1 = a month earlier, …
--   looked_on date: day of the forecast
--   until_on date: first day after the period that it forecasts
--   state varchar: ok, over (nothing of the period is left), thin (too little history)
--   n_open bigint: open deals on that day
--   open_amount decimal(18,2): reporting currency
--   won_amount decimal(18,2): reporting currency, won in the period by that day
--   hoped_amount decimal(18,2): reporting currency, sum of p x amount
--   new_amount decimal(18,2): reporting currency, not there yet
--   expected_amount decimal(18,2): reporting currency; null where state is thin
--   low_amount decimal(18,2): reporting currency, 10 % chance to stay below
--   high_amount decimal(18,2): reporting currency, 10 % chance to get above
--   actual_amount decimal(18,2): reporting currency, what came true; null while the period runs
--   target_amount decimal(18,2): reporting currency, of the present period; null without
--   target_odds double: chance to reach the target; null without, and for earlier looks
--   is_tested boolean: counts in the figures that follow
--   is_hit boolean: what came true lay in the interval; null when not tested
--   n_tested bigint: looks of the group tested
--   n_hits bigint: of those, inside the interval
--   wape double: of the group; null when nothing came true
--   bias double: of the group, above 0 = forecast too high; null when nothing came true
--   level_wape double: over all groups
--   dispersion double: factor on the variance, 1 or more
-- Leaves out: open deals without an amount count nothing.
with people as (
    select
        user_key,
        case $dimension when 'owner' then user_id when 'team' then coalesce(team, '') else '' end as group_id,
        case $dimension when 'owner' then name when 'team' then team end as group_name
    from users
),
ahead as (
    select
        date_diff('month', $as_of, $period_end) as n_months,
        date_diff('month', $period_start, $as_of) as n_gone,
        date_diff('day', $as_of, $period_end) <= 1 as is_over,
        -- So many looks earlier, the rest of the period is over; one less where a look ends its month.
        greatest(
            date_diff('month', $as_of, $period_end) - date_diff('month', $as_of, cast($as_of + interval 1 day as date)), 1
        ) as lag
),
odds as (
    select o.look, o.looked_on, o.until_on, o.n_looks, o.pipeline, o.position, o.age_band, o.odds
    from firm_close_odds as o
    inner join ahead as a on a.n_months = o.n_months and not a.is_over
),
looks as (
    select l.look, l.looked_on, l.until_on, l.n_looks, l.n_looks >= 3 and l.best_odds > 0 and n.n_decided_365 >= 20 as is_known, a.lag, a.n_gone, a.n_months, a.is_over
    from (
        select look, min(looked_on) as looked_on, min(until_on) as until_on, max(n_looks) as n_looks, max(odds) as best_odds
        from odds
        where look > 0
        group by look
        union all
        select 0, cast($as_of as date), cast($period_end as date), (select coalesce(max(n_looks), 0) from odds where look = 0),
            (select coalesce(max(odds), 0) from odds where look = 0)
    ) as l
    cross join ahead as a
    cross join firm_norms as n
),
hopes as (
    select
        coalesce(p.group_id, '') as group_id,
        r.look,
        sum(r.n_open) as n_open,
        sum(r.amount) as open_amount,
        sum(coalesce(o.odds, 0) * r.amount) as hoped,
        sum(coalesce(o.odds * (1 - o.odds), 0) * r.squares) as variance,
        sum(coalesce(o.odds * (1 - o.odds) * (1 - 2 * o.odds), 0) * r.cubes) as third,
        coalesce(sum(r.amount) filter (where r.won_month <= a.n_months), 0) as came
    from rep_looks as r
    cross join ahead as a
    left join people as p on p.user_key = r.owner_key
    left join odds as o on o.look = r.look and o.pipeline = r.pipeline and o.position = r.position and o.age_band = r.age_band
    group by coalesce(p.group_id, ''), r.look
),
sales as (
    select coalesce(p.group_id, '') as group_id, s.created_on, s.won_on, s.amount
    from (
        select owner_key, created_on, closed_on as won_on, cast(amount as double) as amount
        from deal_facts
        where outcome = 'won' and closed_on <= $as_of and amount is not null
        union all
        select owner_key, ordered_on, ordered_on, cast(amount as double) from orders_without_deal
    ) as s
    left join people as p on p.user_key = s.owner_key
),
so_far as (
    select
        s.group_id,
        l.look,
        coalesce(sum(s.amount) filter (where l.look > 0 or (s.won_on >= $period_start and s.won_on < $period_end)), 0) as won
    from (select group_id, won_on, sum(amount) as amount from sales group by group_id, won_on) as s
    inner join looks as l
        on s.won_on <= l.looked_on and (l.look = 0 or date_diff('month', s.won_on, l.looked_on) <= l.n_gone)
    group by s.group_id, l.look
),
new_ones as (
    select
        s.group_id,
        l.look,
        sum(s.amount) as amount,
        sum(s.amount * s.amount) as squares,
        sum(s.amount * s.amount * s.amount) as cubes
    from sales as s
    inner join looks as l on l.look >= l.lag and s.created_on > l.looked_on and s.won_on > l.looked_on and s.won_on < l.until_on
    group by s.group_id, l.look
),
goals as (
    select
        case $dimension when 'owner' then coalesce(u.user_id, '') when 'team' then coalesce(u.team, t.team, '') else '' end as group_id,
        t.month,
        sum(t.value) filter (where t.owner_key is not null) as owners_value,
        sum(t.value) filter (where t.owner_key is null) as teams_value
    from targets as t
    left join users as u on u.user_key = t.owner_key
    where t.measure = 'revenue' and t.month >= $period_start and t.month < $period_end
        and (t.owner_key is not null or $dimension <> 'owner')
    group by
        case $dimension when 'owner' then coalesce(u.user_id, '') when 'team' then coalesce(u.team, t.team, '') else '' end, t.month
),
goal as (
    select group_id, sum(coalesce(owners_value, teams_value)) as target_amount from goals group by group_id
),
frames as (
    select g.group_id, l.look, l.looked_on, l.until_on, l.n_looks, l.is_known, l.lag, l.is_over
    from (
        select group_id from hopes
        union
        select group_id from sales
        union
        select group_id from goal
        union
        select '' where $dimension = 'all'
    ) as g
    cross join looks as l
),
pasts as (
    -- What came new in the rest of each look's period; nothing is a figure too, once the period is over.
    select
        f.group_id, f.look, f.lag,
        coalesce(n.amount, 0) as amount, coalesce(n.squares, 0) as squares, coalesce(n.cubes, 0) as cubes
    from frames as f
    left join new_ones as n on n.group_id = f.group_id and n.look = f.look
    where f.look >= f.lag
),
means as (
    select
        f.group_id, f.look,
        avg(p.amount) as amount,
        avg(p.squares) * (1 + 1 / cast(nullif(count(*), 0) as double)) as variance,
        avg(p.cubes) as third
    from frames as f
    inner join pasts as p on p.group_id = f.group_id and p.look >= f.look + f.lag and p.look <= f.look + f.lag + 11
    group by f.group_id, f.look
),
forecasts as (
    select
        f.group_id, f.look, f.looked_on, f.until_on, f.lag, f.is_over, f.is_known,
        coalesce(h.n_open, 0) as n_open,
        coalesce(h.open_amount, 0) as open_amount,
        coalesce(s.won, 0) as won,
        coalesce(h.hoped, 0) as hoped,
        coalesce(m.amount, 0) as fresh,
        coalesce(h.variance, 0) + coalesce(m.variance, 0) as variance,
        coalesce(h.third, 0) + coalesce(m.third, 0) as third,
        case when f.look >= f.lag and f.look > 0 then coalesce(h.came, 0) + p.amount end as came
    from frames as f
    left join hopes as h on h.group_id = f.group_id and h.look = f.look
    left join so_far as s on s.group_id = f.group_id and s.look = f.look
    left join means as m on m.group_id = f.group_id and m.look = f.look
    left join pasts as p on p.group_id = f.group_id and p.look = f.look
),
errors as (
    select
        group_id, look,
        hoped + fresh - came as error,
        (hoped + fresh - came) * (hoped + fresh - came) / nullif(variance, 0) as squared
    from forecasts
    where came is not null and is_known
),
own as (
    select f.group_id, f.look, sum(e.squared) as squared, count(e.squared) as n
    from forecasts as f
    inner join errors as e on e.group_id = f.group_id and e.look >= f.look + f.lag
    group by f.group_id, f.look
),
pool as (
    select l.look, sum(e.squared) / nullif(sum(e.n), 0) as squared, cast(count(*) as double) / nullif(max(l.lag), 0) as n_periods
    from looks as l
    inner join (select look, sum(squared) as squared, count(squared) as n from errors group by look) as e on e.look >= l.look + l.lag
    group by l.look
),
spreads as (
    select
        f.*,
        greatest((coalesce(o.squared, 0) + 4 * coalesce(p.squared, 1)) / (coalesce(o.n, 0) + 4), 1) as dispersion,
        -- 1.2816: nine in ten of a normal distribution lie below.
        1.2816 * (1 + (1.2816 * 1.2816 + 1) / (4 * nullif(greatest(coalesce(p.n_periods, 1), 1), 0))) as z,
        greatest(least(coalesce(f.third / nullif(f.variance * sqrt(f.variance), 0), 0), 4), -4) as skew
    from forecasts as f
    left join own as o on o.group_id = f.group_id and o.look = f.look
    left join pool as p on p.look = f.look
),
spans as (
    select
        *,
        sqrt(variance * dispersion) as deviation,
        case when abs(skew) < 0.01 then -z else 2 / nullif(skew, 0) * (power(greatest(1 - skew * z / 6 - skew * skew / 36, 0), 3) - 1) end as low_z,
        case when abs(skew) < 0.01 then z else 2 / nullif(skew, 0) * (power(greatest(1 + skew * z / 6 - skew * skew / 36, 0), 3) - 1) end as high_z
    from spreads
),
measured as (
    select
        s.group_id, s.look, s.looked_on, s.until_on, s.n_open, s.open_amount, s.won, s.hoped, s.fresh, s.dispersion,
        case when s.is_over then 'over' when s.is_known then 'ok' else 'thin' end as state,
        s.won + greatest(s.hoped + s.fresh + s.low_z * s.deviation, 0) as low,
        s.won + greatest(s.hoped + s.fresh + s.high_z * s.deviation, 0) as high,
        s.won + s.came as actual,
        s.hoped + s.fresh - s.came as error,
        case when s.look = 0 then g.target_amount end as target_amount,
        -- Wilson and Hilferty the other way round: how far out the target lies, as a normal deviate.
        case
            when abs(s.skew) < 0.01 then (cast(g.target_amount as double) - s.won - s.hoped - s.fresh) / nullif(s.deviation, 0)
            else 6 / nullif(s.skew, 0) * (
                power(
                    greatest(1 + s.skew / 2 * (cast(g.target_amount as double) - s.won - s.hoped - s.fresh) / nullif(s.deviation, 0), 0),
                    1.0 / 3
                ) - 1
            ) + s.skew / 6
        end as target_z,
        s.is_known and s.came is not null and s.look < s.lag + 12 and (s.variance > 0 or s.came > 0) as is_tested
    from spans as s
    left join goal as g on g.group_id = s.group_id
),
tested as (
    select
        *,
        case when is_tested then actual >= low and actual <= high end as is_hit,
        sum(case when is_tested then 1 else 0 end) over (partition by group_id) as n_tested,
        sum(case when is_tested and actual >= low and actual <= high then 1 else 0 end) over (partition by group_id) as n_hits,
        sum(case when is_tested then abs(error) end) over (partition by group_id) as own_missed,
        sum(case when is_tested then error end) over (partition by group_id) as own_error,
        sum(case when is_tested then actual end) over (partition by group_id) as own_actual,
        sum(case when is_tested then abs(error) end) over () as all_missed,
        sum(case when is_tested then actual end) over () as all_actual
    from measured
)
select
    t.group_id,
    p.group_name,
    cast(t.look as integer) as look,
    t.looked_on,
    t.until_on,
    t.state,
    cast(t.n_open as bigint) as n_open,
    cast(round(t.open_amount, 2) as decimal(18,2)) as open_amount,
    cast(round(t.won, 2) as decimal(18,2)) as won_amount,
    cast(round(t.hoped, 2) as decimal(18,2)) as hoped_amount,
    cast(round(t.fresh, 2) as decimal(18,2)) as new_amount,
    cast(case when t.state <> 'thin' then round(t.won + t.hoped + t.fresh, 2) end as decimal(18,2)) as expected_amount,
    cast(case when t.state <> 'thin' then round(t.low, 2) end as decimal(18,2)) as low_amount,
    cast(case when t.state <> 'thin' then round(t.high, 2) end as decimal(18,2)) as high_amount,
    cast(round(t.actual, 2) as decimal(18,2)) as actual_amount,
    cast(t.target_amount as decimal(18,2)) as target_amount,
    case
        when t.target_amount is null or t.state = 'thin' then null
        when t.won >= t.target_amount then 1.0
        when t.state = 'over' then 0.0
        -- Upper tail of the normal distribution; the logistic curve that departs from it by less than 0.0002.
        else 1 / nullif(1 + exp(1.5976 * t.target_z + 0.070565992 * t.target_z * t.target_z * t.target_z), 0)
    end as target_odds,
    t.is_tested,
    t.is_hit,
    cast(t.n_tested as bigint) as n_tested,
    cast(t.n_hits as bigint) as n_hits,
    t.own_missed / nullif(t.own_actual, 0) as wape,
    t.own_error / nullif(t.own_actual, 0) as bias,
    t.all_missed / nullif(t.all_actual, 0) as level_wape,
    t.dispersion
from tested as t
left join (select group_id, min(group_name) as group_name from people group by group_id) as p on p.group_id = t.group_id
order by group_id, look
