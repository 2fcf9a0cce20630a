-- What: how one salesperson's deals pass the stages, next to his team's and the firm's.
-- Row: one open stage of a pipeline in which he has deals.
-- Definition: deals created in the 365 days up to as_of, by the stages they reached (a skipped stage counts as passed). Passed = forward /
--   (forward + lost): deals still in the stage are counted beside it and not against it, so that young deals do not look like failures.
--   Wilson's 95 % interval. Team and firm come from firm_funnel, aggregates that include his own deals.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
-- Columns:
--   pipeline varchar: pipeline
--   position bigint: from 1
--   stage varchar: as the CRM names it
--   n_entered bigint: his deals that reached it
--   n_forward bigint: went on
--   n_lost bigint: were lost there
--   n_open bigint: are there
--   forward_rate double: 0 to 1; null when none is decided
--   forward_low double: lower bound
--   forward_high double: upper bound
--   team_rate double: 0 to 1; null when the team is too small to be shown
--   team_n bigint: deals behind it
--   firm_rate double: 0 to 1
--   firm_n bigint: deals behind it
-- Leaves out: losses whose stage is not known.
with person as (
    select user_key, team from users where user_id = $user_id
),

mine as (
    select
        stage_entries.pipeline,
        stage_entries.position,
        max(stage_entries.stage) as stage,
        count(*) as n_entered,
        count(case when stage_entries.exit = 'forward' then 1 end) as n_forward,
        count(case when stage_entries.exit = 'lost' then 1 end) as n_lost,
        count(case when stage_entries.exit = 'open' then 1 end) as n_open
    from stage_entries
    inner join person on person.user_key = stage_entries.owner_key
    where stage_entries.created_on > cast($as_of - interval 365 day as date) and stage_entries.created_on <= $as_of
    group by stage_entries.pipeline, stage_entries.position
),

team as (
    select firm_funnel.pipeline, firm_funnel.position, firm_funnel.n_forward, firm_funnel.n_forward + firm_funnel.n_lost as n_decided
    from firm_funnel
    inner join person on person.team = firm_funnel.team
),

firm as (
    select pipeline, position, n_forward, n_forward + n_lost as n_decided
    from firm_funnel
    where team is null
),

rated as (
    select
        mine.pipeline,
        mine.position,
        mine.stage,
        mine.n_entered,
        mine.n_forward,
        mine.n_lost,
        mine.n_open,
        cast(mine.n_forward as double) / nullif(cast(mine.n_forward + mine.n_lost as double), 0) as rate,
        3.8416 / nullif(cast(mine.n_forward + mine.n_lost as double), 0) as z2n,
        cast(team.n_forward as double) / nullif(cast(team.n_decided as double), 0) as team_rate,
        team.n_decided as team_n,
        cast(firm.n_forward as double) / nullif(cast(firm.n_decided as double), 0) as firm_rate,
        firm.n_decided as firm_n
    from mine
    left join team on team.pipeline = mine.pipeline and team.position = mine.position
    left join firm on firm.pipeline = mine.pipeline and firm.position = mine.position
)

select
    pipeline,
    cast(position as bigint) as position,
    stage,
    cast(n_entered as bigint) as n_entered,
    cast(n_forward as bigint) as n_forward,
    cast(n_lost as bigint) as n_lost,
    cast(n_open as bigint) as n_open,
    rate as forward_rate,
    case when rate is not null then
        greatest(0.0, (rate + z2n / 2 - sqrt(rate * (1 - rate) * z2n + z2n * z2n / 4)) / (1 + z2n))
    end as forward_low,
    case when rate is not null then
        least(1.0, (rate + z2n / 2 + sqrt(rate * (1 - rate) * z2n + z2n * z2n / 4)) / (1 + z2n))
    end as forward_high,
    team_rate,
    cast(coalesce(team_n, 0) as bigint) as team_n,
    firm_rate,
    cast(coalesce(firm_n, 0) as bigint) as firm_n
from rated
order by pipeline asc nulls last, position asc nulls last
