-- What: the share of the deals in a stage that will go forward, told from their ages: lost competes, open deals are censored.
-- Row: one open stage of the pipeline that somebody entered.
-- Definition: Aalen–Johansen cumulative incidence of «forward» with «lost» as the competing event and open deals censored at their
--   present age (metrics §1: Kaplan–Meier with lost as censored would overstate). F(t) = Σ S(tᵢ−)·fᵢ/nᵢ over the days tᵢ on which somebody went
--   forward, S the Kaplan–Meier survival of staying in the stage, nᵢ those still there. Read at the last day on which anybody moved;
--   without open deals it is forward ÷ (forward + lost). Standard error by the delta method (Marubini and Valsecchi), interval on the scale
--   of ln(−ln F). Days are those spent in the stage, all stays added up; a skipped stage is passed on day 0.
--   Not given when more than a fifth of the entries has no known stay: without exported history those known are mostly the deals still there.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   position integer: place of the stage, from 1
--   stage varchar: stage
--   estimate double: share that goes forward in the end, 0 to 1; null when nobody has left the stage yet or too many stays are unknown
--   standard_error double: of the estimate
--   low double: lower end of the 95 % interval; null when the estimate is 0 or 1
--   high double: upper end of the 95 % interval; null when the estimate is 0 or 1
--   still_open double: share not decided on the last day on which anybody moved, 0 to 1
--   horizon_days double: days in the stage at that last move
--   n bigint: entries with a known stay
--   n_unknown bigint: entries left out because no date of entry was exported
--   compare_estimate double: the comparison cohort
--   compare_standard_error double: the comparison cohort
--   compare_n bigint: the comparison cohort
-- Leaves out: entries without a date (counted in n_unknown).
with entries as (
    select
        position,
        stage,
        exit,
        case when is_skipped then 0.0 else cast(days as double) end as days,
        is_skipped or days is not null as is_known,
        created_on >= $period_start and created_on < $period_end as is_now,
        created_on >= $compare_start and created_on < $compare_end as is_then
    from stage_entries
    where pipeline is not distinct from $pipeline
),
sides as (
    select 'now' as side, position, stage, exit, greatest(days, 0.0) as days, is_known
    from entries
    where is_now
    union all
    select 'then' as side, position, stage, exit, greatest(days, 0.0) as days, is_known
    from entries
    where is_then
),
days_out as (
    select
        side,
        position,
        days,
        cast(count(*) as double) as n_here,
        cast(count(*) filter (where exit = 'forward') as double) as n_forward,
        cast(count(*) filter (where exit in ('forward', 'lost')) as double) as n_left
    from sides
    where is_known
    group by side, position, days
),
at_risk as (
    select
        *,
        sum(n_here) over (partition by side, position order by days desc rows unbounded preceding) as n_at_risk
    from days_out
),
-- ln 0 is avoided: once everybody left on one day, what follows is empty.
steps as (
    select
        *,
        coalesce(exp(sum(case when n_left < n_at_risk then ln((n_at_risk - n_left) / n_at_risk) else -1000.0 end) over (
            partition by side, position order by days rows between unbounded preceding and 1 preceding
        )), 1.0) as survival_before,
        exp(sum(case when n_left < n_at_risk then ln((n_at_risk - n_left) / n_at_risk) else -1000.0 end) over (
            partition by side, position order by days rows unbounded preceding
        )) as survival_after
    from at_risk
),
curve as (
    select
        *,
        sum(survival_before * n_forward / nullif(n_at_risk, 0)) over (
            partition by side, position order by days rows unbounded preceding
        ) as incidence
    from steps
),
ends as (
    select
        *,
        max(incidence) over (partition by side, position) as final_incidence
    from curve
),
estimates as (
    select
        side,
        position,
        max(final_incidence) as estimate,
        min(survival_after) as still_open,
        max(days) filter (where n_left > 0) as horizon_days,
        sum(n_left) as n_left,
        sqrt(greatest(0.0,
            sum((final_incidence - incidence) * (final_incidence - incidence)
                * coalesce(n_left / nullif(n_at_risk * (n_at_risk - n_left), 0), 0))
            + sum(survival_before * survival_before * n_forward * (n_at_risk - n_forward)
                / nullif(n_at_risk * n_at_risk * n_at_risk, 0))
            - 2 * sum((final_incidence - incidence) * survival_before * n_forward / nullif(n_at_risk * n_at_risk, 0))
        )) as standard_error
    from ends
    group by side, position
),
counts as (
    select
        position,
        min(stage) as stage,
        count(*) filter (where side = 'now' and is_known) as n,
        count(*) filter (where side = 'now' and not is_known) as n_unknown,
        count(*) filter (where side = 'then' and is_known) as compare_n,
        count(*) filter (where side = 'then' and not is_known) as compare_n_unknown
    from sides
    group by position
),
final as (
    select
        c.position,
        c.stage,
        case when e.n_left > 0 and c.n >= 4 * c.n_unknown then e.estimate end as estimate,
        case when e.n_left > 0 and c.n >= 4 * c.n_unknown then e.standard_error end as standard_error,
        e.still_open,
        e.horizon_days,
        c.n,
        c.n_unknown,
        case when t.n_left > 0 and c.compare_n >= 4 * c.compare_n_unknown then t.estimate end as compare_estimate,
        case when t.n_left > 0 and c.compare_n >= 4 * c.compare_n_unknown then t.standard_error end as compare_standard_error,
        c.compare_n
    from counts as c
    left join estimates as e on e.position = c.position and e.side = 'now'
    left join estimates as t on t.position = c.position and t.side = 'then'
),
bands as (
    select
        *,
        case
            when estimate > 0.000001 and estimate < 0.999999
            then exp(1.959963984540054 * standard_error / (estimate * abs(ln(estimate))))
        end as spread
    from final
)
select
    cast(position as integer) as position,
    stage,
    cast(estimate as double) as estimate,
    cast(standard_error as double) as standard_error,
    cast(power(estimate, spread) as double) as low,
    cast(power(estimate, 1 / nullif(spread, 0)) as double) as high,
    cast(still_open as double) as still_open,
    cast(horizon_days as double) as horizon_days,
    cast(n as bigint) as n,
    cast(n_unknown as bigint) as n_unknown,
    cast(compare_estimate as double) as compare_estimate,
    cast(compare_standard_error as double) as compare_standard_error,
    cast(compare_n as bigint) as compare_n
from bands
order by position
