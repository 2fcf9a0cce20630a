-- What: what the playbook can demand of a deal, and whether this export shows it at all.
-- Row: one measure; dashboard/playbook.toml has the same codes.
-- Definition: is_shown is false where no row of the whole snapshot could satisfy the measure: an export that lacks it says nothing about a deal.
-- Columns:
--   measure varchar: code
--   is_shown boolean: the export could show it
with deals as (
    select
        bool_or(n_meetings > 0) as has_meetings,
        bool_or(n_demos > 0) as has_demos,
        bool_or(n_quotes > 0) as has_quotes,
        bool_or(n_lines > 0) as has_lines,
        bool_or(n_inbound > 0) as has_inbound,
        bool_or(people_met > 0) as has_people,
        bool_or(amount > 0) as has_amounts,
        bool_or(expected_close_on is not null) as has_close_dates,
        bool_or(has_next_step) as has_steps,
        bool_or(has_dated_step) as has_dated_steps
    from deal_facts
),
others as (
    select
        (select count(*) > 0 from activities) as has_activities,
        (select count(opportunity_key) > 0 from activities) as has_contacts,
        (select count(need) > 0 from opportunities) as has_needs,
        (select count(*) > 0 from approvals where decision = 'approved' and opportunity_key is not null) as has_approvals,
        (select count(*) > 0 from orders where opportunity_key is not null and not coalesce(is_derived, false)) as has_orders,
        (select count(*) > 0 from payments where order_key is not null) as has_payments
),
measures as (
    select unnest([
        -- Contacts that are all tied to customers alone, as HubSpot exports them, tell nothing about a deal.
        {'measure': 'contact', 'is_shown': o.has_contacts},
        {'measure': 'inbound', 'is_shown': d.has_inbound},
        {'measure': 'recent', 'is_shown': o.has_contacts},
        {'measure': 'meeting', 'is_shown': o.has_activities and d.has_meetings},
        {'measure': 'demo', 'is_shown': o.has_activities and d.has_demos},
        {'measure': 'people', 'is_shown': d.has_people},
        {'measure': 'people_90d', 'is_shown': d.has_people},
        {'measure': 'decider', 'is_shown': d.has_people},
        {'measure': 'decider_meeting', 'is_shown': d.has_people and d.has_meetings},
        -- Lines alone, without any activity, do not tell an offer from a plan.
        {'measure': 'offer', 'is_shown': o.has_activities and (d.has_quotes or d.has_demos or d.has_lines)},
        {'measure': 'quote', 'is_shown': d.has_quotes or d.has_lines},
        {'measure': 'lines', 'is_shown': d.has_lines},
        {'measure': 'need', 'is_shown': o.has_needs},
        {'measure': 'amount', 'is_shown': d.has_amounts},
        {'measure': 'close_date', 'is_shown': d.has_close_dates},
        {'measure': 'step', 'is_shown': d.has_steps},
        {'measure': 'dated_step', 'is_shown': d.has_dated_steps},
        {'measure': 'approval', 'is_shown': o.has_approvals},
        {'measure': 'order', 'is_shown': o.has_orders},
        {'measure': 'payment', 'is_shown': o.has_payments}
    ], recursive := true)
    from deals as d
    cross join others as o
)
select measure, coalesce(is_shown, false) as is_shown from measures
