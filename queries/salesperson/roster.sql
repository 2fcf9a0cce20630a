-- What: every salesperson with result, pipeline and warnings: who needs what from his manager.
-- Row: one salesperson: employed at as_of, and a rep by role, or owner of an open deal, or holder of a revenue target in the period.
-- Definition: won = deals closed as won in the period, dated by closed_on. Target = revenue targets of the months that touch the period;
--   target to date = past months whole, the running month by its share of days, months to come nothing. Warnings as in deal_flags.
--   Need = the warning under which most of his open money stands (behind_target where no deal is flagged but less than 70 % of the
--   target to date is won; none otherwise).
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
--   n_flagged bigint: open deals with at least one warning
--   flagged_amount decimal(18,2): their money, reporting currency
--   n_flags bigint: warnings on them
--   need varchar: silent, slipped, ahead, single_threaded, no_next_step, discount, behind_target, none
--   need_amount decimal(18,2): money under that warning, or missing to the target to date
--   n_need bigint: deals under that warning
-- Leaves out: people who left; managers without deals and targets.
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
    select owner_key, 'silent' as need, 1 as position, amount from deal_flags where is_silent
    union all
    select owner_key, 'slipped' as need, 2 as position, amount from deal_flags where is_slipped
    union all
    select owner_key, 'ahead' as need, 3 as position, amount from deal_flags where is_ahead
    union all
    select owner_key, 'no_next_step' as need, 4 as position, amount from deal_flags where has_no_next_step
    union all
    select owner_key, 'single_threaded' as need, 5 as position, amount from deal_flags where is_single_threaded
    union all
    select owner_key, 'discount' as need, 6 as position, amount from deal_flags where is_discounted
),

by_need as (
    select owner_key, need, position, count(*) as n_deals, sum(coalesce(amount, 0)) as need_amount
    from warnings
    group by owner_key, need, position
),

ranked as (
    select
        owner_key,
        need,
        n_deals,
        need_amount,
        row_number() over (partition by owner_key order by need_amount desc nulls last, position asc nulls last) as place
    from by_need
),

flagged as (
    select
        owner_key,
        count(*) as n_flagged,
        sum(amount) as flagged_amount,
        sum(n_flags) as n_flags
    from deal_flags
    where n_flags > 0
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
        coalesce(flagged.n_flagged, 0) as n_flagged,
        coalesce(flagged.flagged_amount, 0) as flagged_amount,
        coalesce(flagged.n_flags, 0) as n_flags,
        ranked.need as worst_flag,
        ranked.need_amount as worst_amount,
        ranked.n_deals as n_worst,
        coalesce(cast(deals.won_amount as double), 0) < 0.7 * goals.target_to_date as is_behind
    from users
    left join deals on deals.owner_key = users.user_key
    left join goals on goals.owner_key = users.user_key
    left join flagged on flagged.owner_key = users.user_key
    left join ranked on ranked.owner_key = users.user_key and ranked.place = 1
    where (users.left_on is null or users.left_on > $as_of)
        and (users.role = 'rep' or deals.n_open > 0 or goals.target_amount > 0)
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
    cast(n_flagged as bigint) as n_flagged,
    cast(flagged_amount as decimal(18, 2)) as flagged_amount,
    cast(n_flags as bigint) as n_flags,
    case when worst_flag is not null then worst_flag when is_behind then 'behind_target' else 'none' end as need,
    cast(
        case when worst_flag is not null then worst_amount when is_behind then target_to_date - cast(won_amount as double) else 0 end
        as decimal(18, 2)
    ) as need_amount,
    cast(coalesce(n_worst, 0) as bigint) as n_need
from reps
order by flagged_amount desc nulls last, user_id asc nulls last
