-- What: the deals that stood in one stage in the period, the largest first, and where each went from there.
-- Row: one deal, at most 1,000 of them.
-- Definition: the deals behind one row of funnel/active, told the same way: 'all' that stood in the stage in the period, or those that at
--   its end 'still' stand there, or have last left it 'forward', 'back' or 'lost'. Days count the last stay, up to the period's end.
-- Parameters:
--   as_of date: the snapshot's date
--   pipeline varchar: pipeline
--   position integer: place of the stage, from 1
--   outcome varchar: still, forward, back, lost or all
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: its name
--   account varchar: name of the customer
--   user_id varchar: salesperson
--   owner varchar: name of the salesperson
--   amount decimal(18,2): reporting currency
--   exit varchar: still, forward, back, lost or unplaced
--   to_stage varchar: the stage it went to; null while there, won or lost
--   outcome varchar: open, won or lost, as of the snapshot
--   entered_on date: first day of the last stay
--   left_on date: last day of it; null while there
--   days_in_stage bigint: days of it
--   n_deals bigint: deals in the whole list
-- Leaves out: deals beyond the first 1,000; those that funnel/active leaves out.
with open_stages as (
    select position, stage
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
ranks as (
    select stage, case outcome when 'open' then position when 'won' then 1000 else 0 end as rank
    from stages
    where pipeline is not distinct from $pipeline
),
span as (
    select $period_start as start_on, least($period_end, cast($as_of + interval 1 day as date)) as end_on
),
deals as (
    select
        opportunity_key,
        outcome,
        created_on,
        closed_on,
        stage_entered_on,
        stage_position,
        -- A stage that the pipeline does not know.
        coalesce(stage_position, -1) as claimed_rank
    from deal_facts
    where pipeline is not distinct from $pipeline
        and (outcome = 'open' or closed_on is null or closed_on >= $period_start)
        and (created_on is null or created_on < $period_end)
),
changes as (
    select
        c.opportunity_key,
        cast(c.changed_at as date) as changed_on,
        c.changed_at,
        c.source_record,
        f.rank as from_rank,
        -- Won between two snapshots, and by now in a later stage: nobody knows through which stages it went.
        case
            when c.is_derived and c.from_stage is not null and t.rank between 1 and 999 and d.outcome = 'won'
                and cast(c.changed_at as date) >= d.closed_on then 1000
            else t.rank
        end as to_rank,
        d.outcome,
        d.created_on,
        d.closed_on,
        d.stage_entered_on,
        d.claimed_rank
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    inner join ranks as t on t.stage = c.to_stage
    left join ranks as f on f.stage = c.from_stage
    where c.changed_at is not null and cast(c.changed_at as date) <= $as_of
),
moves as (
    select
        *,
        lag(to_rank) over (
            partition by opportunity_key order by changed_at, source_record nulls first, to_rank, from_rank nulls first
        ) as previous_rank,
        lag(changed_on) over (
            partition by opportunity_key order by changed_at, source_record nulls first, to_rank, from_rank nulls first
        ) as previous_on,
        lead(to_rank) over (
            partition by opportunity_key order by changed_at, source_record nulls first, to_rank, from_rank nulls first
        ) as following_rank,
        row_number() over (
            partition by opportunity_key order by changed_at, source_record nulls first, to_rank, from_rank nulls first
        ) as number
    from changes
),
last_moves as (
    select *
    from moves
    where following_rank is null
),
-- A stay ends with the move out of it; the first began with the deal.
stays as (
    select
        opportunity_key,
        number,
        coalesce(previous_rank, from_rank) as rank,
        coalesce(previous_on, created_on, changed_on) as entered_on,
        changed_on as left_on,
        to_rank as left_to
    from moves
    where coalesce(previous_rank, from_rank) between 1 and 999
    union all
    -- The last one of a deal that was closed, or that by now claims another stage than its history tells.
    select
        opportunity_key,
        number + 1 as number,
        to_rank as rank,
        changed_on as entered_on,
        greatest(
            changed_on,
            case when outcome = 'open' then coalesce(stage_entered_on, $as_of) else coalesce(closed_on, changed_on) end
        ) as left_on,
        case outcome when 'won' then 1000 when 'lost' then 0 else claimed_rank end as left_to
    from last_moves
    where to_rank between 1 and 999 and (outcome <> 'open' or to_rank <> claimed_rank)
    union all
    -- The one of an open deal goes on; without history it is known for the as-of day, or since the deal began.
    select
        d.opportunity_key,
        1000000 as number,
        d.claimed_rank as rank,
        case
            when l.opportunity_key is null
                then coalesce(d.stage_entered_on, case when d.stage_position = 1 then d.created_on end, $as_of)
            when l.to_rank = d.claimed_rank then l.changed_on
            else greatest(l.changed_on, coalesce(d.stage_entered_on, $as_of))
        end as entered_on,
        cast(null as date) as left_on,
        cast(null as integer) as left_to
    from deals as d
    left join last_moves as l on l.opportunity_key = d.opportunity_key
    where d.outcome = 'open'
),
in_span as (
    select
        t.opportunity_key,
        t.rank,
        t.entered_on,
        case when t.left_on < p.end_on and t.left_to <> t.rank then t.left_on end as left_on,
        t.left_to,
        p.end_on,
        row_number() over (partition by t.opportunity_key order by t.number desc) as place
    from stays as t
    inner join span as p on t.entered_on < p.end_on and (t.left_on is null or t.left_on >= p.start_on)
    where t.rank = $position
),
lasts as (
    select
        *,
        case
            when left_on is null then 'still'
            when left_to = 0 then 'lost'
            when left_to > rank then 'forward'
            when left_to > 0 then 'back'
            else 'unplaced'
        end as exit
    from in_span
    where place = 1
),
named as (
    select
        f.opportunity_id,
        o.name,
        a.name as account,
        u.user_id,
        u.name as owner,
        f.amount,
        l.exit,
        case when l.left_on is not null then s.stage end as to_stage,
        f.outcome,
        l.entered_on,
        l.left_on,
        date_diff('day', l.entered_on, coalesce(l.left_on, least($as_of, l.end_on))) as days_in_stage,
        count(*) over () as n_deals
    from lasts as l
    inner join deal_facts as f on f.opportunity_key = l.opportunity_key
    left join open_stages as s on s.position = l.left_to
    left join opportunities as o on o.opportunity_key = l.opportunity_key
    left join accounts as a on a.account_key = f.account_key
    left join users as u on u.user_key = f.owner_key
    where $outcome = 'all' or l.exit = $outcome
)
select
    opportunity_id,
    name,
    account,
    user_id,
    owner,
    cast(amount as decimal(18, 2)) as amount,
    exit,
    to_stage,
    outcome,
    entered_on,
    left_on,
    cast(days_in_stage as bigint) as days_in_stage,
    cast(n_deals as bigint) as n_deals
from named
order by amount desc nulls last, opportunity_id
limit 1000
