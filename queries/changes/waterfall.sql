-- What: from the open pipeline then to the open pipeline now: what came, what changed, what left, to the cent.
-- Row: one term of the waterfall that occurs; with detail = owner one term of one salesperson; with detail = deal one term of one deal.
-- Definition: metrics §1, waterfall identity: opening + all terms (each with its sign) = closing, exact, for the whole, for each salesperson
--   and for each deal. The pipeline is the open deals; with reach = period only those expected to close in the period, on either side as
--   their closing date stood there. A deal's difference is split in this order. (1) transferred: it came into or left what is looked at while it exists
--   in both snapshots (another owner; under a filter also another pipeline, region, tier or product family); with the amount that it had
--   then, so that it is nil at the common manager. With detail = owner every change of owner is one. (2) vanished: not in the later snapshot
--   at all, with its old amount. (3) entering, with the amount now: new, not in the earlier snapshot in anybody's hands; reopened, decided then and open now;
--   pulled_in, its closing date moved into the period from a later day or from none; slipped_in, from a day before the period. (4) grown,
--   shrunk: amount now less amount then, of deals that stood in the pipeline then and stand in it now or were decided; revalued instead where the deal's currency is another one (its
--   amounts are then no measure of each other, and one without a rate counts 0). (5) leaving: won, lost, with the amount now, or then where the
--   record is closed without one; pushed_out, closing date moved behind the period or taken away, moved_ahead, moved before it, both with the amount then: slip rate and
--   waterfall so have the same numerator. A deal that came and was decided between the snapshots is both new (or reopened, where it
--   was decided otherwise then) and won or lost, net nil; so the won bar holds all deals won since. In the period such a
--   deal counts when it was won on a day of the period, from wherever it came, or is new or reopened, lost, and was expected in it. Progress of
--   stage is no term: it changes no amount. Deals without amount count 0.
-- Parameters:
--   detail varchar: total, owner or deal
--   kind varchar: one term only; empty = all
--   reach varchar: all = the whole open pipeline, period = expected to close in the period
--   before_on date: day of the earlier snapshot
--   currency varchar: reporting currency, that of deals which name none
--   period_start date: first day of the period
--   period_end date: first day after the period
-- Columns:
--   position integer: order of the terms: 1 opening, 16 closing
--   kind varchar: opening, new, reopened, transferred_in, pulled_in, slipped_in, grown, revalued, shrunk, moved_ahead, pushed_out, transferred_out, won, lost, vanished, closing
--   owner_id varchar: detail = owner: who answers for it (leaving terms of a transfer: then; else now); null = nobody that is seen
--   owner_name varchar: the same, by name
--   opportunity_id varchar: detail = deal: the deal, and the columns that follow
--   name varchar: deal
--   account_name varchar: customer; null for deals no longer seen
--   old_owner varchar: name of who was responsible then, where he is seen
--   owner varchar: name of who is responsible now
--   old_stage varchar: then
--   stage varchar: now
--   outcome varchar: now: open, won, lost; null when not seen
--   old_amount decimal(18,2): then, reporting currency
--   new_amount decimal(18,2): now, reporting currency
--   old_close_on date: expected closing then
--   close_on date: expected closing now
--   is_seen boolean: has a page of its own to open
--   n bigint: deals
--   amount decimal(18,2): reporting currency, with the sign it has in the sum
-- Leaves out: deals decided in both snapshots alike; deals entered late into the CRM that were closed before the earlier snapshot (see changes/rewritten).
with pairs as (
    select
        p.opportunity_id,
        coalesce(p.name, case when p.was_seen then p.old_name end) as name,
        a.name as account_name,
        v.user_id as old_owner_id,
        v.name as old_owner,
        u.user_id as owner_id,
        u.name as owner,
        p.old_stage,
        p.stage,
        p.old_amount,
        p.amount as new_amount,
        p.old_close_on,
        p.expected_close_on as close_on,
        p.is_seen,
        p.was_seen,
        p.is_there,
        p.was_there,
        p.has_previous,
        p.outcome,
        p.old_outcome,
        coalesce(p.currency, $currency) is distinct from coalesce(p.old_currency, $currency) as has_other_currency,
        p.is_seen <> p.was_seen
        or ($detail = 'owner' and u.user_id is distinct from v.user_id) as changes_hands,
        coalesce(p.old_outcome = 'open', false)
        and ($reach = 'all' or coalesce(p.old_close_on >= $period_start and p.old_close_on < $period_end, false)) as stood,
        p.is_seen and p.outcome = 'open'
        and ($reach = 'all' or coalesce(p.expected_close_on >= $period_start and p.expected_close_on < $period_end, false)) as stands,
        p.is_seen
        and p.outcome in ('won', 'lost')
        and coalesce(cast(p.closed_at as date) >= $before_on, true)
        and p.outcome is distinct from p.old_outcome
        and case
            when $reach = 'all' then p.old_outcome is distinct from 'open'
            when p.outcome = 'won' then coalesce(cast(p.closed_at as date), p.expected_close_on) >= $period_start
                and coalesce(cast(p.closed_at as date), p.expected_close_on) < $period_end
            else p.old_outcome is distinct from 'open'
                and p.expected_close_on >= $period_start
                and p.expected_close_on < $period_end
        end as came_and_went
    from deal_pairs as p
    left join users as u on u.user_key = p.owner_key
    left join previous_users as v on v.user_key = p.old_owner_key
    left join accounts as a on a.account_key = p.account_key
),
valued as (
    select
        p.*,
        coalesce(p.old_amount, 0) as old_value,
        coalesce(
            p.new_amount,
            case when p.outcome in ('won', 'lost') and p.stood and not p.has_other_currency then p.old_amount end,
            0
        ) as new_value,
        p.is_seen and p.outcome in ('won', 'lost') and (p.stood or coalesce(p.came_and_went, false)) as leaves,
        p.is_seen and not p.stood and (p.stands or coalesce(p.came_and_went, false)) as enters,
        p.is_seen and p.stood and (p.stands or p.outcome in ('won', 'lost')) as stays
    from pairs as p
    where p.has_previous and (p.stood or p.stands or p.came_and_went)
),
terms as (
    select 1 as position, 'opening' as kind, old_value as change, v.* from valued as v where stood and was_seen
    union all
    select 2, 'new', new_value, v.* from valued as v where enters and not was_there
    union all
    select 3, 'reopened', new_value, v.* from valued as v where enters and old_outcome in ('won', 'lost')
    union all
    select 4, 'transferred_in', old_value, v.* from valued as v where stood and is_seen and changes_hands
    union all
    select 5, 'pulled_in', new_value, v.*
    from valued as v
    where enters and old_outcome = 'open' and (old_close_on is null or old_close_on >= $period_end)
    union all
    select 6, 'slipped_in', new_value, v.* from valued as v where enters and old_outcome = 'open' and old_close_on < $period_start
    union all
    select 7, 'grown', new_value - old_value, v.* from valued as v where stays and not has_other_currency and new_value > old_value
    union all
    select 8, 'revalued', new_value - old_value, v.* from valued as v where stays and has_other_currency and new_value <> old_value
    union all
    select 9, 'shrunk', new_value - old_value, v.* from valued as v where stays and not has_other_currency and new_value < old_value
    union all
    select 10, 'moved_ahead', -old_value, v.*
    from valued as v
    where stood and is_seen and outcome = 'open' and not stands and close_on < $period_start
    union all
    select 11, 'pushed_out', -old_value, v.*
    from valued as v
    where stood and is_seen and outcome = 'open' and not stands and (close_on is null or close_on >= $period_end)
    union all
    select 12, 'transferred_out', -old_value, v.* from valued as v where stood and was_seen and is_there and changes_hands
    union all
    select 13, 'won', -new_value, v.* from valued as v where leaves and outcome = 'won'
    union all
    select 14, 'lost', -new_value, v.* from valued as v where leaves and outcome = 'lost'
    union all
    select 15, 'vanished', -old_value, v.* from valued as v where stood and was_seen and not is_there
    union all
    select 16, 'closing', new_value, v.* from valued as v where stands
),
placed as (
    select
        position,
        kind,
        change,
        case when $detail = 'owner' then case when kind in ('opening', 'transferred_out', 'vanished') then old_owner_id else owner_id end end as group_id,
        case when $detail = 'owner' then case when kind in ('opening', 'transferred_out', 'vanished') then old_owner else owner end end as group_name,
        case when $detail = 'deal' then opportunity_id end as opportunity_id,
        case when $detail = 'deal' then name end as name,
        case when $detail = 'deal' then account_name end as account_name,
        case when $detail = 'deal' then old_owner end as old_owner,
        case when $detail = 'deal' then owner end as owner,
        case when $detail = 'deal' then old_stage end as old_stage,
        case when $detail = 'deal' then stage end as stage,
        case when $detail = 'deal' then outcome end as outcome,
        case when $detail = 'deal' then old_amount end as old_amount,
        case when $detail = 'deal' then new_amount end as new_amount,
        case when $detail = 'deal' then old_close_on end as old_close_on,
        case when $detail = 'deal' then close_on end as close_on,
        case when $detail = 'deal' then is_seen end as is_seen
    from terms
    where $kind = '' or kind = $kind
)
select
    cast(position as integer) as position,
    kind,
    group_id as owner_id,
    max(group_name) as owner_name,
    opportunity_id,
    max(name) as name,
    max(account_name) as account_name,
    max(old_owner) as old_owner,
    max(owner) as owner,
    max(old_stage) as old_stage,
    max(stage) as stage,
    max(outcome) as outcome,
    cast(max(old_amount) as decimal(18,2)) as old_amount,
    cast(max(new_amount) as decimal(18,2)) as new_amount,
    max(old_close_on) as old_close_on,
    max(close_on) as close_on,
    bool_or(is_seen) as is_seen,
    cast(count(*) as bigint) as n,
    cast(sum(change) as decimal(18,2)) as amount
from placed
group by position, kind, group_id, opportunity_id
order by position, abs(sum(change)) desc nulls last, owner_id nulls last, opportunity_id nulls last
