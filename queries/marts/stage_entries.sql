-- What: each deal in each open stage that it reached, when, for how long, and how it left.
-- Row: one deal and one position from 1 to the highest reached (won: all open stages).
-- Definition: reached is the highest rank, so a re-entry is no second entrant and a skipped stage counts as passed.
--   entered_on is the first entry; a deal that was created in the stage entered it on the day of creation.
--   left_on is the first day from then on at which a higher stage (or won) was entered, or the closing day of the loss.
--   days adds up all stays in the stage; for a deal that is still there up to the as-of date, so it is a lower bound there.
--   A deal that came to the stage and was closed in it between two snapshots came on a day unknown, not on that of its closing.
--   exit is forward when a higher position was ever reached, else lost or open as the deal stands.
--   is_skipped only where the CRM exported the history: moves derived from two snapshots may hide a stop between.
-- Columns:
--   opportunity_key integer: join key
--   owner_key integer: users
--   account_key integer: accounts
--   pipeline varchar: pipeline
--   team varchar: team of the owner
--   source varchar: where the deal came from
--   position integer: position of the stage
--   stage varchar: stage
--   entered_on date: first entry; null unknown
--   left_on date: day of leaving; null while there or unknown
--   days double: days in the stage; null unknown
--   exit varchar: forward, lost, open
--   n_visits integer: stays in the stage; null unknown
--   is_skipped boolean: passed without a stay
--   created_on date: day of creation of the deal
--   amount decimal(18,2): reporting currency
with deals as not materialized (
    -- The deals are read anew for each use, each time only the columns it needs: kept once, all of them would be.
    select
        opportunity_key, owner_key, account_key, pipeline, team, source, outcome, amount, stage, created_on, closed_on,
        stage_position, reached_position, n_stages, stage_entered_on,
        case
            when outcome = 'open' then $as_of
            when closed_on is not null then least(closed_on, $as_of)
        end as last_day
    from deal_facts
),
positions as (
    select
        pipeline,
        stage,
        case outcome when 'open' then position when 'won' then 1000 when 'lost' then 0 end as rank
    from stages
),
changes as (
    select
        c.opportunity_key,
        c.changed_at,
        coalesce(c.is_derived, false) as is_derived,
        coalesce(
            c.is_derived and c.from_stage is not null and d.outcome <> 'open' and t.rank between 1 and 999
            and cast(c.changed_at as date) >= d.closed_on, false
        ) as is_undated,
        f.rank as from_rank,
        t.rank as to_rank,
        cast(row_number() over (
            partition by c.opportunity_key
            order by c.changed_at, c.source_record nulls first, t.rank, f.rank nulls first
        ) as integer) as number
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    inner join positions as t on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage
    left join positions as f on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage
    where c.changed_at is not null and cast(c.changed_at as date) <= $as_of
),
entries as (
    select opportunity_key, number, to_rank as rank, cast(changed_at as date) as entered_on, is_undated
    from changes
    union all
    -- The stage that a deal was created in: the one its first move left, or the only one it was ever seen in.
    select c.opportunity_key, 0, c.from_rank, d.created_on, false
    from changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    where c.number = 1 and c.from_rank between 1 and 999
    union all
    select d.opportunity_key, 0, d.stage_position, coalesce(d.stage_entered_on, if(d.stage_position = 1, d.created_on, null)), false
    from deals as d
    anti join changes as c on c.opportunity_key = d.opportunity_key
    where d.outcome = 'open' and d.stage_position is not null
),
runs as (
    select
        opportunity_key, number, rank, entered_on, is_undated,
        lag(rank) over (partition by opportunity_key order by number) is distinct from rank as is_new
    from entries
),
stays as (
    select
        r.opportunity_key, r.rank, r.entered_on, r.is_undated,
        lead(r.entered_on) over (partition by r.opportunity_key order by r.number) as next_on
    from runs as r
    where r.is_new
),
visits as (
    select
        s.opportunity_key,
        s.rank,
        count(*) as n_visits,
        min(s.entered_on) filter (where not s.is_undated) as entered_on,
        -- Unknown when any of the stays has no known beginning or end.
        case
            when bool_and(s.entered_on is not null and not s.is_undated and coalesce(s.next_on, d.last_day) is not null)
                then sum(greatest(0, coalesce(s.next_on, d.last_day) - s.entered_on))
        end as days
    from stays as s
    inner join deals as d on d.opportunity_key = s.opportunity_key
    where s.rank between 1 and 999
    group by s.opportunity_key, s.rank
),
histories as (
    select
        opportunity_key,
        bool_or(not is_derived) as is_exported
    from changes
    group by opportunity_key
),
steps as (
    select d.*, coalesce(h.is_exported, false) as is_exported, unnest(range(1, d.reached_position + 1)) as position
    from deals as d
    left join histories as h on h.opportunity_key = d.opportunity_key
),
ladder as (
    select d.*, s.stage as rung
    from steps as d
    inner join stages as s
        on s.pipeline is not distinct from d.pipeline and s.outcome = 'open' and s.position = d.position
),
passed as (
    -- First entry of any higher stage at or after the first entry of this one.
    select v.opportunity_key, v.rank, min(s.entered_on) as passed_on
    from visits as v
    inner join stays as s
        on s.opportunity_key = v.opportunity_key and s.rank > v.rank and s.entered_on >= v.entered_on
    group by v.opportunity_key, v.rank
)
select
    l.opportunity_key,
    l.owner_key,
    l.account_key,
    l.pipeline,
    l.team,
    l.source,
    cast(l.position as integer) as position,
    l.rung as stage,
    v.entered_on,
    case
        when v.entered_on is null then null
        when l.position < l.reached_position then coalesce(p.passed_on, if(l.outcome = 'won', greatest(l.closed_on, v.entered_on), null))
        when l.outcome = 'lost' then greatest(l.closed_on, v.entered_on)
    end as left_on,
    cast(v.days as double) as days,
    case
        when l.position < l.reached_position then 'forward'
        when l.outcome = 'lost' then 'lost'
        else 'open'
    end as exit,
    cast(coalesce(v.n_visits, if(l.is_exported, 0, null)) as integer) as n_visits,
    l.is_exported and v.n_visits is null and l.position < l.reached_position as is_skipped,
    l.created_on,
    l.amount
from ladder as l
left join visits as v on v.opportunity_key = l.opportunity_key and v.rank = l.position
left join passed as p on p.opportunity_key = l.opportunity_key and p.rank = l.position
