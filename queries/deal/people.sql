-- What: the persons at the customer, their roles, and when they were last reached.
-- Row: one person at the deal's account.
-- Definition: effective contacts up to as_of; those on this deal, and those with the person on any deal.
-- Parameters:
--   opportunity_id varchar: the deal
--   as_of date: the snapshot's date
-- Columns:
--   contact_id varchar: id in the CRM
--   name varchar: name
--   title varchar: title
--   buying_role varchar: decider, influencer, user, gatekeeper, unknown
--   n_effective bigint: effective contacts on this deal
--   last_on date: last one on this deal; null when none
--   n_effective_all bigint: effective contacts with him, this deal or not
--   last_on_all date: last of those
--   is_decider boolean: decides
-- Leaves out: persons talked to who belong to another account.
with chosen as (
    select opportunity_key, account_key from opportunities where opportunity_id = $opportunity_id
),

met as (
    select
        activities.contact_key,
        count(case when activities.opportunity_key = chosen.opportunity_key then 1 end) as n_here,
        max(case when activities.opportunity_key = chosen.opportunity_key then cast(activities.happened_at as date) end) as last_here,
        count(*) as n_all,
        max(cast(activities.happened_at as date)) as last_all
    from activities
    inner join chosen on chosen.account_key = activities.account_key
    where activities.is_effective and activities.contact_key is not null and cast(activities.happened_at as date) <= $as_of
    group by activities.contact_key
)

select
    contacts.contact_id,
    contacts.name,
    contacts.title,
    coalesce(contacts.buying_role, 'unknown') as buying_role,
    cast(coalesce(met.n_here, 0) as bigint) as n_effective,
    met.last_here as last_on,
    cast(coalesce(met.n_all, 0) as bigint) as n_effective_all,
    met.last_all as last_on_all,
    coalesce(contacts.buying_role = 'decider', false) as is_decider
from contacts
inner join chosen on chosen.account_key = contacts.account_key
left join met on met.contact_key = contacts.contact_key
order by is_decider desc nulls last, n_effective desc nulls last, contact_id asc nulls last
