-- What: history that changed after the fact: what the later snapshot says about days before the earlier one that the earlier one did not say.
-- Row: one deal and one way in which its past differs, largest amount first within a kind.
-- Definition: metrics §2.18, silent back-dating. closed_on: decided alike in both snapshots, on another day. won_amount: won in both, for another
--   amount. outcome: won then and not won now, or lost then and now won on a day before the earlier snapshot. closed_before: open then, now
--   closed on a day before the earlier snapshot, when it was still open. created_on: created on another day than it said. created_before: not in the earlier
--   snapshot in anybody's hands, though created before its day. decided_gone: decided then, not in the later snapshot at all.
--   moves: of the stage moves dated before the earlier snapshot there are more, fewer or others than it told; only deals whose
--   history is exported in both. Late book-keeping looks the same as embellishment: these are questions, not verdicts.
-- Parameters:
--   before_on date: day of the earlier snapshot
-- Columns:
--   position integer: order of the kinds, 1 to 8
--   kind varchar: won_amount, outcome, decided_gone, closed_on, closed_before, created_on, created_before, moves
--   opportunity_id varchar: deal
--   name varchar: deal
--   owner varchar: who is responsible now; then for those gone
--   old_outcome varchar: open, won, lost then
--   outcome varchar: now; null = gone
--   old_amount decimal(18,2): then, reporting currency
--   new_amount decimal(18,2): now, reporting currency
--   old_on date: the day that it said then; for closed_before the day of the earlier snapshot, when it was still open
--   new_on date: the day that it says now
--   n_old_moves bigint: stage moves before the earlier snapshot, as told then; kind = moves
--   n_moves bigint: the same as told now; kind = moves
--   is_other_month boolean: the day moved into another calendar month, and so perhaps into another period
--   is_seen boolean: has a page of its own to open
--   amount decimal(18,2): at stake: now, else then; reporting currency
--   n bigint: rows of this kind
-- Leaves out: deals that were handed over: their past day by day is not told across owners where one of them is not seen; inferred moves.
with pairs as (
    select
        p.*,
        coalesce(p.name, p.old_name) as deal_name,
        coalesce(u.name, v.name) as owner,
        cast(p.old_closed_at as date) as old_closed_on,
        cast(p.closed_at as date) as closed_on,
        cast(p.old_created_at as date) as old_created_on,
        cast(p.created_at as date) as created_on
    from deal_pairs as p
    left join users as u on u.user_key = p.owner_key
    left join previous_users as v on v.user_key = p.old_owner_key and not p.is_seen
    where p.has_previous and (p.is_seen or not p.is_there)
),
told_now as (
    select
        opportunity_key,
        count(*) as n_moves,
        sum(date_diff('second', cast('2000-01-01' as timestamp), changed_at)) as moments,
        sum(length(to_stage)) as letters
    from stage_changes
    where not coalesce(is_derived, false) and changed_at < cast($before_on as timestamp)
    group by opportunity_key
),
told_then as (
    select
        o.opportunity_id,
        count(*) as n_moves,
        sum(date_diff('second', cast('2000-01-01' as timestamp), c.changed_at)) as moments,
        sum(length(c.to_stage)) as letters
    from previous_stage_changes as c
    inner join previous_opportunities as o on o.opportunity_key = c.opportunity_key
    where not coalesce(c.is_derived, false) and c.changed_at < cast($before_on as timestamp)
    group by o.opportunity_id
),
found as (
    select 1 as position, 'won_amount' as kind, old_closed_on as old_on, closed_on as new_on, 0 as n_old_moves, 0 as n_moves, p.*
    from pairs as p
    where outcome = 'won' and old_outcome = 'won' and coalesce(amount, 0) <> coalesce(old_amount, 0)
    union all
    select 2, 'outcome', old_closed_on, closed_on, 0, 0, p.*
    from pairs as p
    where old_outcome = 'won' and outcome in ('open', 'lost')
        or old_outcome = 'lost' and outcome = 'won' and closed_on < $before_on
    union all
    select 3, 'decided_gone', old_closed_on, cast(null as date), 0, 0, p.*
    from pairs as p
    where old_outcome in ('won', 'lost') and not is_there
    union all
    select 4, 'closed_on', old_closed_on, closed_on, 0, 0, p.*
    from pairs as p
    where outcome in ('won', 'lost') and outcome = old_outcome and closed_on is distinct from old_closed_on
    union all
    select 5, 'closed_before', $before_on, closed_on, 0, 0, p.*
    from pairs as p
    where outcome in ('won', 'lost') and old_outcome = 'open' and closed_on < $before_on
    union all
    select 6, 'created_on', old_created_on, created_on, 0, 0, p.*
    from pairs as p
    where is_seen and was_there and created_on is distinct from old_created_on
    union all
    select 7, 'created_before', $before_on, created_on, 0, 0, p.*
    from pairs as p
    where is_seen and not was_there and created_on < $before_on
    union all
    select 8, 'moves', cast(null as date), cast(null as date), t.n_moves, n.n_moves, p.*
    from pairs as p
    inner join told_now as n on n.opportunity_key = p.opportunity_key
    inner join told_then as t on t.opportunity_id = p.opportunity_id
    where n.n_moves <> t.n_moves or n.moments <> t.moments or n.letters <> t.letters
)
select
    cast(position as integer) as position,
    kind,
    opportunity_id,
    deal_name as name,
    owner,
    old_outcome,
    outcome,
    cast(old_amount as decimal(18,2)) as old_amount,
    cast(amount as decimal(18,2)) as new_amount,
    old_on,
    new_on,
    cast(case when kind = 'moves' then n_old_moves end as bigint) as n_old_moves,
    cast(case when kind = 'moves' then n_moves end as bigint) as n_moves,
    coalesce(date_trunc('month', old_on) <> date_trunc('month', new_on), false) as is_other_month,
    is_seen,
    cast(coalesce(amount, old_amount, 0) as decimal(18,2)) as amount,
    cast(count(*) over (partition by kind) as bigint) as n
from found
order by position, amount desc, opportunity_id
