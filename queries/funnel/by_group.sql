-- What: how deals of the cohort fared by source, team, salesperson, region, product family or size: over the whole way, or at one step.
-- Row: one group; null is the deals for which the dimension is not stated.
-- Definition: entry cohort by creation. With position 0 the question is winning: entered = created, forward = won. With the position of a
--   stage it is that step: entered = reached it, forward = went further. The rate is forward ÷ (forward + lost), with Wilson's 95 % interval. Fewer than
--   5 decided deals are too few to judge. No ranking on noise: a group is told apart (verdict high or low) only when the judged groups together are not
--   alike, by Pearson's χ² at 5 %, and its own rate differs from that of all others together by more standard errors than luck explains among that many
--   groups (5 % shared out among them, Bonferroni, and never less than 2.576); else the verdict is same, and such groups come in order of size. The
--   shrunk rate is the mean of Beta(m κ, (1−m) κ) after the group's own deals (metrics §2.3): m of all groups together, κ by the method of
--   moments over the judged groups, between 5 and 500 (more could not be told from alike), 20 when there are not two of them; its 90 % interval and
--   the chance of lying above m by the normal approximation of its log odds. Metrics §2.3 asks for the chance of lying above the median of
--   the groups: the average is taken, since groups are of unequal size. χ² becomes a probability by Wilson and Hilferty, good to about 0.005.
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
--   shrunk_low double: lower end of its 90 % interval
--   shrunk_high double: upper end of its 90 % interval
--   above_chance double: chance that the group lies above the average, 0 to 1
--   average_rate double: of all groups together, 0 to 1
--   kappa double: deals of the average that each group's rate is shrunk by
--   n_judged bigint: groups with at least 5 decided deals
--   luck_chance double: chance that luck alone makes the judged groups differ as much, 0 to 1; null when there are not two of them
--   verdict varchar: high or low: told apart from the others; same: not; few: too few decided to judge
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
        n_forward + n_lost >= 5 as is_judged,
        sum(n_forward) over () as all_forward,
        sum(n_forward + n_lost) over () as all_decided
    from counts
),
judged as (
    select
        cast(count(*) as double) as n_judged,
        cast(count(*) - 1 as double) as freedom,
        sum(n_forward) / nullif(sum(m), 0) as rate,
        sum(m) - sum(m * m) / nullif(sum(m), 0) as spread
    from totals
    where is_judged
),
-- Pearson's statistic, and what it would be if groups differed by luck alone: one for each group but one.
tested as (
    select
        j.n_judged,
        j.freedom,
        sum(t.m * (t.p - j.rate) * (t.p - j.rate)) / nullif(j.rate * (1 - j.rate), 0) as chi,
        -- Σ (1 − mᵢ/M)(mᵢ − 1)
        j.spread - j.freedom as scale
    from totals as t
    cross join judged as j
    where t.is_judged
    group by j.n_judged, j.freedom, j.rate, j.spread
),
-- χ² as a deviation of the normal distribution (Wilson and Hilferty), and the deviation that leaves 5 % ÷ groups outside (Abramowitz and Stegun 26.2.23).
tails as (
    select
        *,
        sqrt(-2 * ln(0.025 / nullif(n_judged, 0))) as tail,
        case
            when freedom > 0
            then (power(coalesce(chi, 0) / freedom, 1.0 / 3) - (1 - 2 / (9 * nullif(freedom, 0)))) / sqrt(2 / (9 * nullif(freedom, 0)))
        end as deviation
    from tested
),
levels as (
    select
        n_judged,
        1 / (exp(1.5976 * deviation + 0.070565988 * deviation * deviation * deviation) + 1) as luck_chance,
        greatest(2.576, tail - (2.515517 + 0.802853 * tail + 0.010328 * tail * tail)
            / nullif(1 + 1.432788 * tail + 0.189269 * tail * tail + 0.001308 * tail * tail * tail, 0)) as errors_needed,
        case
            when freedom = 0 or scale <= 0 then 20.0
            when coalesce(chi, 0) <= freedom then 500.0
            else least(500.0, greatest(5.0, scale / nullif(chi - freedom, 0) - 1))
        end as kappa
    from tails
),
rates as (
    select
        t.*,
        coalesce(l.n_judged, 0) as n_judged,
        l.luck_chance,
        l.errors_needed,
        coalesce(l.kappa, 20.0) as kappa,
        t.all_forward / nullif(t.all_decided, 0) as average_rate,
        1.959964 * sqrt(t.p * (1 - t.p) / t.m + 3.841459 / (4 * t.m * t.m)) as h,
        t.p - (t.all_forward - t.n_forward) / nullif(t.all_decided - t.m, 0) as gap,
        sqrt(t.all_forward / nullif(t.all_decided, 0) * (1 - t.all_forward / nullif(t.all_decided, 0))
            * (1 / t.m + 1 / nullif(t.all_decided - t.m, 0))) as gap_error
    from totals as t
    left join levels as l on true
),
posterior as (
    select
        *,
        (n_forward + kappa * average_rate) / nullif(n_forward + n_lost + kappa, 0) as shrunk_rate,
        case
            when average_rate > 0 and average_rate < 1
            then ln((n_forward + kappa * average_rate) / nullif(n_lost + kappa * (1 - average_rate), 0))
        end as log_odds,
        case when average_rate > 0 and average_rate < 1 then ln(average_rate / nullif(1 - average_rate, 0)) end as average_log_odds,
        case
            when average_rate > 0 and average_rate < 1
            then sqrt(1 / nullif(n_forward + kappa * average_rate, 0) + 1 / nullif(n_lost + kappa * (1 - average_rate), 0))
        end as log_error
    from rates
),
verdicts as (
    select
        *,
        (log_odds - average_log_odds) / nullif(log_error, 0) as above,
        case
            when not is_judged then 'few'
            when luck_chance < 0.05 and gap > errors_needed * gap_error then 'high'
            when luck_chance < 0.05 and gap < -errors_needed * gap_error then 'low'
            else 'same'
        end as verdict
    from posterior
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
    shrunk_rate,
    1 / (exp(1.644854 * log_error - log_odds) + 1) as shrunk_low,
    1 / (exp(-1.644854 * log_error - log_odds) + 1) as shrunk_high,
    1 / (exp(-1.5976 * above - 0.070565988 * above * above * above) + 1) as above_chance,
    average_rate,
    kappa,
    cast(n_judged as bigint) as n_judged,
    luck_chance,
    verdict,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(lost_amount as decimal(18, 2)) as lost_amount,
    coalesce(m, 0) < 5 as too_few,
    cast(compare_n_entered as bigint) as compare_n_entered,
    cast(compare_n_decided as bigint) as compare_n_decided,
    compare_n_forward / nullif(compare_n_decided, 0) as compare_rate
from verdicts
order by
    case verdict when 'high' then 1 when 'same' then 2 when 'low' then 3 else 4 end,
    case when verdict in ('high', 'low') then shrunk_rate end desc nulls last,
    n_entered desc,
    group_id nulls last
