-- What: chance of winning a deal that reached a stage, from the whole firm's decided deals.
-- Row: one open stage of one pipeline.
-- Definition: n_decided counts won and lost deals that reached the stage or a later one; won deals reached all stages.
--   odds = (n_won + 20 m) / (n_decided + 20): shrunk to m, the win rate of the pipeline (of the firm where the pipeline has none
--   decided), so that three lucky deals do not make a stage a sure thing. With nothing decided at all: the CRM's probability.
-- Columns:
--   pipeline varchar: pipeline
--   position integer: position of the stage
--   stage varchar: stage
--   n_decided bigint: deals
--   n_won bigint: deals
--   odds double: 0 to 1
with decided as (
    select pipeline, reached_position, count(*) as n_decided, count(*) filter (where outcome = 'won') as n_won
    from deal_facts
    where outcome in ('won', 'lost')
    group by pipeline, reached_position
),
pipeline_rates as (
    select pipeline, sum(n_won) / sum(n_decided) as win_rate from decided group by pipeline
),
counted as (
    select
        s.pipeline,
        s.position,
        s.stage,
        s.default_probability,
        coalesce(r.win_rate, f.win_rate) as mean_rate,
        coalesce(sum(d.n_decided), 0) as n_decided,
        coalesce(sum(d.n_won), 0) as n_won
    from stages as s
    cross join (select sum(n_won) / sum(n_decided) as win_rate from decided) as f
    left join pipeline_rates as r on r.pipeline is not distinct from s.pipeline
    left join decided as d on d.pipeline is not distinct from s.pipeline and d.reached_position >= s.position
    where s.outcome = 'open'
    group by all
)
select
    pipeline,
    cast(position as integer) as position,
    stage,
    cast(n_decided as bigint) as n_decided,
    cast(n_won as bigint) as n_won,
    cast(coalesce((n_won + 20 * mean_rate) / (n_decided + 20), default_probability) as double) as odds
from counted
