-- What: the deals that stood in each stage at any time in the period, and how those that left it left it; at its end, who stands there.
-- Row: one open stage of the pipeline in its order; a last row without position for deals that stand in a stage the pipeline does not know.
-- Definition: active funnel (metrics §1), and with the columns n_still the snapshot funnel at the period's end (or the as-of day, if that comes first). A
--   deal is counted in a stage once, however often it came back to it: by how it last stood there in the period. Active = still there + forward +
--   back + lost (+ unplaced). Forward is to any later stage or won, back to an earlier one; n_skipped of those forward jumped over a stage, as far as
--   the CRM exported the move: two snapshots may hide a stop between. Who never stood
--   in a stage is not counted in it, so a later stage may hold more than an earlier one. Flow conversion = forward ÷ (forward + back + lost), with
--   Wilson's 95 % interval: exits of the period, by deal and not by event (metrics §1 counts exits), so that no re-entry counts twice. It has no bias of age but mixes
--   deals of all ages; it stands nowhere beside the rates of the entry cohort. Days of entry and leaving belong to the stay. A deal without
--   exported history stands in its stage on the as-of day, and nobody knows where before; neither a rate nor a comparison is given
--   when more than a fifth of the deals alive in the period (in the comparison period) is so unknown.
-- Parameters:
--   as_of date: the snapshot's date
--   pipeline varchar: pipeline
--   period_start date: first day of the period
--   period_end date: first day after the period
--   compare_start date: first day of the comparison period
--   compare_end date: first day after the comparison period
-- Columns:
--   position integer: place of the stage, from 1; null for the stage unknown to the pipeline
--   stage varchar: stage; null with it
--   n_active bigint: deals that stood in the stage in the period
--   n_still bigint: of those, standing there at its end
--   n_forward bigint: of those, gone to a later stage or won
--   n_skipped bigint: of those gone forward, over at least one stage by an exported move
--   n_back bigint: of those, gone to an earlier stage
--   n_lost bigint: of those, lost
--   n_unplaced bigint: of those, gone to a stage that the pipeline does not know
--   active_amount decimal(18,2): reporting currency
--   still_amount decimal(18,2): reporting currency
--   lost_amount decimal(18,2): reporting currency
--   flow_rate double: forward ÷ (forward + back + lost), 0 to 1; null when nobody left or too much is unknown
--   flow_low double: lower end of its 95 % interval
--   flow_high double: upper end of its 95 % interval
--   n_deals bigint: deals that stood in any stage in the period
--   n_unknown bigint: deals alive in the period of which no stage is known in it
--   compare_n_active bigint: comparison period
--   compare_n_still bigint: comparison period
--   compare_still_amount decimal(18,2): comparison period, reporting currency
--   compare_n_left bigint: comparison period, forward + back + lost
--   compare_flow_rate double: comparison period, 0 to 1
-- Leaves out: deals without any known stage in the period (counted in n_unknown); deals of other pipelines.
with open_stages as (
    select position, stage, count(*) over () as n_stages
    from stages
    where pipeline is not distinct from $pipeline and outcome = 'open'
),
ranks as (
    select stage, case outcome when 'open' then position when 'won' then 1000 else 0 end as rank
    from stages
    where pipeline is not distinct from $pipeline
),
spans as (
    select 'now' as side, $period_start as start_on, least($period_end, cast($as_of + interval 1 day as date)) as end_on
    union all
    select 'then' as side, $compare_start as start_on, least($compare_end, cast($as_of + interval 1 day as date)) as end_on
),
deals as (
    select
        opportunity_key,
        outcome,
        coalesce(amount, 0) as amount,
        created_on,
        closed_on,
        stage_entered_on,
        stage_position,
        -- A stage that the pipeline does not know.
        coalesce(stage_position, -1) as claimed_rank
    from deal_facts
    where pipeline is not distinct from $pipeline
        and (outcome = 'open' or closed_on is null or closed_on >= least($period_start, $compare_start))
        and (created_on is null or created_on < greatest($period_end, $compare_end))
),
changes as (
    select
        c.opportunity_key,
        cast(c.changed_at as date) as changed_on,
        c.changed_at,
        c.source_record,
        c.is_derived and c.from_stage is not null as is_inferred,
        f.rank as from_rank,
        -- Won between two snapshots, and by now in a later stage: nobody knows through which stages it went.
        case
            when c.is_derived and c.from_stage is not null and t.rank between 1 and 999 and d.outcome = 'won'
                and cast(c.changed_at as date) >= d.closed_on then 1000
            else t.rank
        end as to_rank,
        d.outcome,
        d.amount,
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
        amount,
        is_inferred,
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
        amount,
        true as is_inferred,
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
        d.amount,
        true as is_inferred,
        cast(null as integer) as left_to
    from deals as d
    left join last_moves as l on l.opportunity_key = d.opportunity_key
    where d.outcome = 'open'
),
in_span as (
    select
        p.side,
        t.opportunity_key,
        t.rank,
        t.amount,
        t.number,
        case
            when t.left_on is null or t.left_on >= p.end_on or t.left_to = t.rank then 1
            when t.left_to = 0 then 5
            when t.left_to > t.rank
                and not coalesce(t.is_inferred, false)
                and least(t.left_to, coalesce(s.n_stages, 0) + 1) > t.rank + 1 then 3
            when t.left_to > t.rank then 2
            when t.left_to > 0 then 4
            else 6
        end as exit_code
    from stays as t
    inner join spans as p on t.entered_on < p.end_on and (t.left_on is null or t.left_on >= p.start_on)
    left join open_stages as s on s.position = t.rank
),
-- Of several stays of a deal in a stage the last one tells; number and exit in one number cost less than a sort. Exits: 1 still
-- there, 2 forward, 3 forward over a stage, 4 back, 5 lost, 6 to a stage unknown.
lasts as (
    select
        side,
        opportunity_key,
        rank,
        max(amount) as amount,
        max(number * 10 + exit_code) % 10 as exit_code
    from in_span
    group by side, opportunity_key, rank
),
counts as (
    select
        rank,
        count(*) filter (where side = 'now') as n_active,
        count(*) filter (where side = 'now' and exit_code = 1) as n_still,
        cast(count(*) filter (where side = 'now' and exit_code in (2, 3)) as double) as n_forward,
        count(*) filter (where side = 'now' and exit_code = 3) as n_skipped,
        cast(count(*) filter (where side = 'now' and exit_code = 4) as double) as n_back,
        cast(count(*) filter (where side = 'now' and exit_code = 5) as double) as n_lost,
        count(*) filter (where side = 'now' and exit_code = 6) as n_unplaced,
        sum(amount) filter (where side = 'now') as active_amount,
        sum(amount) filter (where side = 'now' and exit_code = 1) as still_amount,
        sum(amount) filter (where side = 'now' and exit_code = 5) as lost_amount,
        count(*) filter (where side = 'then') as compare_n_active,
        count(*) filter (where side = 'then' and exit_code = 1) as compare_n_still,
        sum(amount) filter (where side = 'then' and exit_code = 1) as compare_still_amount,
        cast(count(*) filter (where side = 'then' and exit_code in (2, 3)) as double) as compare_n_forward,
        cast(count(*) filter (where side = 'then' and exit_code between 2 and 5) as double) as compare_n_left
    from lasts
    group by rank
),
alive as (
    select
        count(*) filter (where p.side = 'now') as n_alive,
        count(*) filter (where p.side = 'then') as compare_n_alive
    from deals as d
    inner join spans as p
        on coalesce(d.created_on, d.closed_on, $as_of) < p.end_on and (d.outcome = 'open' or d.closed_on >= p.start_on)
),
known as (
    select
        count(distinct opportunity_key) filter (where side = 'now') as n_known,
        count(distinct opportunity_key) filter (where side = 'then') as compare_n_known
    from lasts
),
sizes as (
    select
        k.n_known,
        greatest(0, a.n_alive - k.n_known) as n_unknown,
        k.n_known >= 4 * greatest(0, a.n_alive - k.n_known) as is_known,
        k.compare_n_known >= 4 * greatest(0, a.compare_n_alive - k.compare_n_known) as is_compare_known
    from known as k
    cross join alive as a
),
steps as (
    select position, stage, position as rank
    from open_stages
    union all
    select cast(null as integer) as position, cast(null as varchar) as stage, rank
    from counts
    where rank = -1
),
rates as (
    select
        s.position,
        s.stage,
        c.*,
        z.n_known,
        z.n_unknown,
        z.is_compare_known,
        case when z.is_known then c.n_forward / nullif(c.n_forward + c.n_back + c.n_lost, 0) end as p,
        nullif(c.n_forward + c.n_back + c.n_lost, 0) as m
    from steps as s
    cross join sizes as z
    left join counts as c on c.rank = s.rank
),
intervals as (
    select
        *,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h
    from rates
)
select
    cast(position as integer) as position,
    stage,
    cast(coalesce(n_active, 0) as bigint) as n_active,
    cast(coalesce(n_still, 0) as bigint) as n_still,
    cast(coalesce(n_forward, 0) as bigint) as n_forward,
    cast(coalesce(n_skipped, 0) as bigint) as n_skipped,
    cast(coalesce(n_back, 0) as bigint) as n_back,
    cast(coalesce(n_lost, 0) as bigint) as n_lost,
    cast(coalesce(n_unplaced, 0) as bigint) as n_unplaced,
    cast(coalesce(active_amount, 0) as decimal(18, 2)) as active_amount,
    cast(coalesce(still_amount, 0) as decimal(18, 2)) as still_amount,
    cast(coalesce(lost_amount, 0) as decimal(18, 2)) as lost_amount,
    p as flow_rate,
    (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) as flow_low,
    (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) as flow_high,
    cast(n_known as bigint) as n_deals,
    cast(n_unknown as bigint) as n_unknown,
    cast(case when is_compare_known then coalesce(compare_n_active, 0) end as bigint) as compare_n_active,
    cast(case when is_compare_known then coalesce(compare_n_still, 0) end as bigint) as compare_n_still,
    cast(case when is_compare_known then coalesce(compare_still_amount, 0) end as decimal(18, 2)) as compare_still_amount,
    cast(case when is_compare_known then coalesce(compare_n_left, 0) end as bigint) as compare_n_left,
    case when is_compare_known then compare_n_forward / nullif(compare_n_left, 0) end as compare_flow_rate
from intervals
order by position nulls last
