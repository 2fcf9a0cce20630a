-- What: how long deals of the firm stay in each open stage.
-- Row: one open stage of one pipeline.
-- Definition: Kaplan-Meier median of the days from entry to leaving, forward or lost; deals still there count as longer than their days so
--   far. Left out of the estimate: stays whose length is not known.
-- Columns:
--   pipeline varchar: pipeline
--   position integer: from 1
--   stage varchar: as the CRM names it
--   n_stays bigint: stays that ended, with a known length
--   n_residents bigint: stays going on
--   median_days double: days; null while fewer than half of the stays ended
-- Leaves out: skipped stages.
with stays as (
    select
        pipeline,
        position,
        stage,
        days,
        exit in ('forward', 'lost') as is_ended
    from stage_entries
    where days is not null and days >= 0 and not coalesce(is_skipped, false)
),

counts as (
    select
        pipeline,
        position,
        max(stage) as stage,
        count(*) filter (where is_ended) as n_stays,
        count(*) filter (where not is_ended) as n_residents
    from stays
    group by pipeline, position
),

moments as (
    select
        pipeline,
        position,
        days,
        count(*) filter (where is_ended) as n_ended,
        count(*) as n_gone
    from stays
    group by pipeline, position, days
),

at_risk as (
    select
        pipeline,
        position,
        days,
        n_ended,
        sum(n_gone) over (partition by pipeline, position order by days desc) as n_at_risk
    from moments
),

survival as (
    select
        pipeline,
        position,
        days,
        product(1 - n_ended / cast(n_at_risk as double)) over (partition by pipeline, position order by days) as remaining
    from at_risk
),

medians as (
    select pipeline, position, min(days) as median_days
    from survival
    where remaining <= 0.5
    group by pipeline, position
)

select
    counts.pipeline,
    cast(counts.position as integer) as position,
    counts.stage,
    cast(counts.n_stays as bigint) as n_stays,
    cast(counts.n_residents as bigint) as n_residents,
    cast(medians.median_days as double) as median_days
from counts
left join medians on medians.pipeline is not distinct from counts.pipeline and medians.position = counts.position
