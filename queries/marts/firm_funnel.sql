-- What: the firm's and each team's funnel of the last year, for comparison; aggregates only.
-- Row: one open stage of one pipeline, for the whole firm (team null) and for each team of at least three owners.
-- Definition: deals created in the 365 days up to the as-of date, by the highest stage reached (stage_entries). Smaller teams
--   are left out: their sums would show one colleague's deals to another.
-- Columns:
--   pipeline varchar: pipeline
--   team varchar: team; null = the whole firm
--   position integer: position of the stage
--   stage varchar: stage
--   n_entered bigint: deals that reached the stage
--   n_forward bigint: of those, that went further
--   n_lost bigint: of those, lost there
--   n_open bigint: of those, still there
with entries as (
    select pipeline, team, position, stage, exit, owner_key
    from stage_entries
    where created_on > $as_of - 365 and created_on <= $as_of
),
teams as (
    select team
    from entries
    where team is not null
    group by team
    having count(distinct owner_key) >= 3
),
levels as (
    select pipeline, cast(null as varchar) as team, position, stage, exit from entries
    union all
    select e.pipeline, e.team, e.position, e.stage, e.exit
    from entries as e
    semi join teams as t on t.team = e.team
)
select
    pipeline,
    team,
    position,
    stage,
    count(*) as n_entered,
    count(*) filter (where exit = 'forward') as n_forward,
    count(*) filter (where exit = 'lost') as n_lost,
    count(*) filter (where exit = 'open') as n_open
from levels
group by pipeline, team, position, stage
