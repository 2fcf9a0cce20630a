-- Twin of firm_close_odds: for each look and number of months, which earlier looks were over by then, and what they saw.
with days as (
    select distinct look, looked_on from rep_looks
),
asked as (
    select
        look, looked_on, n::integer as n_months,
        (date_trunc('month', looked_on) + to_months(n::int))::date as until_on
    from days cross join range(1, 13) as r(n)
),
teachers as (
    -- The end of a look's months lies before the day after the look that asks; one look at least lies between.
    select a.look, a.n_months, t.look as taught_by
    from asked a
    join asked t on t.n_months = a.n_months and t.look > a.look and (t.until_on <= a.looked_on + 1 or t.until_on = date_trunc('month', a.looked_on))
    qualify row_number() over (partition by a.look, a.n_months order by t.look) <= 12
),
places as (
    select pipeline, position from stages where outcome = 'open' union all select distinct pipeline, 0 from stages
),
cells as (
    select
        a.look, a.looked_on, a.n_months, a.until_on, p.pipeline, p.position::integer as position, b::integer as age_band,
        (select count(*) from teachers t where t.look = a.look and t.n_months = a.n_months) as n_looks,
        (
            select coalesce(sum(n_open), 0) from rep_looks r join teachers t on t.taught_by = r.look
            where t.look = a.look and t.n_months = a.n_months and r.pipeline = p.pipeline and r.position = p.position and r.age_band = b
        )::bigint as n_seen,
        (
            select coalesce(sum(n_open), 0) from rep_looks r join teachers t on t.taught_by = r.look
            where t.look = a.look and t.n_months = a.n_months and r.pipeline = p.pipeline and r.position = p.position and r.age_band = b
                and r.won_month <= a.n_months
        )::bigint as n_won,
        (
            select coalesce(sum(n_open), 0) from rep_looks r
            where r.look = a.look and r.pipeline = p.pipeline and r.position = p.position and r.age_band = b
        )::bigint as n_open,
        (
            select coalesce(sum(n_open), 0) from rep_looks r
            where r.look = a.look and r.pipeline = p.pipeline and r.position = p.position and r.age_band = b and r.won_month <= a.n_months
        )::bigint as came
    from asked a
    cross join places p
    cross join range(1, 8) as q(b)
),
rates as (
    select *, sum(n_won) over (partition by look, n_months) / nullif(sum(n_seen) over (partition by look, n_months), 0) as firm_rate
    from cells
),
shrunk as (
    select
        *,
        (sum(n_won) over (partition by look, n_months, pipeline) + 20 * firm_rate)
        / (sum(n_seen) over (partition by look, n_months, pipeline) + 20) as pipeline_rate
    from rates
),
banded as (
    select
        *,
        (sum(n_won) over (partition by look, n_months, pipeline, age_band) + 20 * pipeline_rate)
        / (sum(n_seen) over (partition by look, n_months, pipeline, age_band) + 20) as band_rate,
        (sum(n_won) over (partition by look, n_months, pipeline, position) + 20 * pipeline_rate)
        / (sum(n_seen) over (partition by look, n_months, pipeline, position) + 20) as place_rate
    from shrunk
),
leaning as (
    select
        *,
        if(position = 0, band_rate,
            (n_won + 20 * if(pipeline_rate > 0, least(1, place_rate * band_rate / pipeline_rate), band_rate)) / (n_seen + 20)) as rate
    from banded
),
told as (
    select
        *,
        greatest(1, n_months - ($as_of + 1 = date_trunc('month', $as_of + 1))::int) as lag,
        least(1, rate * coalesce(
            sum(n_won) over (partition by look, n_months) / nullif(sum(n_seen * rate) over (partition by look, n_months), 0), 1)) as said
    from leaning
),
levels as (
    select
        t.look, t.n_months,
        (
            select coalesce(sum(s.came), 0) from told s
            where s.n_months = t.n_months and s.look >= t.look + t.lag and s.look < t.look + t.lag + 6 and s.n_looks >= 3
        ) / t.lag + 50 as won,
        (
            select coalesce(sum(s.n_open * s.said), 0) from told s
            where s.n_months = t.n_months and s.look >= t.look + t.lag and s.look < t.look + t.lag + 6 and s.n_looks >= 3
        ) / t.lag + 50 as promised
    from (select distinct look, n_months, lag from told) as t
)
select
    c.look, looked_on, c.n_months, until_on, pipeline, position, age_band, n_looks, n_seen, n_won,
    least(1, said * l.won / l.promised)::double as odds,
    n_open,
    -- Known once the months lie in the past, or at a look's own month that ends with it.
    if(c.look >= lag, came, null)::bigint as n_won_after
from told as c
join levels as l on l.look = c.look and l.n_months = c.n_months
