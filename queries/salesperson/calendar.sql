-- What: contacts of one salesperson day by day over 26 weeks.
-- Row: one day, from the Monday 25 weeks before the week of as_of, up to as_of; days without a contact included.
-- Definition: touches = contacts tried, effective = contacts made (rep_days). Weeks begin on Monday.
-- Parameters:
--   user_id varchar: the salesperson
--   as_of date: the snapshot's date
-- Columns:
--   day date: day
--   week_on date: Monday of its week
--   weekday bigint: 1 Monday to 7 Sunday
--   n_touches bigint: contacts tried
--   n_effective bigint: contacts made
-- Leaves out: future-dated contacts.
with days as (
    select cast(moment as date) as day
    from (
        select unnest(
            generate_series(
                cast(cast(date_trunc('week', $as_of) as date) - interval 175 day as date), cast($as_of as date), interval 1 day
            )
        ) as moment
    )
),

contacts_on as (
    select
        rep_days.day,
        sum(rep_days.n_touches) as n_touches,
        sum(rep_days.n_effective) as n_effective
    from rep_days
    inner join users on users.user_key = rep_days.owner_key
    where users.user_id = $user_id
    group by rep_days.day
)

select
    days.day,
    cast(date_trunc('week', days.day) as date) as week_on,
    cast(isodow(days.day) as bigint) as weekday,
    cast(coalesce(contacts_on.n_touches, 0) as bigint) as n_touches,
    cast(coalesce(contacts_on.n_effective, 0) as bigint) as n_effective
from days
left join contacts_on on contacts_on.day = days.day
order by day asc nulls last
