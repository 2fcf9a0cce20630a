-- What: open deals whose expected closing was put off: how often, and how far.
-- Row: one open deal, largest amount first.
-- Definition: a push is a move of the expected closing to a later day (metrics §1), as the CRM's history tells it or as earlier snapshots differ.
--   which = since: open in both snapshots and expected later now than then. which = often: put off at least twice in its life. False pushes are left out: moves at
--   or after the closing day cannot occur, as only open deals are listed; and where the CRM itself sets the end of the month of creation
--   as closing date (HubSpot), the move away from that date is the first honest one, no push. deal_facts.n_pushes counts it and so may be
--   higher there by one.
-- Parameters:
--   which varchar: since or often
--   has_default_dates boolean: whether the CRM sets a new deal's closing date to the end of its month of creation
--   as_of date: the snapshot's date
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: deal
--   account_name varchar: customer
--   owner varchar: who is responsible
--   owner_id varchar: the same, by id
--   stage varchar: stage now
--   amount decimal(18,2): reporting currency
--   old_close_on date: expected closing in the earlier snapshot; null where it is not in it
--   close_on date: expected closing now
--   days_since bigint: days put off between the two snapshots; 0 = not
--   n_pushes bigint: times put off so far
--   days_pushed bigint: days of all these pushes together
--   last_pushed_on date: day of the last push, null when unknown
--   n_deals bigint: rows of this answer
--   all_amount decimal(18,2): amount of all rows of this answer, reporting currency
-- Leaves out: closed deals.
with pairs as (
    select
        p.opportunity_id, p.opportunity_key, p.name, p.account_key, p.owner_key, p.stage, p.amount, p.old_close_on, p.expected_close_on,
        -- The date that the CRM set by itself at creation, where it does.
        case
            when $has_default_dates
                then cast(cast(date_trunc('month', p.created_at) as date) + interval 1 month - interval 1 day as date)
        end as default_on,
        case when p.old_outcome = 'open' and p.expected_close_on > p.old_close_on then date_diff('day', p.old_close_on, p.expected_close_on) else 0 end as days_later
    from deal_pairs as p
    where p.is_seen and p.outcome = 'open'
),
pushes as (
    select
        c.opportunity_key,
        count(*) as n_pushes,
        sum(date_diff('day', c.from_on, c.to_on)) as days_pushed,
        max(cast(c.changed_at as date)) as last_pushed_on
    from close_date_changes as c
    inner join pairs as p on p.opportunity_key = c.opportunity_key
    where c.to_on > c.from_on
        and (c.changed_at is null or cast(c.changed_at as date) <= $as_of)
        and c.from_on is distinct from p.default_on
    group by c.opportunity_key
),
counted as (
    select
        p.*,
        case when p.old_close_on is not distinct from p.default_on and p.default_on is not null then 0 else p.days_later end as days_since,
        coalesce(c.n_pushes, 0) as n_told,
        coalesce(c.days_pushed, 0) as days_told,
        c.last_pushed_on
    from pairs as p
    left join pushes as c on c.opportunity_key = p.opportunity_key
),
chosen as (
    -- A history that lacks the move which two snapshots show is short by it.
    select
        c.*,
        case when days_since > 0 and n_told = 0 then 1 else n_told end as n_pushes,
        case when days_since > 0 and n_told = 0 then days_since else days_told end as days_pushed
    from counted as c
    where case $which when 'since' then days_since > 0 else n_told >= 2 end
)
select
    c.opportunity_id,
    c.name,
    a.name as account_name,
    u.name as owner,
    u.user_id as owner_id,
    c.stage,
    cast(coalesce(c.amount, 0) as decimal(18,2)) as amount,
    c.old_close_on,
    c.expected_close_on as close_on,
    cast(c.days_since as bigint) as days_since,
    cast(c.n_pushes as bigint) as n_pushes,
    cast(c.days_pushed as bigint) as days_pushed,
    c.last_pushed_on,
    cast(count(*) over () as bigint) as n_deals,
    cast(sum(coalesce(c.amount, 0)) over () as decimal(18,2)) as all_amount
from chosen as c
left join accounts as a on a.account_key = c.account_key
left join users as u on u.user_key = c.owner_key
order by amount desc, n_pushes desc, opportunity_id
