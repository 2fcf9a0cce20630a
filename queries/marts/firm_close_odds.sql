-- What: chance that an open deal is won by the end of this month or one of the next, by where it stands and how old it is, from the
--   firm's own past; as it can be told on the as-of date, and as it could have been told on earlier days.
-- Row: one look (rep_looks), one number of months ahead, one pipeline, position and age band.
-- Definition: n_months 1 reaches from the look to the end of its own month, 2 to the end of the next, … 12. The odds of a look count what
--   became of the deals that were open on the twelve latest earlier looks whose months ahead were over by then: nothing that was not
--   known on that day. odds = n_won / n_seen of position and age band, shrunk with 20 cases to odds of the age band x odds of the
--   position / odds of the pipeline, each of which is shrunk with 20 cases one level up; where the position is not known (0), those of
--   the age band. All are then scaled so that over the deals seen they bring as many won deals as there were, and by how
--   many deals were won of those that the odds of the latest six looks that are over had promised, shrunk with 50 deals (overlapping
--   months counted once): when times turn, the odds follow before the year is over. A deal stands in several looks, so n_seen is
--   not a number of deals. Unlike firm_stage_odds, which tells whether a deal is ever won, these age: a deal that nobody has
--   closed for a year seldom is. n_open and n_won_after are the look's own deals and what became of them: the odds put to the test.
-- Columns:
--   look integer: 0 = as-of date, 1 = a month earlier, …
--   looked_on date: the day of the look
--   n_months integer: 1 to 12
--   until_on date: first day after these months
--   pipeline varchar: pipeline
--   position integer: highest position reached; 0 = not known
--   age_band integer: 1 up to 30 days since creation, 2 to 60, 3 to 90, 4 to 120, 5 to 180, 6 to 365, 7 above
--   n_looks bigint: earlier looks that the odds rest on
--   n_seen bigint: deals seen open in them
--   n_won bigint: of those, won within the months
--   odds double: 0 to 1; null where nothing was known yet
--   n_open bigint: deals open at the look
--   n_won_after bigint: of those, won within the months; null while they are not over
-- Leaves out: looks that saw no deal open.
with horizons as (
    select
        cast(n_months as integer) as n_months,
        -- So many looks earlier, all the months ahead are over; one less where a look ends its month.
        greatest(1, cast(n_months as integer) - if(last_day($as_of) = $as_of, 1, 0)) as lag
    from range(1, 13) as r(n_months)
),
cells as (
    select look, looked_on, pipeline, position, age_band, won_month, sum(n_open) as n
    from rep_looks
    group by all
),
days as (
    select look, min(looked_on) as looked_on from cells group by look
),
fates as (
    select
        c.look, h.n_months, h.lag, c.pipeline, c.position, c.age_band,
        sum(c.n) as n_seen,
        coalesce(sum(c.n) filter (where c.won_month <= h.n_months), 0) as n_won
    from cells as c
    cross join horizons as h
    group by all
),
known as (
    select t.look, f.n_months, f.pipeline, f.position, f.age_band, sum(f.n_seen) as n_seen, sum(f.n_won) as n_won
    from fates as f
    inner join days as t on t.look between f.look - f.lag - 11 and f.look - f.lag
    group by all
),
firms as (
    select look, n_months, sum(n_won) / sum(n_seen) as rate from known group by all
),
reach as (
    select t.look, t.looked_on, h.n_months, h.lag, count(f.look) as n_looks
    from days as t
    cross join horizons as h
    left join days as f on t.look between f.look - h.lag - 11 and f.look - h.lag
    group by all
),
grid as (
    select r.*, s.pipeline, s.position, b.age_band, f.rate
    from reach as r
    left join firms as f on f.look = r.look and f.n_months = r.n_months
    cross join (
        select pipeline, position from stages where outcome = 'open'
        union all
        select distinct pipeline, 0 from stages
    ) as s
    cross join (select cast(unnest(range(1, 8)) as integer) as age_band) as b
),
counted as (
    select g.*, coalesce(k.n_seen, 0) as n_seen, coalesce(k.n_won, 0) as n_won
    from grid as g
    left join known as k
        on k.look = g.look and k.n_months = g.n_months and k.pipeline = g.pipeline and k.position = g.position and k.age_band = g.age_band
),
pipelines as (
    select look, n_months, pipeline, (sum(n_won) + 20 * any_value(rate)) / (sum(n_seen) + 20) as rate
    from counted
    group by look, n_months, pipeline
),
bands as (
    select c.look, c.n_months, c.pipeline, c.age_band, (sum(c.n_won) + 20 * any_value(p.rate)) / (sum(c.n_seen) + 20) as rate
    from counted as c
    inner join pipelines as p on p.look = c.look and p.n_months = c.n_months and p.pipeline = c.pipeline
    group by c.look, c.n_months, c.pipeline, c.age_band
),
places as (
    -- How many times the pipeline's odds those of a position are.
    select
        c.look, c.n_months, c.pipeline, c.position,
        (sum(c.n_won) + 20 * any_value(p.rate)) / (sum(c.n_seen) + 20) / nullif(any_value(p.rate), 0) as factor
    from counted as c
    inner join pipelines as p on p.look = c.look and p.n_months = c.n_months and p.pipeline = c.pipeline
    where c.position > 0
    group by c.look, c.n_months, c.pipeline, c.position
),
shrunk as (
    select
        c.*,
        if(c.position = 0, b.rate, (c.n_won + 20 * least(b.rate * coalesce(s.factor, 1), 1)) / (c.n_seen + 20)) as odds
    from counted as c
    inner join bands as b on b.look = c.look and b.n_months = c.n_months and b.pipeline = c.pipeline and b.age_band = c.age_band
    left join places as s on s.look = c.look and s.n_months = c.n_months and s.pipeline = c.pipeline and s.position = c.position
),
scales as (
    -- Thin cells lean on others: together the odds still have to bring what was won.
    select look, n_months, sum(n_won) / nullif(sum(n_seen * odds), 0) as scale
    from shrunk
    group by look, n_months
),
told as (
    -- What the odds of each look said, and what became of it.
    select
        c.*,
        least(c.odds * coalesce(k.scale, 1), 1) as said,
        coalesce(o.n_seen, 0) as n_open,
        coalesce(o.n_won, 0) as n_after
    from shrunk as c
    inner join scales as k on k.look = c.look and k.n_months = c.n_months
    left join fates as o
        on o.look = c.look and o.n_months = c.n_months and o.pipeline = c.pipeline and o.position = c.position and o.age_band = c.age_band
),
sums as (
    select look, n_months, lag, sum(n_open * said) as n_said, sum(n_after) as n_won
    from told
    where n_looks >= 3
    group by look, n_months, lag
),
levels as (
    -- Better or worse times than those that the odds rest on: won against said of the latest six looks that are over.
    select t.look, t.n_months, (coalesce(sum(s.n_won), 0) / any_value(t.lag) + 50) / (coalesce(sum(s.n_said), 0) / any_value(t.lag) + 50) as level
    from reach as t
    left join sums as s on s.n_months = t.n_months and s.look between t.look + t.lag and t.look + t.lag + 5
    group by t.look, t.n_months
)
select
    c.look,
    c.looked_on,
    c.n_months,
    cast(date_trunc('month', c.looked_on) + to_months(c.n_months) as date) as until_on,
    c.pipeline,
    cast(c.position as integer) as position,
    c.age_band,
    c.n_looks,
    cast(c.n_seen as bigint) as n_seen,
    cast(c.n_won as bigint) as n_won,
    cast(least(c.said * l.level, 1) as double) as odds,
    cast(c.n_open as bigint) as n_open,
    cast(if(c.look >= c.lag, c.n_after, null) as bigint) as n_won_after
from told as c
inner join levels as l on l.look = c.look and l.n_months = c.n_months
