-- What: records that nobody owns.
-- Row: one kind of record that the export holds and of which at least one has no owner.
-- Definition: no owner in the export, or one that the export of the employees does not hold (how many of these: n_unknown). They count for
--   the firm, but for no salesperson and no team, and a manager never sees them. amount is that of open deals, and of unpaid bills whole.
-- Columns:
--   table_name varchar: canonical table
--   n_rows bigint: records; of deals only the open ones
--   n_ownerless bigint: of these, without an owner
--   n_unknown bigint: of these, whose owner is named but not known
--   ownerless_rate double: 0 to 1
--   amount decimal(18,2): reporting currency; null where the record has none
-- Leaves out: decided deals; tasks that are done.
with counted as (
    select
        'opportunities' as table_name,
        count(*) as n_rows,
        count(*) filter (where owner_key is null) as n_ownerless,
        cast(sum(amount) filter (where owner_key is null) as decimal(18,2)) as amount
    from opportunities
    where outcome = 'open'
    union all
    select 'accounts', count(*), count(*) filter (where owner_key is null), cast(null as decimal(18,2)) from accounts
    union all
    select 'activities', count(*), count(*) filter (where owner_key is null), null from activities
    union all
    select 'tasks', count(*), count(*) filter (where owner_key is null), null from tasks where status = 'open'
    union all
    select 'leads', count(*), count(*) filter (where owner_key is null), null from leads where converted_at is null
),
unknown as (
    select table_name, count(*) as n_unknown
    from missing_references
    where column_name in ('owner_id', 'owner_key')
    group by table_name
)
select
    c.table_name,
    cast(c.n_rows as bigint) as n_rows,
    cast(c.n_ownerless as bigint) as n_ownerless,
    cast(least(coalesce(u.n_unknown, 0), c.n_ownerless) as bigint) as n_unknown,
    cast(c.n_ownerless as double) / nullif(c.n_rows, 0) as ownerless_rate,
    c.amount
from counted as c
left join unknown as u on u.table_name = c.table_name
where c.n_ownerless > 0
order by n_ownerless desc, table_name
