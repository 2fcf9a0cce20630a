-- What: every salesperson with result, pipeline and warnings: who needs what from his manager.
-- Row: one salesperson: employed at as_of and a rep by role, or holder of a revenue target in the period; and whoever owns an open deal,
--   gone or not.
-- Definition: won = deals closed as won in the period, dated by closed_on. Target = revenue targets of the months that touch the period;
--   target to date = past months whole, the running month by its share of days, months to come nothing. Warnings as in deal_flags; at risk =
--   three or more of them. Need = the warning that clearly more of his open deals carry than of all others' (Wilson's 99 % lower bound of his
--   share above their share, two deals or more: with a dozen people and six warnings, 95 % would accuse somebody by chance; a warning
--   that more than half of the firm's deals carry is left out), and under which most money stands beyond the others' share; else
--   behind_target, where at least half of the period's target is due and less than 70 % of that is won; else none. Who has left and still owns open deals needs somebody to take them over: left_behind.
-- Parameters:
--   as_of date: the snapshot's date
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   user_id varchar: id in the CRM
--   name varchar: full name
--   team varchar: team
--   n_open bigint: open deals
--   open_amount decimal(18,2): reporting currency
--   n_won bigint: deals won in the period
--   won_amount decimal(18,2): reporting currency
--   target_amount decimal(18,2): reporting currency; null without a target
--   target_to_date decimal(18,2): reporting currency; null without a target
--   attainment double: won over target; null without a target
--   n_at_risk bigint: open deals with three or more warnings
--   at_risk_amount decimal(18,2): their money, reporting currency
--   n_flags bigint: warnings on all his open deals
--   need varchar: silent, slipped, ahead, single_threaded, no_next_step, discount, behind_target, left_behind, none
--   need_amount decimal(18,2): money under that warning, or missing to the target to date; null for none
--   excess_amount decimal(18,2): of that, beyond the others' share
--   n_need bigint: deals under that warning
-- Leaves out: people who left nothing open behind; managers without deals and targets.
with deals as (
    select
        owner_key,
        count(*) filter (where outcome = 'open') as n_open,
        sum(amount) filter (where outcome = 'open') as open_amount,
        count(*) filter (where outcome = 'won' and closed_on >= $period_start and closed_on < $period_end) as n_won,
        sum(amount) filter (where outcome = 'won' and closed_on >= $period_start and closed_on < $period_end) as won_amount
    from deal_facts
    group by owner_key
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

warnings as (
    select owner_key, 'silent' as need, 1 as place, amount from deal_flags where is_silent
    union all
    select owner_key, 'slipped' as need, 2 as place, amount from deal_flags where is_slipped
    union all
    select owner_key, 'ahead' as need, 3 as place, amount from deal_flags where is_ahead
    union all
    select owner_key, 'no_next_step' as need, 4 as place, amount from deal_flags where has_no_next_step
    union all
    select owner_key, 'single_threaded' as need, 5 as place, amount from deal_flags where is_single_threaded
    union all
    select owner_key, 'discount' as need, 6 as place, amount from deal_flags where is_discounted
),

firm as (
    select 'silent' as need, n_silent as n_deals, n_open from firm_flags where team is null
    union all
    select 'slipped' as need, n_slipped as n_deals, n_open from firm_flags where team is null
    union all
    select 'ahead' as need, n_ahead as n_deals, n_open from firm_flags where team is null
    union all
    select 'no_next_step' as need, n_no_next_step as n_deals, n_open from firm_flags where team is null
    union all
    select 'single_threaded' as need, n_single_threaded as n_deals, n_open from firm_flags where team is null
    union all
    select 'discount' as need, n_discounted as n_deals, n_open from firm_flags where team is null
),

shares as (
    select
        warnings.owner_key,
        warnings.need,
        warnings.place,
        count(*) as n_deals,
        coalesce(sum(cast(warnings.amount as double)), 0) as need_amount,
        cast(count(*) as double) / nullif(cast(max(deals.n_open) as double), 0) as p,
        6.6349 / nullif(cast(max(deals.n_open) as double), 0) as z,
        cast(max(firm.n_deals) - count(*) as double) / nullif(cast(max(firm.n_open) - max(deals.n_open) as double), 0) as others,
        max(firm.n_open) >= 20 and 2 * max(firm.n_deals) > max(firm.n_open) as is_habit
    from warnings
    inner join deals on deals.owner_key = warnings.owner_key
    inner join firm on firm.need = warnings.need
    group by warnings.owner_key, warnings.need, warnings.place
),

clear as (
    select
        owner_key,
        need,
        place,
        n_deals,
        need_amount,
        need_amount * (1 - others / nullif(p, 0)) as excess_amount
    from shares
    -- What more than half of the firm's deals carry is everybody's habit (salesperson/habits), and nobody's need.
    where n_deals >= 2
        and not is_habit
        and (p + z / 2 - sqrt(p * (1 - p) * z + z * z / 4)) / (1 + z) > others
),

ranked as (
    select
        owner_key,
        need,
        n_deals,
        need_amount,
        excess_amount,
        row_number() over (partition by owner_key order by excess_amount desc nulls last, place asc nulls last) as rank
    from clear
),

risks as (
    select
        owner_key,
        count(case when n_flags >= 3 then 1 end) as n_at_risk,
        sum(case when n_flags >= 3 then amount end) as at_risk_amount,
        sum(n_flags) as n_flags
    from deal_flags
    group by owner_key
),

reps as (
    select
        users.user_id,
        users.name,
        users.team,
        coalesce(deals.n_open, 0) as n_open,
        coalesce(deals.open_amount, 0) as open_amount,
        coalesce(deals.n_won, 0) as n_won,
        coalesce(deals.won_amount, 0) as won_amount,
        goals.target_amount,
        goals.target_to_date,
        coalesce(risks.n_at_risk, 0) as n_at_risk,
        coalesce(risks.at_risk_amount, 0) as at_risk_amount,
        coalesce(risks.n_flags, 0) as n_flags,
        coalesce(users.left_on <= $as_of, false) as has_left,
        ranked.need as clear_need,
        ranked.need_amount as clear_amount,
        ranked.excess_amount,
        ranked.n_deals as n_clear,
        goals.target_to_date >= 0.5 * cast(goals.target_amount as double)
        and coalesce(cast(deals.won_amount as double), 0) < 0.7 * goals.target_to_date as is_behind
    from users
    left join deals on deals.owner_key = users.user_key
    left join goals on goals.owner_key = users.user_key
    left join risks on risks.owner_key = users.user_key
    left join ranked on ranked.owner_key = users.user_key and ranked.rank = 1
    where deals.n_open > 0
        or (coalesce(users.left_on > $as_of, true) and (users.role = 'rep' or goals.target_amount > 0))
)

select
    user_id,
    name,
    team,
    cast(n_open as bigint) as n_open,
    cast(open_amount as decimal(18, 2)) as open_amount,
    cast(n_won as bigint) as n_won,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(target_amount as decimal(18, 2)) as target_amount,
    cast(target_to_date as decimal(18, 2)) as target_to_date,
    cast(won_amount as double) / nullif(cast(target_amount as double), 0) as attainment,
    cast(n_at_risk as bigint) as n_at_risk,
    cast(at_risk_amount as decimal(18, 2)) as at_risk_amount,
    cast(n_flags as bigint) as n_flags,
    case
        when has_left then 'left_behind'
        when clear_need is not null then clear_need
        when is_behind then 'behind_target'
        else 'none'
    end as need,
    cast(
        case
            when has_left then open_amount
            when clear_need is not null then clear_amount
            when is_behind then target_to_date - cast(won_amount as double)
        end
        as decimal(18, 2)
    ) as need_amount,
    cast(case when has_left then 0 else coalesce(excess_amount, 0) end as decimal(18, 2)) as excess_amount,
    cast(case when has_left then n_open else coalesce(n_clear, 0) end as bigint) as n_need
from reps
order by excess_amount desc nulls last, need_amount desc nulls last, at_risk_amount desc nulls last, user_id asc nulls last
