-- What: how deals of the cohort fared by source, team, salesperson, region, product family or size: over the whole way, or at one step.
-- Row: one group; null is the deals for which the dimension is not stated.
-- Definition: entry cohort by creation. With position 0 the question is winning: entered = created, forward = won. With the position of
--   a stage it is that step: entered = reached it, forward = went further. The rate is forward ÷ (forward + lost), with Wilson's 95 % interval. The shrunk
--   rate adds 20 deals of the average of all groups, (forward + 20 m) ÷ (decided + 20), and is what may be ranked (metrics §2, 3; κ fixed at
--   20 as for firm_stage_odds, instead of estimated, so that a group's rate does not move because another group was filtered out). Fewer than
--   5 decided deals are too few to judge. Different from the rest: the two proportions differ by more than 2.576 standard
--   errors (99 %, because several groups are looked at).
-- Parameters:
--   pipeline varchar: pipeline
--   dimension varchar: source, team, owner, region, product_family or size_band
--   position integer: 0 for the whole way, else the place of a stage
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   group_id varchar: code of the group: user_id for owner, else the value; null when not stated
--   group_name varchar: what to show: name for owner, else the value
--   n_entered bigint: deals that entered
--   n_forward bigint: of those, won or gone further
--   n_lost bigint: of those, lost there
--   n_open bigint: of those, undecided
--   rate double: forward ÷ (forward + lost), 0 to 1; null when none is decided
--   rate_low double: lower end of its 95 % interval
--   rate_high double: upper end of its 95 % interval
--   shrunk_rate double: 0 to 1
--   average_rate double: of all groups together, 0 to 1
--   is_different boolean: told apart from the other groups together at 99 %
--   won_amount decimal(18,2): amount of the group's deals that entered and were won, reporting currency
--   lost_amount decimal(18,2): amount of the deals lost there, reporting currency
--   too_few boolean: fewer than 5 decided
--   compare_n_entered bigint: comparison cohort
--   compare_n_decided bigint: comparison cohort
--   compare_rate double: comparison cohort, 0 to 1
-- Leaves out: at a step, deals lost without a word on the stage; deals without a creation date; deals of other pipelines.
with deals as (
    select
        f.*,
        u.user_id,
        u.name as owner_name,
        case
            when $position = 0 then f.outcome = 'won'
            else f.reached_position > $position
        end as is_forward,
        case
            when $position = 0 then f.outcome = 'lost'
            else f.reached_position = $position and f.outcome = 'lost' and f.is_loss_stage_known
        end as is_lost,
        f.created_on >= $period_start and f.created_on < $period_end as is_now
    from deal_facts as f
    left join users as u on u.user_key = f.owner_key
    where f.pipeline is not distinct from $pipeline
        and f.reached_position >= $position
        and ($position = 0 or f.outcome <> 'lost' or f.is_loss_stage_known)
        and (
            f.created_on >= $period_start and f.created_on < $period_end
            or f.created_on >= $compare_start and f.created_on < $compare_end
        )
),
named as (
    select
        case $dimension
            when 'source' then source
            when 'team' then team
            when 'owner' then user_id
            when 'region' then region
            when 'product_family' then product_family
            when 'size_band' then size_band
        end as group_id,
        case $dimension
            when 'source' then source
            when 'team' then team
            when 'owner' then owner_name
            when 'region' then region
            when 'product_family' then product_family
            when 'size_band' then size_band
        end as group_name,
        is_now,
        is_forward,
        is_lost,
        outcome,
        coalesce(amount, 0) as amount
    from deals
),
counts as (
    select
        group_id,
        max(group_name) as group_name,
        count(*) filter (where is_now) as n_entered,
        cast(count(*) filter (where is_now and is_forward) as double) as n_forward,
        cast(count(*) filter (where is_now and is_lost) as double) as n_lost,
        coalesce(sum(amount) filter (where is_now and outcome = 'won'), 0) as won_amount,
        coalesce(sum(amount) filter (where is_now and is_lost), 0) as lost_amount,
        count(*) filter (where not is_now) as compare_n_entered,
        cast(count(*) filter (where not is_now and is_forward) as double) as compare_n_forward,
        cast(count(*) filter (where not is_now and (is_forward or is_lost)) as double) as compare_n_decided
    from named
    group by group_id
),
totals as (
    select
        *,
        n_forward / nullif(n_forward + n_lost, 0) as p,
        nullif(n_forward + n_lost, 0) as m,
        sum(n_forward) over () as all_forward,
        sum(n_forward + n_lost) over () as all_decided
    from counts
),
rates as (
    select
        *,
        all_forward / nullif(all_decided, 0) as average_rate,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h,
        p - (all_forward - n_forward) / nullif(all_decided - m, 0) as gap,
        sqrt(all_forward / nullif(all_decided, 0) * (1 - all_forward / nullif(all_decided, 0))
            * (1 / m + 1 / nullif(all_decided - m, 0))) as gap_error
    from totals
)
select
    group_id,
    group_name,
    cast(n_entered as bigint) as n_entered,
    cast(n_forward as bigint) as n_forward,
    cast(n_lost as bigint) as n_lost,
    cast(n_entered - n_forward - n_lost as bigint) as n_open,
    p as rate,
    (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) as rate_low,
    (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) as rate_high,
    (n_forward + 20 * average_rate) / (n_forward + n_lost + 20) as shrunk_rate,
    average_rate,
    coalesce(m >= 5 and abs(gap) > 2.576 * gap_error, false) as is_different,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(lost_amount as decimal(18, 2)) as lost_amount,
    coalesce(m, 0) < 5 as too_few,
    cast(compare_n_entered as bigint) as compare_n_entered,
    cast(compare_n_decided as bigint) as compare_n_decided,
    compare_n_forward / nullif(compare_n_decided, 0) as compare_rate
from rates
order by too_few, shrunk_rate desc nulls last, n_entered desc, group_id nulls last
