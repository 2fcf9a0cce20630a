-- What: where one salesperson stands: result against target, pipeline, win rate and cycle against the firm's.
-- Row: the salesperson; no row when the id is unknown or not visible.
-- Definition: won and target as in salesperson/roster. Win rate = won / (won + lost) by count, deals closed in the 365 days up to as_of, with
--   Wilson's 95 % interval; shrunk = (won + 20 x firm rate) / (decided + 20), which keeps few deals from shouting. Cycle = median days from
--   creation to winning, same deals. At risk = three or more
--   warnings of deal_flags. Weighted = amount x the firm's odds of winning from the stage reached.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the period compared with
--   compare_end date: first day after it
-- Columns:
--   user_id varchar: id in the CRM
--   name varchar: full name
--   team varchar: team
--   role varchar: rep, manager, director, other
--   hired_on date: null when not known
--   is_new boolean: hired less than 180 days before as_of: comparisons with the firm are not fair yet
--   won_amount decimal(18,2): reporting currency
--   n_won bigint: deals won in the period
--   compare_won_amount decimal(18,2): reporting currency, period compared with
--   target_amount decimal(18,2): reporting currency; null without a target
--   target_to_date decimal(18,2): reporting currency; null without a target
--   n_open bigint: open deals
--   open_amount decimal(18,2): reporting currency
--   weighted_amount decimal(18,2): reporting currency; null when the firm has no odds yet
--   n_at_risk bigint: open deals with three or more warnings
--   at_risk_amount decimal(18,2): reporting currency
--   n_won_365 bigint: deals
--   n_decided_365 bigint: deals won or lost
--   win_rate double: 0 to 1; null when nothing was decided
--   win_low double: lower bound
--   win_high double: upper bound
--   win_shrunk double: 0 to 1
--   firm_win_rate double: 0 to 1
--   firm_n_decided bigint: deals
--   cycle_days double: days
--   n_cycle bigint: deals behind it
--   firm_cycle_days double: days
--   silence_limit_days double: days without effective contact from which a deal counts as silent
-- Leaves out: closed deals without closing date.
with person as (
    select user_key, user_id, name, team, role, hired_on from users where user_id = $user_id
),

deals as (
    select
        deal_facts.owner_key,
        sum(case when outcome = 'won' and closed_on >= $period_start and closed_on < $period_end then amount end) as won_amount,
        count(case when outcome = 'won' and closed_on >= $period_start and closed_on < $period_end then 1 end) as n_won,
        sum(case when outcome = 'won' and closed_on >= $compare_start and closed_on < $compare_end then amount end) as compare_won_amount,
        count(case when outcome = 'open' then 1 end) as n_open,
        sum(case when outcome = 'open' then amount end) as open_amount,
        sum(case when outcome = 'open' then cast(amount as double) * win_odds end) as weighted_amount,
        cast(
            count(case when outcome = 'won' and closed_on > cast($as_of - interval 365 day as date) and closed_on <= $as_of then 1 end)
            as double
        ) as won_365,
        cast(
            count(case when outcome in ('won', 'lost') and closed_on > cast($as_of - interval 365 day as date) and closed_on <= $as_of then 1 end)
            as double
        ) as decided_365,
        quantile_cont(
            cast(
                case
                    when outcome = 'won' and closed_on > cast($as_of - interval 365 day as date) and closed_on <= $as_of
                        then date_diff('day', created_on, closed_on)
                end
                as double
            ),
            0.5
        ) as cycle_days,
        count(
            case
                when outcome = 'won' and closed_on > cast($as_of - interval 365 day as date) and closed_on <= $as_of
                    then date_diff('day', created_on, closed_on)
            end
        ) as n_cycle
    from deal_facts
    inner join person on person.user_key = deal_facts.owner_key
    group by deal_facts.owner_key
),

