-- What: what needs attention today, ranked by the money at stake and how urgent it is.
-- Row: one action; at most 12 of a kind, best first. The page shows no more than 3 of a kind in its ten.
-- Definition: rules over the snapshot, each with its money and its urgency (0 to 1); score = money x odds x urgency.
--   Deals (money = amount; odds = chance of being won by the end of the fifth month from now at that position and age, firm_close_odds, so that
--   deals long dead do not crowd out those that can still be won, but at least half of win_odds with an effective contact
--   in the last 60 days; warnings as in deal_flags): silent_deal, large and without effective contact beyond the rhythm
--   of the deals that were won; slipped_deal, pushed twice or more, by more than 30 days, past its expected closing, or
--   large and pushed since the previous snapshot; ahead_deal, claims a later stage than its evidence; stepless_deal,
--   large and without a next step from today on; late_task, large with an open task past due. One line per deal, its
--   highest-scored rule; the others stand in also. Customers: stopped_paying, paid on three days or more before, owes
--   overdue money, and has not paid for twice its mean gap and at least 45 days (odds 0.8); overdue_bill, the largest
--   overdue instalment of any other customer (odds 0.5, it mostly comes); silent_customer, tier A and silent for more
--   than twice its usual gap and at least 30 days (money = value of 365 days, odds 0.25). Products: loss_product, sold
--   below cost in the last 365 days (money = the loss, odds 1). action_key = kind:natural id, so that what was done or
--   dismissed stays so in the next snapshot.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   action_key varchar: kind:natural id
--   kind varchar: code of the rule
--   place_in_kind bigint: 1 = highest score of its kind
--   name varchar: of the deal, the customer or the product
--   account_name varchar: customer; null for products
--   opportunity_id varchar: deal; null for customers and products
--   account_id varchar: customer
--   user_id varchar: who is responsible; null for products
--   owner_name varchar: who is responsible
--   amount decimal(18,2): reporting currency, money at stake
--   days bigint: days silent, late, overdue or without payment; null where the rule has none
--   number double: silent_deal, the limit in days; slipped_deal, pushes; ahead_deal, stages; late_task, tasks; overdue_bill, overdue
--     instalments of the customer; stopped_paying and silent_customer, the usual gap in days; loss_product, units sold
--   fact_on date: expected closing, next step, due day or last payment, as the kind has it
--   also varchar: other rules the deal breaks, codes separated by commas; empty when none
--   score double: reporting currency
-- Leaves out: deals without an amount, decided deals.
with old_deals as (
    select opportunity_id, expected_close_on from previous_opportunities where outcome = 'open'
),
warned as (
    select
        f.opportunity_key,
        d.owner_key,
        d.account_key,
        d.opportunity_id as natural_id,
        cast(d.amount as double) as amount,
        -- Old age is no death while somebody is at it.
        greatest(coalesce(o.odds, 0), case when f.days_silent <= 60 then coalesce(d.win_odds, 0) / 2 else 0 end) as odds,
        d.size_band is not distinct from 'large' as is_large,
        greatest(d.n_pushes, case when d.expected_close_on > p.expected_close_on then 1 else 0 end) as n_pushes,
        e.claimed_position - e.evidence_position as n_ahead,
        d.expected_close_on,
        d.next_step_on,
        date_diff('day', d.expected_close_on, $as_of) as days_late,
        f.days_silent,
        f.is_silent,
        f.is_slipped
        or (
            d.size_band is not distinct from 'large' and coalesce(d.expected_close_on > p.expected_close_on, false)
        ) as is_slipped,
        f.is_ahead,
        f.has_no_next_step
    from deal_flags as f
    inner join deal_facts as d on d.opportunity_key = f.opportunity_key
    left join deal_evidence as e on e.opportunity_key = f.opportunity_key
    left join old_deals as p on p.opportunity_id = d.opportunity_id
    left join firm_close_odds as o
        on o.pipeline = d.pipeline
        and o.position = d.reached_position
        and o.look = 0
        and o.n_months = 6
        and o.age_band = case
            when date_diff('day', d.created_on, $as_of) <= 30 then 1
            when date_diff('day', d.created_on, $as_of) <= 60 then 2
            when date_diff('day', d.created_on, $as_of) <= 90 then 3
            when date_diff('day', d.created_on, $as_of) <= 120 then 4
            when date_diff('day', d.created_on, $as_of) <= 180 then 5
            when date_diff('day', d.created_on, $as_of) <= 365 then 6
            else 7
        end
    where d.outcome = 'open' and d.amount > 0
),
late_tasks as (
    select opportunity_key, min(due_on) as due_on, count(*) as n_late
    from tasks
    where status = 'open' and completed_at is null and due_on < $as_of and opportunity_key is not null
    group by opportunity_key
),
deal_rules as (
    select
        'silent_deal' as kind, w.opportunity_key, w.days_silent as days, n.silence_limit_days as number,
        cast(null as date) as fact_on,
        least(1.0, cast(w.days_silent as double) / nullif(3 * n.silence_limit_days, 0)) as urgency
    from warned as w
    cross join firm_norms as n
    where w.is_silent and w.is_large
    union all
    select
        'slipped_deal', opportunity_key, case when days_late > 0 then days_late end, cast(n_pushes as double),
        expected_close_on,
        least(1.0, 0.3 + 0.1 * cast(n_pushes as double) + cast(coalesce(greatest(days_late, 0), 0) as double) / 180)
    from warned
    where is_slipped
    union all
    select
        'ahead_deal', opportunity_key, cast(null as bigint), cast(n_ahead as double), cast(null as date),
        least(1.0, 0.3 + 0.15 * cast(n_ahead as double))
    from warned
    where is_ahead
    union all
    select
        'stepless_deal', opportunity_key, date_diff('day', next_step_on, $as_of), cast(null as double), next_step_on,
        case when next_step_on is not null then 0.4 else 0.3 end
    from warned
    where has_no_next_step and is_large
    union all
    select
        'late_task', w.opportunity_key, date_diff('day', t.due_on, $as_of), cast(t.n_late as double), t.due_on,
        least(1.0, 0.3 + cast(date_diff('day', t.due_on, $as_of) as double) / 90)
    from warned as w
    inner join late_tasks as t on t.opportunity_key = w.opportunity_key
    where w.is_large
),
ranked_rules as (
    select
        r.kind,
        r.opportunity_key,
        r.days,
        r.number,
        r.fact_on,
        w.natural_id,
        w.owner_key,
        w.account_key,
        w.amount,
        w.amount * w.odds * r.urgency as score,
        row_number() over (partition by r.opportunity_key order by w.amount * w.odds * r.urgency desc nulls last, r.kind) as place
    from deal_rules as r
    inner join warned as w on w.opportunity_key = r.opportunity_key
),
broken as (
    select
        opportunity_key,
        max(case when kind = 'silent_deal' and place > 1 then kind end) as silent_kind,
        max(case when kind = 'slipped_deal' and place > 1 then kind end) as slipped_kind,
        max(case when kind = 'ahead_deal' and place > 1 then kind end) as ahead_kind,
        max(case when kind = 'stepless_deal' and place > 1 then kind end) as stepless_kind,
        max(case when kind = 'late_task' and place > 1 then kind end) as task_kind
    from ranked_rules
    group by opportunity_key
),
deal_actions as (
    select
        r.kind, r.natural_id, r.opportunity_key, r.account_key, r.owner_key, cast(null as varchar) as product_name,
        r.amount, r.days, r.number, r.fact_on, r.score,
        concat_ws(',', b.silent_kind, b.slipped_kind, b.ahead_kind, b.stepless_kind, b.task_kind) as also
    from ranked_rules as r
    inner join broken as b on b.opportunity_key = r.opportunity_key
    where r.place = 1
),
habits as (
    select
        account_key,
        count(distinct paid_on) as n_days,
        max(paid_on) as last_paid_on,
        cast(date_diff('day', min(paid_on), max(paid_on)) as double) / nullif(count(distinct paid_on) - 1, 0) as mean_gap
    from payments
    where account_key is not null and amount > 0 and paid_on <= $as_of
    group by account_key
),
stopped as (
    select
        c.account_key,
        c.owner_key,
        cast(c.overdue_amount as double) as amount,
        date_diff('day', h.last_paid_on, $as_of) as days,
        h.mean_gap,
        h.last_paid_on
    from account_facts as c
    inner join habits as h on h.account_key = c.account_key
    where c.overdue_amount > 0
        and h.n_days >= 3
        and date_diff('day', h.last_paid_on, $as_of) >= 45
        and cast(date_diff('day', h.last_paid_on, $as_of) as double) > 2 * h.mean_gap
),
bills as (
    select
        f.invoice_key,
        f.account_key,
        f.owner_key,
        cast(f.open_amount as double) as amount,
        f.days_overdue,
        f.due_on,
        count(*) over (partition by coalesce(f.account_key, -f.invoice_key)) as n_overdue,
        row_number() over (
            partition by coalesce(f.account_key, -f.invoice_key) order by f.open_amount desc nulls last, f.invoice_key
        ) as place
    from invoice_facts as f
    where f.days_overdue > 0
),
customer_actions as (
    select
        'stopped_paying' as kind, a.account_id as natural_id, cast(null as integer) as opportunity_key, s.account_key,
        s.owner_key, cast(null as varchar) as product_name, s.amount, s.days, s.mean_gap as number, s.last_paid_on as fact_on,
        s.amount * 0.8 * least(1.0, 0.5 + cast(s.days as double) / 365) as score
    from stopped as s
    inner join accounts as a on a.account_key = s.account_key
    union all
    select
        'overdue_bill', i.invoice_id, cast(null as integer), b.account_key, b.owner_key, cast(null as varchar), b.amount,
        cast(b.days_overdue as bigint), cast(b.n_overdue as double), b.due_on,
        b.amount * 0.5 * least(1.0, 0.3 + cast(b.days_overdue as double) / 180)
    from bills as b
    inner join invoices as i on i.invoice_key = b.invoice_key
    left join stopped as s on s.account_key = b.account_key
    where b.place = 1 and s.account_key is null
    union all
    select
        'silent_customer', a.account_id, cast(null as integer), c.account_key, c.owner_key, cast(null as varchar),
        cast(c.value_365 as double), cast(c.days_silent as bigint), c.usual_gap_days, cast(null as date),
        cast(c.value_365 as double) * 0.25 * least(1.0, cast(c.days_silent as double) / nullif(4 * c.usual_gap_days, 0))
    from account_facts as c
    inner join accounts as a on a.account_key = c.account_key
    where c.tier = 'A' and c.days_silent >= 30 and cast(c.days_silent as double) > 2 * c.usual_gap_days and c.value_365 > 0
),
product_actions as (
    select
        'loss_product' as kind, p.product_id as natural_id, cast(null as integer) as opportunity_key,
        cast(null as integer) as account_key, cast(null as integer) as owner_key, p.name as product_name,
        -cast(f.margin_365 as double) as amount, cast(null as bigint) as days, f.quantity_365 as number,
        cast(null as date) as fact_on, -cast(f.margin_365 as double) as score
    from product_facts as f
    inner join products as p on p.product_key = f.product_key
    where f.margin_365 < 0
),
every_action as (
    select
        kind, natural_id, opportunity_key, account_key, owner_key, product_name, amount, days, number, fact_on, score, also
    from deal_actions
    union all
    select
        kind, natural_id, opportunity_key, account_key, owner_key, product_name, amount, days, number, fact_on, score, ''
    from customer_actions
    union all
    select
        kind, natural_id, opportunity_key, account_key, owner_key, product_name, amount, days, number, fact_on, score, ''
    from product_actions
),
placed as (
    select
        kind, natural_id, opportunity_key, account_key, owner_key, product_name, amount, days, number, fact_on, score, also,
        row_number() over (partition by kind order by score desc nulls last, natural_id) as place_in_kind
    from every_action
)
select
    concat(p.kind, ':', p.natural_id) as action_key,
    p.kind,
    cast(p.place_in_kind as bigint) as place_in_kind,
    coalesce(o.name, p.product_name, a.name, p.natural_id) as name,
    a.name as account_name,
    o.opportunity_id,
    a.account_id,
    u.user_id,
    u.name as owner_name,
    cast(round(p.amount, 2) as decimal(18,2)) as amount,
    cast(p.days as bigint) as days,
    p.number,
    p.fact_on,
    p.also,
    p.score
from placed as p
left join opportunities as o on o.opportunity_key = p.opportunity_key
left join accounts as a on a.account_key = p.account_key
left join users as u on u.user_key = p.owner_key
where p.place_in_kind <= 12
order by score desc nulls last, action_key
