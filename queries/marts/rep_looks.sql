-- What: which deals were open on this day of each of the last 24 months, where they stood, and when they were won.
-- Row: one owner, one look back, one pipeline, position and age band, and the month in which such deals were won.
-- Definition: look 0 is the as-of date, look j the same day j months earlier; the end of a month answers to the end of a month, so that
--   what is left of the month, with its rush at the end, is alike in all looks. A deal is open from its creation to the day before its
--   closing. Its position is the highest it had entered by then, where its moves were exported; 0 where that is not known; at look 0 the
--   highest reached. Amounts are those of today: what a deal was worth in the CRM back then is not known from one export, and
--   vanished deals are missing from the past, which flatters it a little.
-- Columns:
--   owner_key integer: users
--   look integer: 0 = as-of date, 1 = a month earlier, … 24
--   looked_on date: the day of the look
--   pipeline varchar: pipeline
--   position integer: highest position reached by then; 0 = not known
--   age_band integer: 1 up to 30 days since creation, 2 to 60, 3 to 90, 4 to 120, 5 to 180, 6 to 365, 7 above
--   won_month integer: 1 = won after the look in its own month, 2 = in the next, … 12; null = not won in that time
--   n_open bigint: deals
--   amount double: reporting currency, sum
--   squares double: sum of amount squared, for the spread of a sum over deals
--   cubes double: sum of amount cubed, for its skew
-- Leaves out: closed deals without a closing date.
with days as (
    select
        cast(look as integer) as look,
        case
            when last_day($as_of) = $as_of then last_day(cast($as_of - to_months(cast(look as integer)) as date))
            else cast($as_of - to_months(cast(look as integer)) as date)
        end as looked_on
    from range(0, 25) as r(look)
),
deals as (
    select
        opportunity_key, owner_key, pipeline, reached_position, outcome, created_on, cast(amount as double) as amount,
        if(outcome = 'won' and closed_on <= $as_of, closed_on, null) as won_on,
        if(outcome = 'open', $as_of + 1, least(closed_on, $as_of)) as gone_on
    from deal_facts
    where created_on <= $as_of and (outcome = 'open' or closed_on > (select min(looked_on) from days))
),
histories as (
    select distinct opportunity_key from stage_changes where not is_derived
),
stays as (
    select
        d.opportunity_key, d.owner_key, d.pipeline, d.created_on, d.amount, d.won_on, e.position,
        greatest(e.entered_on, d.created_on) as from_on,
        least(coalesce(e.left_on, d.gone_on), d.gone_on) as until_on
    from stage_entries as e
    inner join deals as d on d.opportunity_key = e.opportunity_key
    semi join histories as h on h.opportunity_key = e.opportunity_key
    where e.entered_on is not null
        and least(coalesce(e.left_on, d.gone_on), d.gone_on) > greatest(e.entered_on, d.created_on)
),
stands as ( -- made first
    -- From which day to before which a deal was open at each highest position: what was entered after a higher one never was.
    select s.*
    from stays as s
    anti join stays as h
        on h.opportunity_key = s.opportunity_key and h.position > s.position and h.from_on <= s.from_on and h.until_on > s.from_on
),
known as (
    select opportunity_key, min(from_on) as from_on, max(until_on) as until_on, sum(until_on - from_on) as n_days
    from stands
    group by opportunity_key
),
torn as (
    -- The few with a stage between of which no day is known.
    select s.opportunity_key, s.until_on as from_on, lead(s.from_on) over (partition by s.opportunity_key order by s.from_on) as until_on
    from stands as s
    semi join (select opportunity_key from known where until_on - from_on > n_days) as k on k.opportunity_key = s.opportunity_key
),
unplaced as (
    -- Before its first known stage, between, after its last, or all the time.
    select d.owner_key, d.pipeline, d.created_on, d.amount, d.won_on, d.created_on as from_on, coalesce(k.from_on, d.gone_on) as until_on
    from deals as d
    left join known as k on k.opportunity_key = d.opportunity_key
    where coalesce(k.from_on, d.gone_on) > d.created_on
    union all
    select d.owner_key, d.pipeline, d.created_on, d.amount, d.won_on, k.until_on, d.gone_on
    from deals as d
    inner join known as k on k.opportunity_key = d.opportunity_key
    where d.gone_on > k.until_on
    union all
    select d.owner_key, d.pipeline, d.created_on, d.amount, d.won_on, t.from_on, t.until_on
    from torn as t
    inner join deals as d on d.opportunity_key = t.opportunity_key
    where t.until_on > t.from_on
),
seen as (
    select s.owner_key, l.look, l.looked_on, s.pipeline, s.position, s.created_on, s.won_on, s.amount
    from stands as s
    inner join days as l on l.looked_on >= s.from_on and l.looked_on < s.until_on
    where l.look > 0
    union all
    select s.owner_key, l.look, l.looked_on, s.pipeline, 0, s.created_on, s.won_on, s.amount
    from unplaced as s
    inner join days as l on l.looked_on >= s.from_on and l.looked_on < s.until_on
    where l.look > 0
    union all
    select owner_key, 0, $as_of, pipeline, reached_position, created_on, null, amount
    from deals
    where outcome = 'open'
),
banded as (
    select
        owner_key, look, looked_on, pipeline, position, amount,
        case
            when looked_on - created_on <= 30 then 1
            when looked_on - created_on <= 60 then 2
            when looked_on - created_on <= 90 then 3
            when looked_on - created_on <= 120 then 4
            when looked_on - created_on <= 180 then 5
            when looked_on - created_on <= 365 then 6
            else 7
        end as age_band,
        (year(won_on) - year(looked_on)) * 12 + month(won_on) - month(looked_on) + 1 as won_month
    from seen
)
select
    owner_key,
    look,
    looked_on,
    pipeline,
    cast(position as integer) as position,
    cast(age_band as integer) as age_band,
    cast(if(won_month <= 12, won_month, null) as integer) as won_month,
    count(*) as n_open,
    coalesce(sum(amount), 0) as amount,
    coalesce(sum(amount * amount), 0) as squares,
    coalesce(sum(amount * amount * amount), 0) as cubes
from banded
group by all
