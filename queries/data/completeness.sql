-- What: how completely the fields are filled that the ten principles rest on, and who fills them less than the others.
-- Row: one field of one principle (kind = field), or one salesperson (kind = owner).
-- Definition: the list `needed` says which fields a principle needs; without a key field it can't be judged. n_rows are the records of
--   which a field can be expected: a next step and an expected closing of open deals, a closing day and moves between stages of decided ones,
--   else all. Blank are: no text, an amount of 0, an outcome or a buying role that is unknown; phone stands for phone or e-mail.
--   principle_rate is the mean of its fields, each counting alike, an empty table as 0. can_judge: every key field is filled
--   in half of the records or more. place 1 = what is missing most: a key field below that, else the field with the lowest rate.
--   A record belongs to its own owner; people and lines to the owner of their customer or deal. Salespeople are ordered by ahead_rate:
--   their rate less everybody's, the mean over the fields of which they have records, each drawn towards everybody's as if by ten
--   records more; people with fewer than ten records come last. Their field is the one furthest below everybody's; null where none is.
-- Parameters:
--   principle integer: 1 to 10: salespeople by the fields of this one; 0 = by all fields
-- Columns:
--   kind varchar: field, owner
--   principle integer: 1 to 10 in the order of the list of principles; null for an owner
--   place bigint: 1 = missing most within the principle; for owners 1 = needs most filling in
--   table_name varchar: canonical table of the field
--   field varchar: canonical column, or stage_history
--   is_key boolean: without this field the principle can't be judged; null for an owner
--   has_table boolean: the export holds that table; null for an owner
--   user_id varchar: id in the CRM; null but for owners
--   name varchar: salesperson; null but for owners
--   team varchar: team; null but for owners
--   n_rows bigint: records of which the field can be expected; for owners cells
--   n_filled bigint: of these, filled
--   filled_rate double: 0 to 1; null where nothing can be expected
--   field_rate double: 0 to 1, of an owner: rate of the field named
--   ahead_rate double: -1 to 1, against everybody; null but for owners
--   principle_rate double: 0 to 1; null for an owner
--   can_judge boolean: every key field of the principle is there; null for an owner
--   is_few boolean: fewer than ten records
-- Leaves out: as owners, records of nobody, and the field of the owner himself.
with needed as (
    select principle, table_name, field, is_key
    from (
        values
            (1, 'activities', 'happened_at', true),
            (1, 'activities', 'opportunity_key', true),
            (1, 'opportunities', 'closed_at', true),
            (1, 'opportunities', 'next_step', false),
            (1, 'activities', 'outcome', false),
            (2, 'opportunities', 'account_key', true),
            (2, 'opportunities', 'amount', true),
            (2, 'activities', 'account_key', true),
            (2, 'payments', 'account_key', false),
            (2, 'accounts', 'owner_key', false),
            (2, 'accounts', 'industry', false),
            (3, 'contacts', 'account_key', true),
            (3, 'contacts', 'phone', true),
            (3, 'contacts', 'birthday', false),
            (3, 'accounts', 'preference', false),
            (3, 'opportunities', 'need', false),
            (3, 'cases', 'account_key', false),
            (4, 'opportunities', 'stage', true),
            (4, 'opportunities', 'created_at', true),
            (4, 'opportunities', 'stage_history', true),
            (4, 'activities', 'kind', false),
            (5, 'opportunities', 'stage', true),
            (5, 'activities', 'opportunity_key', true),
            (5, 'activities', 'outcome', false),
            (5, 'contacts', 'buying_role', false),
            (5, 'line_items', 'opportunity_key', false),
            (6, 'opportunities', 'expected_close_on', true),
            (6, 'tasks', 'due_on', true),
            (6, 'tasks', 'owner_key', true),
            (6, 'tasks', 'opportunity_key', false),
            (6, 'opportunities', 'next_step', false),
            (7, 'opportunities', 'owner_key', true),
            (7, 'opportunities', 'amount', true),
            (7, 'invoices', 'due_on', true),
            (7, 'line_items', 'product_key', true),
            (7, 'payments', 'paid_on', false),
            (7, 'tasks', 'due_on', false),
            (8, 'activities', 'owner_key', true),
            (8, 'activities', 'kind', true),
            (8, 'activities', 'outcome', true),
            (8, 'activities', 'contact_key', false),
            (8, 'activities', 'minutes', false),
            (9, 'approvals', 'requested_by_key', true),
            (9, 'approvals', 'decided_by_key', true),
            (9, 'approvals', 'amount', false),
            (9, 'users', 'manager_key', true),
            (9, 'tasks', 'assigned_by_key', false),
            (10, 'opportunities', 'account_key', true),
            (10, 'opportunities', 'owner_key', true),
            (10, 'line_items', 'product_key', true),
            (10, 'products', 'unit_cost', true),
            (10, 'products', 'family', false),
            (10, 'accounts', 'region', false)
    ) as listed(principle, table_name, field, is_key)
),
moved as (
    select distinct opportunity_key
    from stage_changes
    where from_stage is not null or not is_derived
),
deals as (
    select
        o.owner_key,
        count(*) as n_all,
        count(*) filter (where o.outcome = 'open') as n_open,
        count(*) filter (where o.outcome in ('won', 'lost')) as n_decided,
        count(o.owner_key) as n_owner,
        count(o.account_key) as n_account,
        count(nullif(o.amount, 0)) as n_amount,
        count(o.stage) as n_stage,
        count(o.created_at) as n_created,
        count(o.need) as n_need,
        count(o.expected_close_on) filter (where o.outcome = 'open') as n_expected,
        count(coalesce(o.next_step, cast(o.next_step_on as varchar))) filter (where o.outcome = 'open') as n_step,
        count(o.closed_at) filter (where o.outcome in ('won', 'lost')) as n_closed,
        count(m.opportunity_key) filter (where o.outcome in ('won', 'lost')) as n_moved
    from opportunities as o
    left join moved as m on m.opportunity_key = o.opportunity_key
    group by o.owner_key
),
customers as (
    select
        owner_key,
        count(*) as n_all,
        count(owner_key) as n_owner,
        count(industry) as n_industry,
        count(region) as n_region,
        count(preference) as n_preference
    from accounts
    group by owner_key
),
people as (
    select
        a.owner_key,
        count(*) as n_all,
        count(c.account_key) as n_account,
        count(coalesce(c.phone, c.email)) as n_phone,
        count(c.birthday) as n_birthday,
        count(nullif(c.buying_role, 'unknown')) as n_role
    from contacts as c
    left join accounts as a on a.account_key = c.account_key
    group by a.owner_key
),
touches as (
    select
        owner_key,
        count(*) as n_all,
        count(owner_key) as n_owner,
        count(account_key) as n_account,
        count(opportunity_key) as n_deal,
        count(contact_key) as n_contact,
        count(happened_at) as n_happened,
        count(nullif(outcome, 'unknown')) as n_outcome,
        count(kind) as n_kind,
        count(minutes) as n_minutes
    from activities
    group by owner_key
),
promises as (
    select
        owner_key,
        count(*) as n_all,
        count(owner_key) as n_owner,
        count(due_on) as n_due,
        count(opportunity_key) as n_deal,
        count(assigned_by_key) as n_assigned
    from tasks
    group by owner_key
),
goods as (
    select count(*) as n_all, count(unit_cost) as n_cost, count(family) as n_family from products
),
lines as (
    select
        coalesce(d.owner_key, o.owner_key) as owner_key,
        count(*) as n_all,
        count(l.product_key) as n_product,
        count(coalesce(l.opportunity_key, o.opportunity_key)) as n_deal
    from line_items as l
    left join opportunities as d on d.opportunity_key = l.opportunity_key
    left join orders as o on o.order_key = l.order_key
    group by coalesce(d.owner_key, o.owner_key)
),
bills as (
    select owner_key, count(*) as n_all, count(due_on) as n_due from invoices group by owner_key
),
receipts as (
    select owner_key, count(*) as n_all, count(account_key) as n_account, count(paid_on) as n_paid from payments group by owner_key
),
service as (
    select owner_key, count(*) as n_all, count(account_key) as n_account from cases group by owner_key
),
decisions as (
    select
        requested_by_key as owner_key,
        count(*) as n_all,
        count(requested_by_key) as n_requested,
        count(*) filter (where decision in ('approved', 'rejected')) as n_decided,
        count(decided_by_key) filter (where decision in ('approved', 'rejected')) as n_decider,
        count(amount) as n_amount
    from approvals
    group by requested_by_key
),
staff as (
    select count(*) as n_all, count(manager_key) as n_manager from users
),
cells as (
    select owner_key, 'opportunities' as table_name, 'owner_key' as field, n_all, n_all as n_rows, n_owner as n_filled from deals
    union all
    select owner_key, 'opportunities', 'account_key', n_all, n_all, n_account from deals
    union all
    select owner_key, 'opportunities', 'amount', n_all, n_all, n_amount from deals
    union all
    select owner_key, 'opportunities', 'stage', n_all, n_all, n_stage from deals
    union all
    select owner_key, 'opportunities', 'created_at', n_all, n_all, n_created from deals
    union all
    select owner_key, 'opportunities', 'need', n_all, n_all, n_need from deals
    union all
    select owner_key, 'opportunities', 'expected_close_on', n_all, n_open, n_expected from deals
    union all
    select owner_key, 'opportunities', 'next_step', n_all, n_open, n_step from deals
    union all
    select owner_key, 'opportunities', 'closed_at', n_all, n_decided, n_closed from deals
    union all
    select owner_key, 'opportunities', 'stage_history', n_all, n_decided, n_moved from deals
    union all
    select owner_key, 'accounts', 'owner_key', n_all, n_all, n_owner from customers
    union all
    select owner_key, 'accounts', 'industry', n_all, n_all, n_industry from customers
    union all
    select owner_key, 'accounts', 'region', n_all, n_all, n_region from customers
    union all
    select owner_key, 'accounts', 'preference', n_all, n_all, n_preference from customers
    union all
    select owner_key, 'contacts', 'account_key', n_all, n_all, n_account from people
    union all
    select owner_key, 'contacts', 'phone', n_all, n_all, n_phone from people
    union all
    select owner_key, 'contacts', 'birthday', n_all, n_all, n_birthday from people
    union all
    select owner_key, 'contacts', 'buying_role', n_all, n_all, n_role from people
    union all
    select owner_key, 'activities', 'owner_key', n_all, n_all, n_owner from touches
    union all
    select owner_key, 'activities', 'account_key', n_all, n_all, n_account from touches
    union all
    select owner_key, 'activities', 'opportunity_key', n_all, n_all, n_deal from touches
    union all
    select owner_key, 'activities', 'contact_key', n_all, n_all, n_contact from touches
    union all
    select owner_key, 'activities', 'happened_at', n_all, n_all, n_happened from touches
    union all
    select owner_key, 'activities', 'outcome', n_all, n_all, n_outcome from touches
    union all
    select owner_key, 'activities', 'kind', n_all, n_all, n_kind from touches
    union all
    select owner_key, 'activities', 'minutes', n_all, n_all, n_minutes from touches
    union all
    select owner_key, 'tasks', 'owner_key', n_all, n_all, n_owner from promises
    union all
    select owner_key, 'tasks', 'due_on', n_all, n_all, n_due from promises
    union all
    select owner_key, 'tasks', 'opportunity_key', n_all, n_all, n_deal from promises
    union all
    select owner_key, 'tasks', 'assigned_by_key', n_all, n_all, n_assigned from promises
    union all
    select cast(null as integer), 'products', 'unit_cost', n_all, n_all, n_cost from goods
    union all
    select cast(null as integer), 'products', 'family', n_all, n_all, n_family from goods
    union all
    select owner_key, 'line_items', 'product_key', n_all, n_all, n_product from lines
    union all
    select owner_key, 'line_items', 'opportunity_key', n_all, n_all, n_deal from lines
    union all
    select owner_key, 'invoices', 'due_on', n_all, n_all, n_due from bills
    union all
    select owner_key, 'payments', 'account_key', n_all, n_all, n_account from receipts
    union all
    select owner_key, 'payments', 'paid_on', n_all, n_all, n_paid from receipts
    union all
    select owner_key, 'cases', 'account_key', n_all, n_all, n_account from service
    union all
    select owner_key, 'approvals', 'requested_by_key', n_all, n_all, n_requested from decisions
    union all
    select owner_key, 'approvals', 'decided_by_key', n_all, n_decided, n_decider from decisions
    union all
    select owner_key, 'approvals', 'amount', n_all, n_all, n_amount from decisions
    union all
    -- Somebody is at the top: his manager is not missing.
    select cast(null as integer), 'users', 'manager_key', n_all, greatest(n_all - 1, 0), n_manager from staff
),
everybody as (
    select
        table_name,
        field,
        sum(n_all) > 0 as has_table,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(least(n_filled, n_rows)) as bigint) as n_filled,
        cast(sum(least(n_filled, n_rows)) as double) / nullif(sum(n_rows), 0) as rate
    from cells
    group by table_name, field
),
fields as (
    select
        n.principle,
        n.table_name,
        n.field,
        n.is_key,
        coalesce(e.has_table, false) as has_table,
        coalesce(e.n_rows, 0) as n_rows,
        coalesce(e.n_filled, 0) as n_filled,
        case when coalesce(e.has_table, false) then e.rate else 0.0 end as rate
    from needed as n
    left join everybody as e on e.table_name = n.table_name and e.field = n.field
),
ranked as (
    select
        principle, table_name, field, is_key, has_table, n_rows, n_filled, rate,
        row_number() over (
            partition by principle
            order by case when is_key and rate < 0.5 then 0 else 1 end, rate asc nulls last, table_name, field
        ) as place
    from fields
),
principles as (
    select
        principle,
        avg(rate) as rate,
        coalesce(min(rate) filter (where is_key), 1.0) >= 0.5 as can_judge
    from fields
    group by principle
),
asked as (
    select distinct table_name, field from needed where field <> 'owner_key' and $principle in (0, principle)
),
own as (
    select
        c.owner_key,
        c.table_name,
        c.field,
        c.n_rows,
        least(c.n_filled, c.n_rows) as n_filled,
        (least(c.n_filled, c.n_rows) + 10 * e.rate) / (c.n_rows + 10) - e.rate as ahead
    from cells as c
    inner join asked as a on a.table_name = c.table_name and a.field = c.field
    inner join everybody as e on e.table_name = c.table_name and e.field = c.field
    where c.owner_key is not null and c.n_rows > 0
),
own_ranked as (
    select
        owner_key, table_name, field, n_rows, n_filled, ahead,
        row_number() over (partition by owner_key order by ahead asc nulls last, table_name, field) as place
    from own
),
owners as (
    select
        owner_key,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_filled) as bigint) as n_filled,
        cast(sum(n_filled) as double) / nullif(sum(n_rows), 0) as rate,
        avg(ahead) as ahead,
        max(n_rows) < 10 as is_few
    from own
    group by owner_key
),
final as (
    select
        'field' as kind, r.principle, r.place, r.table_name, r.field, r.is_key, r.has_table,
        cast(null as varchar) as user_id, cast(null as varchar) as name, cast(null as varchar) as team,
        r.n_rows, r.n_filled, r.rate, cast(null as double) as field_rate, cast(null as double) as ahead,
        p.rate as principle_rate, p.can_judge, r.n_rows < 10 as is_few
    from ranked as r
    inner join principles as p on p.principle = r.principle
    union all
    select
        'owner', null,
        row_number() over (order by o.is_few, o.ahead asc nulls last, u.user_id),
        case when w.ahead < 0 then w.table_name end,
        case when w.ahead < 0 then w.field end,
        null, null, u.user_id, u.name, u.team, o.n_rows, o.n_filled, o.rate,
        case when w.ahead < 0 then cast(w.n_filled as double) / nullif(w.n_rows, 0) end,
        o.ahead, null, null, o.is_few
    from owners as o
    inner join own_ranked as w on w.owner_key = o.owner_key and w.place = 1
    inner join users as u on u.user_key = o.owner_key
)
select
    kind,
    cast(principle as integer) as principle,
    cast(place as bigint) as place,
    table_name,
    field,
    is_key,
    has_table,
    user_id,
    name,
    team,
    n_rows,
    n_filled,
    cast(rate as double) as filled_rate,
    cast(field_rate as double) as field_rate,
    cast(ahead as double) as ahead_rate,
    cast(principle_rate as double) as principle_rate,
    can_judge,
    is_few
from final
order by kind asc, principle asc nulls last, place asc, user_id asc nulls last
