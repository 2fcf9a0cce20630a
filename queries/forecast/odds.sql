-- What: chance that an open deal is won in what is left of the period, by stage and age, from the firm's own past.
-- Row: one open stage of one pipeline and one age band.
-- Definition: firm_close_odds as of the as-of date, for the months up to the end of the period: of the deals that were open at that stage
--   and age on the same day of up to twelve earlier months, the share won in the same rest of the period; shrunk with 20 cases to the
--   age band, the pipeline and the firm, so that a thin cell says what deals of its age usually do. A deal may be seen in several
--   months: n_seen is not a number of deals.
-- Parameters:
--   as_of date: the snapshot's date
--   period_end date: first day after the period, the first of a month
-- Columns:
--   pipeline varchar: pipeline
--   position integer: from 1
--   stage varchar: stage
--   age_band integer: 1 up to 30 days since creation, 2 to 60, 3 to 90, 4 to 120, 5 to 180, 6 to 365, 7 above
--   n_seen bigint: times that such a deal was seen open
--   n_won bigint: of those, won in time
--   odds double: 0 to 1; null without any history
--   n_open bigint: such deals open now
-- Leaves out: periods of which nothing is left.
select
    s.pipeline,
    cast(s.position as integer) as position,
    s.stage,
    o.age_band,
    o.n_seen,
    o.n_won,
    o.odds,
    o.n_open
from firm_close_odds as o
inner join stages as s on s.pipeline = o.pipeline and s.position = o.position and s.outcome = 'open'
where o.look = 0
    and o.n_months = date_diff('month', $as_of, $period_end)
    and date_diff('day', $as_of, $period_end) > 1
order by pipeline, position, age_band
