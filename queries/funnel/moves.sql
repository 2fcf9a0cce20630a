-- What: the way the deals of the cohort took: step by step, over skipped stages, back, to won, to lost, or not further yet.
-- Row: one pair of stages and one kind of move.
-- Definition: from each stage in which a deal really stood to the next higher one in which it stood, or to its end; so every deal
--   enters a stage once and leaves it once (won, lost, open), and what flows into a stage flows out of it. Skips are moves over at least one stage.
--   Steps back are events of the stage history and stand apart (kind back); a deal that went back twice is one deal of two moves.
-- Parameters:
--   pipeline varchar: pipeline
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
-- Columns:
--   kind varchar: step, skip, won, lost, open or back
--   from_position integer: place of the stage left
--   from_stage varchar: its name
--   to_position integer: place of the stage entered; null for won, lost and open
--   to_stage varchar: its name
--   n_deals bigint: deals
--   n_moves bigint: moves; more than deals only for kind back
--   amount decimal(18,2): amount of these deals, reporting currency
-- Leaves out: deals lost without a word on the stage; moves between lost and open (reopening); for deals without exported history, skips and steps back can't be seen.
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
deals as (
    select opportunity_key, outcome, coalesce(amount, 0) as amount
    from deal_facts
    where pipeline is not distinct from $pipeline
        and created_on >= $period_start
        and created_on < $period_end
        and (outcome <> 'lost' or is_loss_stage_known)
),
stood as (
    select
        e.opportunity_key,
        e.position,
        lead(e.position) over (partition by e.opportunity_key order by e.position) as next_position
    from stage_entries as e
    inner join deals as d on d.opportunity_key = e.opportunity_key
    where not e.is_skipped
),
onward as (
    select
        case
            when s.next_position is null then d.outcome
            when s.next_position > s.position + 1 then 'skip'
            else 'step'
        end as kind,
        s.position as from_position,
        s.next_position as to_position,
        d.opportunity_key,
        d.amount
    from stood as s
    inner join deals as d on d.opportunity_key = s.opportunity_key
),
steps_back as (
    select
        'back' as kind,
        f.position as from_position,
        t.position as to_position,
        d.opportunity_key,
        d.amount
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    inner join open_stages as f on f.stage = c.from_stage
    inner join open_stages as t on t.stage = c.to_stage
    where t.position < f.position
),
moves as (
    select kind, from_position, to_position, opportunity_key, amount, count(*) as n_moves
    from onward
    group by kind, from_position, to_position, opportunity_key, amount
    union all
    select kind, from_position, to_position, opportunity_key, amount, count(*) as n_moves
    from steps_back
    group by kind, from_position, to_position, opportunity_key, amount
),
grouped as (
    select
        kind,
        from_position,
        to_position,
        count(*) as n_deals,
        sum(n_moves) as n_moves,
        sum(amount) as amount
    from moves
    group by kind, from_position, to_position
)
select
    g.kind as kind,
    cast(g.from_position as integer) as from_position,
    f.stage as from_stage,
    cast(g.to_position as integer) as to_position,
    t.stage as to_stage,
    cast(g.n_deals as bigint) as n_deals,
    cast(g.n_moves as bigint) as n_moves,
    cast(g.amount as decimal(18, 2)) as amount
from grouped as g
inner join open_stages as f on f.position = g.from_position
left join open_stages as t on t.position = g.to_position
order by from_position, to_position nulls last, kind
