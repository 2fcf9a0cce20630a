-- What: what became of the deals by their age: the share won, lost and still open after so many days, from the first day to the oldest deal.
-- Row: one age in days at which a deal was decided or is still watched, in the cohort shown and in the comparison cohort; day 0 always.
-- Definition: Aalen–Johansen cumulative incidence with two competing ends and open deals censored at their present age (metrics §1, 2.4), so that
--   a young cohort is judged over as long as it has been watched. F(t) = Σ S(tᵢ−)·dᵢ/nᵢ over the days tᵢ up to t, S the Kaplan–Meier survival of
--   being open, nᵢ the deals watched up to tᵢ; forward + lost + open = 1 at every age. With position 0 the clock starts on the day of creation and
--   forward means won; a deal created and won on one day is won at age 0. With the position of a stage it counts the days spent
--   in that stage, all stays added up, a skipped stage passed on day 0, and forward means gone further; its end is funnel/conversion_estimate.
--   Standard errors by the delta method (Marubini and Valsecchi; Greenwood for open), 95 % bands on the scale of ln(−ln F). Nothing is given for a cohort of which
--   more than a fifth has no known age: without exported history those known are mostly the deals still there.
-- Parameters:
--   as_of date: the snapshot's date
--   pipeline varchar: pipeline
--   position integer: 0 for the whole way, else the place of a stage
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   is_compared boolean: a row of the comparison cohort
--   days double: age in days
--   n_at_risk bigint: deals neither decided before that day nor younger
--   n_forward bigint: deals that went forward (were won) at that age
--   n_lost bigint: deals lost at that age
--   forward_share double: gone forward (won) up to that age, 0 to 1
--   forward_error double: its standard error
--   forward_low double: lower end of its 95 % band; null at 0 and 1
--   forward_high double: upper end of its 95 % band; null at 0 and 1
--   lost_share double: lost up to that age, 0 to 1
--   lost_error double: its standard error
--   lost_low double: lower end of its 95 % band; null at 0 and 1
--   lost_high double: upper end of its 95 % band; null at 0 and 1
--   open_share double: still open at that age, 0 to 1
--   open_error double: its standard error
--   n bigint: deals of the cohort with a known age
--   n_unknown bigint: deals of the cohort without one
-- Leaves out: deals without a creation date; deals decided on a day unknown (counted in n_unknown); deals of other pipelines.
with paths as (
    select
        case outcome when 'won' then 'forward' else outcome end as exit,
        cast(date_diff('day', created_on, case when outcome = 'open' then $as_of else closed_on end) as double) as days,
        created_on
    from deal_facts
    where pipeline is not distinct from $pipeline and $position = 0
    union all
    select
        exit,
        case when is_skipped then 0.0 else cast(days as double) end as days,
        created_on
    from stage_entries
    where pipeline is not distinct from $pipeline and position = $position
),
sides as (
    select false as is_compared, exit, greatest(days, 0.0) as days, days is not null as is_known
    from paths
    where created_on >= $period_start and created_on < $period_end
    union all
    select true as is_compared, exit, greatest(days, 0.0) as days, days is not null as is_known
    from paths
    where created_on >= $compare_start and created_on < $compare_end
),
sizes as (
    select
        is_compared,
        cast(count(*) filter (where is_known) as double) as n,
        cast(count(*) filter (where not is_known) as double) as n_unknown
    from sides
    group by is_compared
),
watched as (
    select is_compared, days, exit
    from sides
    where is_known
    union all
    select is_compared, 0.0 as days, cast(null as varchar) as exit
    from sizes
    where n >= 4 * n_unknown and n > 0
),
days_out as (
    select
        is_compared,
        days,
        cast(count(exit) as double) as n_here,
        cast(count(*) filter (where exit = 'forward') as double) as n_forward,
        cast(count(*) filter (where exit = 'lost') as double) as n_lost
    from watched
    group by is_compared, days
),
at_risk as (
    select
        *,
        n_forward + n_lost as n_left,
        sum(n_here) over (partition by is_compared order by days desc rows unbounded preceding) as n_at_risk
    from days_out
),
-- Ln 0 is avoided: once everybody is decided, what follows is empty.
staying as (
    select
        *,
        coalesce(exp(sum(case when n_left < n_at_risk then ln((n_at_risk - n_left) / n_at_risk) else -1000.0 end) over (
            partition by is_compared order by days rows between unbounded preceding and 1 preceding
        )), 1.0) as open_before,
        exp(sum(case when n_left < n_at_risk then ln((n_at_risk - n_left) / n_at_risk) else -1000.0 end) over (
            partition by is_compared order by days rows unbounded preceding
        )) as open_share,
        coalesce(n_left / nullif(n_at_risk * (n_at_risk - n_left), 0), 0) as greenwood
    from at_risk
),
shares as (
    select
        *,
        sum(open_before * n_forward / nullif(n_at_risk, 0)) over (partition by is_compared order by days rows unbounded preceding) as forward_share,
        sum(open_before * n_lost / nullif(n_at_risk, 0)) over (partition by is_compared order by days rows unbounded preceding) as lost_share
    from staying
),
-- The variance is a square of differences to the present share; multiplied out, each of its sums runs on from day to day.
sums as (
    select
        *,
        sum(greenwood) over (partition by is_compared order by days rows unbounded preceding) as g,
        sum(greenwood * forward_share) over (partition by is_compared order by days rows unbounded preceding) as g_forward,
        sum(greenwood * forward_share * forward_share) over (partition by is_compared order by days rows unbounded preceding) as g_forward_2,
        sum(greenwood * lost_share) over (partition by is_compared order by days rows unbounded preceding) as g_lost,
        sum(greenwood * lost_share * lost_share) over (partition by is_compared order by days rows unbounded preceding) as g_lost_2,
        sum(open_before * open_before * n_forward * (n_at_risk - n_forward) / nullif(n_at_risk * n_at_risk * n_at_risk, 0)) over (
            partition by is_compared order by days rows unbounded preceding
        ) as own_forward,
        sum(open_before * open_before * n_lost * (n_at_risk - n_lost) / nullif(n_at_risk * n_at_risk * n_at_risk, 0)) over (
            partition by is_compared order by days rows unbounded preceding
        ) as own_lost,
        sum(open_before * n_forward / nullif(n_at_risk * n_at_risk, 0)) over (partition by is_compared order by days rows unbounded preceding) as c_forward,
        sum(open_before * n_forward * forward_share / nullif(n_at_risk * n_at_risk, 0)) over (
            partition by is_compared order by days rows unbounded preceding
        ) as c_forward_1,
        sum(open_before * n_lost / nullif(n_at_risk * n_at_risk, 0)) over (partition by is_compared order by days rows unbounded preceding) as c_lost,
        sum(open_before * n_lost * lost_share / nullif(n_at_risk * n_at_risk, 0)) over (
            partition by is_compared order by days rows unbounded preceding
        ) as c_lost_1
    from shares
),
errors as (
    select
        *,
        sqrt(greatest(0.0, forward_share * forward_share * g - 2 * forward_share * g_forward + g_forward_2
            + own_forward - 2 * (forward_share * c_forward - c_forward_1))) as forward_error,
        sqrt(greatest(0.0, lost_share * lost_share * g - 2 * lost_share * g_lost + g_lost_2
            + own_lost - 2 * (lost_share * c_lost - c_lost_1))) as lost_error,
        open_share * sqrt(g) as open_error
    from sums
),
bands as (
    select
        *,
        case
            when forward_share > 0.000001 and forward_share < 0.999999
            then exp(1.959963984540054 * forward_error / (forward_share * abs(ln(forward_share))))
        end as forward_spread,
        case
            when lost_share > 0.000001 and lost_share < 0.999999
            then exp(1.959963984540054 * lost_error / (lost_share * abs(ln(lost_share))))
        end as lost_spread
    from errors
)
select
    b.is_compared as is_compared,
    b.days as days,
    cast(b.n_at_risk as bigint) as n_at_risk,
    cast(b.n_forward as bigint) as n_forward,
    cast(b.n_lost as bigint) as n_lost,
    cast(b.forward_share as double) as forward_share,
    cast(b.forward_error as double) as forward_error,
    cast(power(b.forward_share, b.forward_spread) as double) as forward_low,
    cast(power(b.forward_share, 1 / nullif(b.forward_spread, 0)) as double) as forward_high,
    cast(b.lost_share as double) as lost_share,
    cast(b.lost_error as double) as lost_error,
    cast(power(b.lost_share, b.lost_spread) as double) as lost_low,
    cast(power(b.lost_share, 1 / nullif(b.lost_spread, 0)) as double) as lost_high,
    cast(b.open_share as double) as open_share,
    cast(b.open_error as double) as open_error,
    cast(s.n as bigint) as n,
    cast(s.n_unknown as bigint) as n_unknown
from bands as b
inner join sizes as s on s.is_compared = b.is_compared
where s.n >= 4 * s.n_unknown
order by is_compared, days
