-- Twin of stage_entries: each deal's way as one list of (rank, day), read by list functions instead of windows.
with ranks as (
    select pipeline, stage, case outcome when 'open' then position when 'won' then 1000 else 0 end as rank from stages
),
moves as (
    select
        c.opportunity_key,
        list({
            'at': c.changed_at, 'record': coalesce(c.source_record, -1), 'rank': t.rank, 'left': coalesce(f.rank, -1),
            'late': coalesce(c.is_derived and c.from_stage is not null and o.outcome <> 'open' and t.rank between 1 and 999 and c.changed_at::date >= o.closed_at::date, false)
        } order by c.changed_at, coalesce(c.source_record, -1), t.rank, coalesce(f.rank, -1)) as way,
        bool_or(c.is_derived is distinct from true) as is_exported
    from stage_changes c
    join opportunities o on o.opportunity_key = c.opportunity_key
    join ranks t on t.pipeline = o.pipeline and t.stage = c.to_stage
    left join ranks f on f.pipeline = o.pipeline and f.stage = c.from_stage
    where c.changed_at::date <= $as_of
    group by c.opportunity_key
),
reached as (
    select
        o.*,
        m.way, m.is_exported,
        coalesce(own.rank, 0) as own_rank,
        (select count(*) from stages s where s.pipeline = o.pipeline and s.outcome = 'open') as n,
        list_max([1, coalesce(own.rank, 1), coalesce((
            select max(s.position) from stages s join stage_changes c on s.stage in (c.from_stage, c.to_stage)
            where s.pipeline = o.pipeline and s.outcome = 'open' and c.opportunity_key = o.opportunity_key
                and coalesce(c.changed_at::date <= $as_of, true)
        ), 1)]) as top
    from opportunities o
    left join moves m on m.opportunity_key = o.opportunity_key
    left join ranks own on own.pipeline = o.pipeline and own.stage = o.stage and own.rank between 1 and 999
),
ways as (
    select
        *,
        if(outcome = 'won', n + 1, top) as reached,
        case
            when way is not null then list_concat(
                if(way[1]['left'] between 1 and 999, [{'rank': way[1]['left'], 'day': created_at::date, 'late': false}], []),
                list_transform(way, lambda m: {'rank': m['rank'], 'day': m['at']::date, 'late': m['late']})
            )
            when outcome = 'open' and own_rank > 0 then [{
                'rank': own_rank,
                'day': coalesce(stage_entered_at::date, if(own_rank = 1, created_at::date, null)),
                'late': false
            }]
            else []
        end as path
    from reached
),
stays as (
    select
        *,
        -- Staying where one is, is no move.
        list_filter(path, lambda p, i: i = 1 or p['rank'] <> path[i - 1]['rank']) as stays,
        case when outcome = 'open' then $as_of when closed_at is not null then list_min([closed_at::date, $as_of]) end as last_day
    from ways
),
rungs as (
    select
        w.*, s.position, s.stage as rung,
        list_filter(list_transform(w.stays, lambda p, i: {
            'rank': p['rank'], 'day': if(p['late'], null, p['day']),
            'days': if(p['late'], null, if(coalesce(w.stays[i + 1]['day'], w.last_day) < p['day'], 0, coalesce(w.stays[i + 1]['day'], w.last_day) - p['day']))
        }), lambda p: p['rank'] = s.position) as mine
    from stays w
    join stages s on s.pipeline = w.pipeline and s.outcome = 'open' and s.position <= w.reached
),
entered as (
    select *, list_min(list_filter(list_transform(mine, lambda p: p['day']), lambda day: day is not null)) as entered_on from rungs
)
select
    e.opportunity_key, e.owner_key, e.account_key, e.pipeline,
    (select u.team from users u where u.user_key = e.owner_key) as team,
    e.source, e.position::int as position, e.rung as stage, e.entered_on,
    case
        when e.entered_on is null then null
        when e.position < e.reached then coalesce(
            list_min(list_filter(list_transform(list_filter(e.stays, lambda p: p['rank'] > e.position), lambda p: p['day']), lambda day: day >= e.entered_on)),
            if(e.outcome = 'won', greatest(e.closed_at::date, e.entered_on), null)
        )
        when e.outcome = 'lost' then greatest(e.closed_at::date, e.entered_on)
    end as left_on,
    if(len(e.mine) > 0 and len(list_filter(e.mine, lambda p: p['days'] is null)) = 0, list_sum(list_transform(e.mine, lambda p: p['days'])), null)::double as days,
    case when e.position < e.reached then 'forward' when e.outcome = 'lost' then 'lost' else 'open' end as exit,
    case when len(e.mine) > 0 then len(e.mine) when coalesce(e.is_exported, false) then 0 end::int as n_visits,
    coalesce(e.is_exported, false) and len(e.mine) = 0 and e.position < e.reached as is_skipped,
    e.created_at::date as created_on, e.amount
from entered e
