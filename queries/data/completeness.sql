-- What: how completely the fields are filled that the figures rest on.
-- Row: one field of one table that holds at least one record.
-- Definition: n_rows are the records of which the field can be expected: a next step and an expected close date of open
--   deals, a loss reason of lost ones, a closing date of closed ones; else all records. A field counts as filled when it is not blank
--   (a buying role when it is known).
-- Columns:
--   table_name varchar: canonical table
--   field varchar: canonical column
--   n_rows bigint: records of which it can be expected
--   n_filled bigint: records that have it
--   filled_rate double: 0 to 1; null without records
with deals as (
    select outcome, amount, owner_key, account_key, source, expected_close_on, closed_at, loss_reason, next_step, next_step_on
    from opportunities
),
customers as (
    select owner_key, industry, region, source from accounts
),
people as (
    select buying_role, phone, email, birthday from contacts
),
touches as (
    select owner_key, account_key, opportunity_key, outcome, minutes from activities
),
promises as (
    select owner_key, due_on from tasks
),
goods as (
    select family, unit_cost from products
),
bills as (
    select due_on, account_key from invoices
),
counted as (
    select 'opportunities' as table_name, 1 as position, 'amount' as field,
        count(*) as n_rows, count(amount) as n_filled from deals
    union all
    select 'opportunities', 2, 'owner_key', count(*), count(owner_key) from deals
    union all
    select 'opportunities', 3, 'account_key', count(*), count(account_key) from deals
    union all
    select 'opportunities', 4, 'expected_close_on', count(*), count(expected_close_on) from deals where outcome = 'open'
    union all
    select 'opportunities', 5, 'next_step', count(*), count(coalesce(next_step, cast(next_step_on as varchar)))
    from deals where outcome = 'open'
    union all
    select 'opportunities', 6, 'closed_at', count(*), count(closed_at) from deals where outcome in ('won', 'lost')
    union all
    select 'opportunities', 7, 'loss_reason', count(*), count(loss_reason) from deals where outcome = 'lost'
    union all
    select 'opportunities', 8, 'source', count(*), count(source) from deals
    union all
    select 'accounts', 1, 'owner_key', count(*), count(owner_key) from customers
    union all
    select 'accounts', 2, 'region', count(*), count(region) from customers
    union all
    select 'accounts', 3, 'industry', count(*), count(industry) from customers
    union all
    select 'contacts', 1, 'phone', count(*), count(coalesce(phone, email)) from people
    union all
    select 'contacts', 2, 'buying_role', count(*), count(nullif(buying_role, 'unknown')) from people
    union all
    select 'contacts', 3, 'birthday', count(*), count(birthday) from people
    union all
    select 'activities', 1, 'owner_key', count(*), count(owner_key) from touches
    union all
    select 'activities', 2, 'account_key', count(*), count(account_key) from touches
    union all
    select 'activities', 3, 'opportunity_key', count(*), count(opportunity_key) from touches
    union all
    select 'activities', 4, 'outcome', count(*), count(nullif(outcome, 'unknown')) from touches
    union all
    select 'tasks', 1, 'due_on', count(*), count(due_on) from promises
    union all
    select 'products', 1, 'unit_cost', count(*), count(unit_cost) from goods
    union all
    select 'products', 2, 'family', count(*), count(family) from goods
    union all
    select 'invoices', 1, 'due_on', count(*), count(due_on) from bills
),
final as (
    select table_name, position, field, n_rows, n_filled from counted where n_rows > 0
)
select
    table_name,
    field,
    cast(n_rows as bigint) as n_rows,
    cast(n_filled as bigint) as n_filled,
    cast(n_filled as double) / nullif(n_rows, 0) as filled_rate
from final
order by table_name, field
