-- What: chance that an open deal is won within so many days, by where it stands and how old it is, from the firm's own past.
-- Row: one pipeline, one position (0 = any), one age band, one horizon.
-- Definition: looks back at the firm on twelve days, 30 days apart, up to 360 days before the as-of date: which deals were open then, how old
--   they were and which position they had reached, and which of them were won within 15, 30, … 360 days. Only looks as far back
--   as the horizon count, so that all had their time. Positions only from deals whose moves were exported, else the past position is not
--   known; position 0 holds all deals. odds: n_won / n_seen of the band over all positions, shrunk to that of the pipeline with 20
--   cases; of a position, shrunk to its band with 20 cases. A deal stands in several looks, so n_seen is not a number of deals.
--   Unlike firm_stage_odds, which tells whether a deal is ever won, this one ages: a deal that nobody has closed for a year
--   seldom is. Vanished deals are missing from the past, which flatters it a little.
-- Columns:
--   pipeline varchar: pipeline
--   position integer: highest position reached; 0 = any
--   age_band integer: 1 up to 30 days since creation, 2 to 60, 3 to 90, 4 to 120, 5 to 180, 6 to 365, 7 above
--   horizon_days integer: 15, 30, … 360
--   n_seen bigint: open deals seen
--   n_won bigint: of those, won within the horizon
--   odds double: 0 to 1
with deals as (
    select
        opportunity_key,
        pipeline,
        created_on,
        if(outcome = 'won', closed_on, null) as won_on,
        if(outcome = 'open', $as_of + 1, closed_on) as gone_on
    from deal_facts
    -- Only those old enough, and open late enough, for a look to find them.
    where created_on <= $as_of - 30 and (outcome = 'open' or closed_on > $as_of - 360)
),
histories as (
    select opportunity_key from stage_changes where not is_derived
),
stays as (
    select
        d.opportunity_key, d.pipeline, e.position, d.created_on, d.won_on, greatest(e.entered_on, d.created_on) as from_on,
        least(coalesce(e.left_on, d.gone_on), d.gone_on) as until_on
    from deals as d
    inner join stage_entries as e on e.opportunity_key = d.opportunity_key
    -- Passed and never left: entered again after a higher stage, so not the highest then.
    where e.entered_on is not null and not (e.exit = 'forward' and e.left_on is null)
),
stands as (
    -- From which day to before which a deal was open, over all and at each highest position.
    select opportunity_key, pipeline, 0 as position, created_on, won_on, created_on as from_on, gone_on as until_on
    from deals
    union all
    select s.opportunity_key, s.pipeline, s.position, s.created_on, s.won_on, s.from_on, s.until_on
    from stays as s
    semi join histories as h on h.opportunity_key = s.opportunity_key
    -- The conditions of a look, here already so that less is joined.
    where s.until_on > s.from_on and $as_of - s.from_on >= 30 and $as_of - s.until_on < 360
),
looks as (
    select
        pipeline, position, created_on, won_on,
        unnest(range(
            greatest(1, ($as_of - until_on) // 30 + 1),
            least(12, ($as_of - from_on) // 30) + 1
        )) as look
    from stands
    where until_on > from_on and $as_of - from_on >= 30 and $as_of - until_on < 360
),
seen as (
    select
        pipeline,
        position,
        look,
        $as_of - 30 * cast(look as integer) - created_on as age,
        (won_on - ($as_of - 30 * cast(look as integer)) + 14) // 15 as step
    from looks
),
counted as (
    select
        pipeline,
        position,
        case
            when age <= 30 then 1
            when age <= 60 then 2
            when age <= 90 then 3
            when age <= 120 then 4
            when age <= 180 then 5
            when age <= 365 then 6
            else 7
        end as age_band,
        look,
        step,
        count(*) as n
    from seen
    group by all
),
grid as (
    select p.pipeline, s.position, b.age_band, h.step
    from (select distinct pipeline from stages) as p
    inner join (
        select pipeline, position from stages where outcome = 'open'
        union all
        select distinct pipeline, 0 from stages
    ) as s on s.pipeline = p.pipeline
    cross join (select unnest(range(1, 8)) as age_band) as b
    cross join (select unnest(range(1, 25)) as step) as h
),
cells as (
    select
        g.pipeline, g.position, g.age_band, g.step,
        coalesce(sum(c.n), 0) as n_seen,
        coalesce(sum(c.n) filter (where c.step <= g.step), 0) as n_won
    from grid as g
    left join counted as c
        on c.pipeline = g.pipeline and c.position = g.position and c.age_band = g.age_band and c.look * 2 >= g.step
    group by all
),
means as (
    select pipeline, step, sum(n_won) / nullif(sum(n_seen), 0) as rate
    from cells
    where position = 0
    group by pipeline, step
),
bands as (
    select c.pipeline, c.age_band, c.step, (c.n_won + 20 * coalesce(m.rate, 0)) / (c.n_seen + 20) as rate
    from cells as c
    inner join means as m on m.pipeline = c.pipeline and m.step = c.step
    where c.position = 0
)
select
    c.pipeline,
    cast(c.position as integer) as position,
    cast(c.age_band as integer) as age_band,
    cast(15 * c.step as integer) as horizon_days,
    cast(c.n_seen as bigint) as n_seen,
    cast(c.n_won as bigint) as n_won,
    cast(if(c.position = 0, b.rate, (c.n_won + 20 * b.rate) / (c.n_seen + 20)) as double) as odds
from cells as c
inner join bands as b on b.pipeline = c.pipeline and b.age_band = c.age_band and b.step = c.step