goals as (
    select
        owner_key,
        sum(value) as target_amount,
        sum(
            cast(value as double) * case
                when cast(month + interval 1 month as date) <= $as_of then 1.0
                when month > $as_of then 0.0
                else (date_diff('day', month, $as_of) + 1.0) / date_diff('day', month, cast(month + interval 1 month as date))
            end
        ) as target_to_date
    from targets
    where measure = 'revenue' and owner_key is not null
        and month >= cast(date_trunc('month', $period_start) as date) and month < $period_end
    group by owner_key
),

risks as (
    select owner_key, count(*) as n_at_risk, sum(amount) as at_risk_amount
    from deal_flags
    where n_flags >= 3
    group by owner_key
),

joined as (
    select
        person.user_id,
        person.name,
        person.team,
        person.role,
        person.hired_on,
        deals.won_amount,
        deals.n_won,
        deals.compare_won_amount,
        goals.target_amount,
        goals.target_to_date,
        deals.n_open,
        deals.open_amount,
        deals.weighted_amount,
        risks.n_at_risk,
        risks.at_risk_amount,
        coalesce(deals.won_365, 0.0) as won_365,
        coalesce(deals.decided_365, 0.0) as decided_365,
        deals.cycle_days,
        deals.n_cycle,
        cast(firm_norms.n_won_365 as double) / nullif(cast(firm_norms.n_decided_365 as double), 0) as firm_win_rate,
        firm_norms.n_decided_365 as firm_n_decided,
        firm_norms.cycle_days as firm_cycle_days,
        firm_norms.silence_limit_days
    from person
    left join deals on deals.owner_key = person.user_key
    left join goals on goals.owner_key = person.user_key
    left join risks on risks.owner_key = person.user_key
    cross join firm_norms
),

rated as (
    select
        user_id,
        won_365 / nullif(decided_365, 0) as rate,
        3.8416 / nullif(decided_365, 0) as z2n
    from joined
)

select
    joined.user_id,
    joined.name,
    joined.team,
    joined.role,
    joined.hired_on,
    coalesce(joined.hired_on > cast($as_of - interval 180 day as date), false) as is_new,
    cast(coalesce(joined.won_amount, 0) as decimal(18, 2)) as won_amount,
    cast(coalesce(joined.n_won, 0) as bigint) as n_won,
    cast(coalesce(joined.compare_won_amount, 0) as decimal(18, 2)) as compare_won_amount,
    cast(joined.target_amount as decimal(18, 2)) as target_amount,
    cast(joined.target_to_date as decimal(18, 2)) as target_to_date,
    cast(coalesce(joined.n_open, 0) as bigint) as n_open,
    cast(coalesce(joined.open_amount, 0) as decimal(18, 2)) as open_amount,
    cast(case when coalesce(joined.n_open, 0) = 0 then 0 else joined.weighted_amount end as decimal(18, 2)) as weighted_amount,
    cast(coalesce(joined.n_at_risk, 0) as bigint) as n_at_risk,
    cast(coalesce(joined.at_risk_amount, 0) as decimal(18, 2)) as at_risk_amount,
    cast(joined.won_365 as bigint) as n_won_365,
    cast(joined.decided_365 as bigint) as n_decided_365,
    rated.rate as win_rate,
    case when rated.rate is not null then
        greatest(0.0, (rated.rate + rated.z2n / 2
            - sqrt(rated.rate * (1 - rated.rate) * rated.z2n + rated.z2n * rated.z2n / 4))
            / (1 + rated.z2n))
    end as win_low,
    case when rated.rate is not null then
        least(1.0, (rated.rate + rated.z2n / 2
            + sqrt(rated.rate * (1 - rated.rate) * rated.z2n + rated.z2n * rated.z2n / 4))
            / (1 + rated.z2n))
    end as win_high,
    (joined.won_365 + 20 * joined.firm_win_rate) / (joined.decided_365 + 20) as win_shrunk,
    joined.firm_win_rate,
    cast(joined.firm_n_decided as bigint) as firm_n_decided,
    joined.cycle_days,
    cast(coalesce(joined.n_cycle, 0) as bigint) as n_cycle,
    joined.firm_cycle_days,
    joined.silence_limit_days
from joined
inner join rated on rated.user_id = joined.user_id
order by joined.user_id asc nulls last
