-- Twin of firm_close_odds: every look at every deal, place and fate asked one by one.
with looks as (
    select o.*, look, $as_of - 30 * look::int as day
    from opportunities o
    cross join range(1, 13) as r(look)
    where o.created_at::date <= $as_of - 30 * look::int
        and (o.outcome = 'open' or o.closed_at::date > $as_of - 30 * look::int)
),
placed as (
    select
        l.pipeline, l.look, l.created_at::date as born, l.day,
        if(l.outcome = 'won', l.closed_at::date, null) as won_on,
        unnest(list_concat([0], if(
            exists (select 1 from stage_changes c where c.opportunity_key = l.opportunity_key and c.is_derived = false),
            coalesce((
                select list(e.position) from stage_entries e
                where e.opportunity_key = l.opportunity_key and e.entered_on <= l.day
                    and case
                        when e.left_on is not null then e.left_on > l.day
                        else e.exit <> 'forward'
                    end
            ), []), []
        ))) as position
    from looks l
),
cells as (
    select
        s.pipeline, s.position, b.band, h.days,
        count(p.look) as n_seen,
        count(p.look) filter (where p.won_on - p.day <= h.days) as n_won
    from (
        select pipeline, position from stages where outcome = 'open' union all select distinct pipeline, 0 from stages
    ) s
    cross join (values (1, -999999, 30), (2, 31, 60), (3, 61, 90), (4, 91, 120), (5, 121, 180), (6, 181, 365), (7, 366, 999999)) b(band, least_age, most_age)
    cross join (select unnest(range(15, 361, 15)) as days) h
    left join placed p
        on p.pipeline = s.pipeline and p.position = s.position and p.day - p.born between b.least_age and b.most_age
        and 30 * p.look >= h.days
    group by all
),
pools as (
    select c.*, (c.n_won + 20 * coalesce(m.rate, 0)) / (c.n_seen + 20) as rate
    from cells c
    join (
        select pipeline, days, sum(n_won) / nullif(sum(n_seen), 0) as rate from cells where position = 0 group by all
    ) m on m.pipeline = c.pipeline and m.days = c.days
    where c.position = 0
)
select
    c.pipeline, c.position::int as position, c.band as age_band, c.days::int as horizon_days, c.n_seen, c.n_won,
    if(c.position = 0, p.rate, (c.n_won + 20 * p.rate) / (c.n_seen + 20))::double as odds
from cells c
join pools p on p.pipeline = c.pipeline and p.band = c.band and p.days = c.days
