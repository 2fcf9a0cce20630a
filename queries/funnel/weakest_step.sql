-- What: which step of the way, lifted to the level of its best comparable group, would bring most.
-- Row: one open stage of the pipeline, seen as the step out of it.
-- Definition: the rate of a step is forward ÷ (forward + lost) in the entry cohort. It is held against the best team of the firm (deals created
--   in the 365 days before the snapshot, whatever the filters, from firm_funnel) and against the own level in the comparison cohort; only groups with
--   at least 20 decided deals count, teams only beside as many of others, and their rate is shrunk by 20 deals (teams to the firm's rate, the own past to the present rate), since the
--   best of several is partly luck. worth = decided deals × (shrunk benchmark − rate) × odds of winning from the next stage on × average amount
--   won, nothing when the benchmark is not higher. Certain: the raw rates differ by more than 2.576 standard errors (99 %, because several groups are
--   tried). Fallen: below the comparison cohort by more than 1.645 standard errors (95 %, one-sided). Weakest: among certain steps one that has
--   fallen goes first, since a gap that is also new is a loss that can be traced, while an old one between teams may be their customers;
--   then the one worth most. Without a certain step, the one worth most.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   position integer: place of the stage, from 1
--   stage varchar: stage
--   next_stage varchar: the stage after it; won for the last
--   n_decided bigint: deals that went forward or were lost there
--   n_lost bigint: of those, lost
--   lost_amount decimal(18,2): reporting currency
--   rate double: forward ÷ decided, 0 to 1
--   compare_rate double: comparison cohort, 0 to 1
--   compare_n bigint: decided deals of the comparison cohort
--   benchmark_kind varchar: team or past; null when no group has 20 decided deals
--   benchmark_name varchar: name of the team; null for past
--   benchmark_rate double: its raw rate, 0 to 1
--   benchmark_n bigint: its decided deals
--   lifted_rate double: its shrunk rate, 0 to 1
--   extra_forward double: deals that would have gone forward
--   downstream_odds double: share of them that would be won, 0 to 1
--   average_won_amount decimal(18,2): reporting currency
--   worth_amount decimal(18,2): reporting currency
--   is_certain boolean: told apart at 99 %
--   is_fallen boolean: below the comparison cohort at 95 %
--   is_weakest boolean: the step to work on; at most one row
-- Leaves out: deals lost without a word on the stage; deals without a creation date; deals of other pipelines.
with open_stages as (
    select position, stage, lead(stage) over (order by position) as following_stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
won_stages as (
    select min(stage) as stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'won'
),
deals as (
    select
        reached_position,
        case when outcome = 'lost' and not coalesce(is_loss_stage_known, false) then 'unknown' else outcome end as outcome,
        coalesce(amount, 0) as amount,
        created_on >= $period_start and created_on < $period_end as is_now,
        created_on >= $compare_start and created_on < $compare_end as is_then
    from deal_facts
    where pipeline is not distinct from $pipeline
),
reached as (
    select
        reached_position,
        outcome,
        count(*) filter (where is_now) as n,
        sum(amount) filter (where is_now) as amount,
        count(*) filter (where is_then) as compare_n
    from deals
    where is_now or is_then
    group by reached_position, outcome
),
-- The average needs some wins: the cohort's, else all of the pipeline's.
won as (
    select
        coalesce(
            avg(cast(amount as double)) filter (where is_now),
            avg(cast(amount as double))
        ) as average_amount
    from deals
    where outcome = 'won'
),
odds as (
    select position, odds
    from firm_stage_odds
    where pipeline is not distinct from $pipeline
),
own as (
    select
        s.position,
        s.stage,
        s.following_stage,
        cast(coalesce(sum(r.n) filter (where r.reached_position > s.position and r.outcome <> 'unknown'), 0) as double) as n_forward,
        cast(coalesce(sum(r.n) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0) as double) as n_lost,
        coalesce(sum(r.amount) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0) as lost_amount,
        cast(coalesce(sum(r.compare_n) filter (where r.reached_position > s.position and r.outcome <> 'unknown'), 0) as double) as compare_n_forward,
        cast(coalesce(sum(r.compare_n) filter (where r.reached_position = s.position and r.outcome = 'lost'), 0) as double)
            as compare_n_lost
    from open_stages as s
    left join reached as r on r.reached_position >= s.position
    group by s.position, s.stage, s.following_stage
),
-- Firm_funnel counts losses of unknown stage at the first one, which then can't be compared.
unknown as (
    select count(*) filter (where outcome = 'unknown') as n_unknown
    from deals
),
firm as (
    select
        position,
        cast(sum(n_forward) as double) as n_forward,
        cast(sum(n_forward + n_lost) as double) as n_decided
    from firm_funnel
    where pipeline is not distinct from $pipeline and team is null
    group by position
),
teams as (
    select
        'team' as kind,
        t.team as group_name,
        t.position,
        cast(t.n_forward as double) as n_forward,
        cast(t.n_forward + t.n_lost as double) as n_decided,
        f.n_forward / nullif(f.n_decided, 0) as prior,
        f.n_forward - t.n_forward as n_forward_rest,
        f.n_decided - t.n_forward - t.n_lost as n_decided_rest
    from firm_funnel as t
    inner join firm as f on f.position = t.position
    cross join unknown as x
    where t.pipeline is not distinct from $pipeline and t.team is not null and (t.position > 1 or x.n_unknown = 0)
),
groups as (
    select kind, group_name, position, n_forward, n_decided, prior, n_forward_rest, n_decided_rest
    from teams
    union all
    select
        'past' as kind,
        cast(null as varchar) as group_name,
        position,
        compare_n_forward as n_forward,
        compare_n_forward + compare_n_lost as n_decided,
        n_forward / nullif(n_forward + n_lost, 0) as prior,
        n_forward as n_forward_rest,
        n_forward + n_lost as n_decided_rest
    from own
),
compared as (
    select
        *,
        n_forward / n_decided as raw_rate,
        (n_forward + 20 * prior) / (n_decided + 20) as lifted_rate,
        (n_forward + n_forward_rest) / (n_decided + n_decided_rest) as pooled
    from groups
    where n_decided >= 20 and (kind = 'past' or n_decided_rest >= 20)
),
tested as (
    select
        *,
        coalesce(
            n_decided_rest >= 20
            and raw_rate - n_forward_rest / nullif(n_decided_rest, 0)
                > 2.576 * sqrt(pooled * (1 - pooled) * (1 / nullif(n_decided, 0) + 1 / nullif(n_decided_rest, 0))),
            false
        ) as is_certain
    from compared
),
ranked as (
    select
        *,
        row_number() over (
            partition by position order by is_certain desc, lifted_rate desc nulls last, kind, group_name nulls last
        ) as place
    from tested
),
lifted as (
    select
        o.*,
        o.n_forward / nullif(o.n_forward + o.n_lost, 0) as rate,
        b.kind,
        b.group_name,
        b.raw_rate,
        b.n_decided as benchmark_n,
        b.lifted_rate,
        coalesce(b.is_certain, false) and o.n_forward + o.n_lost >= 20 as is_certain,
        case when o.following_stage is null then 1.0 else d.odds end as downstream_odds,
        w.average_amount
    from own as o
    cross join won as w
    left join ranked as b on b.position = o.position and b.place = 1
    left join odds as d on d.position = o.position + 1
),
worths as (
    select
        *,
        coalesce(
            n_forward + n_lost >= 20
            and compare_n_forward + compare_n_lost >= 20
            and compare_n_forward / nullif(compare_n_forward + compare_n_lost, 0) - rate > 1.645 * sqrt(
                (n_forward + compare_n_forward) / nullif(n_forward + n_lost + compare_n_forward + compare_n_lost, 0)
                * (n_lost + compare_n_lost) / nullif(n_forward + n_lost + compare_n_forward + compare_n_lost, 0)
                * (1 / nullif(n_forward + n_lost, 0) + 1 / nullif(compare_n_forward + compare_n_lost, 0))
            ),
            false
        ) as is_fallen,
        greatest((n_forward + n_lost) * (lifted_rate - rate), 0.0) as extra_forward,
        coalesce(greatest((n_forward + n_lost) * (lifted_rate - rate), 0.0) * downstream_odds * average_amount, 0) as worth
    from lifted
),
placed as (
    select
        *,
        row_number() over (
            order by is_certain and worth > 0 desc, is_certain and is_fallen desc, worth desc, position
        ) as place
    from worths
)
select
    cast(p.position as integer) as position,
    p.stage as stage,
    coalesce(p.following_stage, w.stage) as next_stage,
    cast(p.n_forward + p.n_lost as bigint) as n_decided,
    cast(p.n_lost as bigint) as n_lost,
    cast(p.lost_amount as decimal(18, 2)) as lost_amount,
    p.rate as rate,
    p.compare_n_forward / nullif(p.compare_n_forward + p.compare_n_lost, 0) as compare_rate,
    cast(p.compare_n_forward + p.compare_n_lost as bigint) as compare_n,
    p.kind as benchmark_kind,
    p.group_name as benchmark_name,
    p.raw_rate as benchmark_rate,
    cast(p.benchmark_n as bigint) as benchmark_n,
    p.lifted_rate as lifted_rate,
    p.extra_forward as extra_forward,
    cast(p.downstream_odds as double) as downstream_odds,
    cast(p.average_amount as decimal(18, 2)) as average_won_amount,
    cast(p.worth as decimal(18, 2)) as worth_amount,
    p.is_certain and p.worth > 0 as is_certain,
    p.is_fallen as is_fallen,
    p.place = 1 and p.worth > 0 as is_weakest
from placed as p
cross join won_stages as w
order by position
