-- What: quantity and quality of the contacts made by each employee in the last 13 weeks.
-- Row: one employee.
-- Definition: the 91 days up to as_of; contacts, progress and minutes as in rep_days. Weeks run from the hiring date where that is later, so
--   that a beginner is not measured by weeks before he came. Covered = an account owned with an effective contact in the 91 days, whoever
--   made it. Seller = employed, neither manager nor director, with an open deal or a contact in the 91 days.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   owner_key integer: join key
--   team varchar: team
--   is_seller boolean: counts in the firm's averages
--   n_weeks double: weeks at work, 1 to 13
--   n_touches bigint: contacts tried
--   n_effective bigint: contacts made
--   n_judged bigint: contacts made on a deal at least 14 days ago
--   n_progressed bigint: of those followed by progress within 14 days
--   minutes bigint: minutes in contact
--   n_accounts bigint: accounts owned
--   n_accounts_covered bigint: of those effectively contacted
-- Leaves out: future-dated contacts.
with contacts_of as (
    select
        owner_key,
        sum(n_touches) as n_touches,
        sum(n_effective) as n_effective,
        sum(n_judged) as n_judged,
        sum(n_progressed) as n_progressed,
        sum(minutes) as minutes
    from rep_days
    where day > $as_of - interval 91 day and day <= $as_of
    group by owner_key
),

open_deals as (
    select owner_key, count(*) as n_open from deal_facts where outcome = 'open' group by owner_key
),

reached as (
    select distinct account_key
    from activities
    where is_effective and happened_at >= $as_of - interval 90 day and happened_at < $as_of + interval 1 day and account_key is not null
),

bases as (
    select
        accounts.owner_key,
        count(*) as n_accounts,
        count(reached.account_key) as n_accounts_covered
    from accounts
    left join reached on reached.account_key = accounts.account_key
    group by accounts.owner_key
)

select
    users.user_key as owner_key,
    users.team,
    coalesce(users.role, 'rep') not in ('manager', 'director')
    and (users.left_on is null or users.left_on > $as_of)
    and (coalesce(contacts_of.n_touches, 0) > 0 or coalesce(open_deals.n_open, 0) > 0) as is_seller,
    cast(least(13.0, greatest(1.0, coalesce(date_diff('day', users.hired_on, $as_of), 91) / 7.0)) as double) as n_weeks,
    cast(coalesce(contacts_of.n_touches, 0) as bigint) as n_touches,
    cast(coalesce(contacts_of.n_effective, 0) as bigint) as n_effective,
    cast(coalesce(contacts_of.n_judged, 0) as bigint) as n_judged,
    cast(coalesce(contacts_of.n_progressed, 0) as bigint) as n_progressed,
    cast(coalesce(contacts_of.minutes, 0) as bigint) as minutes,
    cast(coalesce(bases.n_accounts, 0) as bigint) as n_accounts,
    cast(coalesce(bases.n_accounts_covered, 0) as bigint) as n_accounts_covered
from users
left join contacts_of on contacts_of.owner_key = users.user_key
left join open_deals on open_deals.owner_key = users.user_key
left join bases on bases.owner_key = users.user_key
