-- What: one deal with everything that pages ask about it: place in the funnel, contacts, slips, odds.
-- Row: one deal of opportunities.
-- Definition: positions count the open stages of the deal's pipeline from 1; won stands behind the last (n_stages + 1).
--   Touches are activities dated up to the as-of date, and up to the closing day where the deal is closed: paperwork after the
--   signature did not win it. Effective contacts are activities.is_effective and nothing else.
--   A push is a move of the expected closing date to a later day, made before the closing day (some CRMs reset it at closing).
--   What was done on the deal is counted here, up to that same day; deal_milestones holds the counts against the playbook.
--   win_odds as in firm_stage_odds, at the reached stage, open deals only.
-- Columns:
--   opportunity_key integer: join key
--   owner_key integer: users
--   account_key integer: accounts
--   opportunity_id varchar: id in the CRM
--   pipeline varchar: pipeline
--   team varchar: team of the owner
--   region varchar: region of the customer
--   source varchar: where the deal came from
--   size_band varchar: small, medium, large = terciles of amount among the pipeline's deals
--   product_family varchar: family with the largest line value; null without lines
--   outcome varchar: open, won, lost
--   amount decimal(18,2): reporting currency
--   created_on date: day of creation
--   closed_on date: day of closing; null while open
--   expected_close_on date: expected closing day
--   stage varchar: stage claimed
--   stage_position integer: position claimed; won = n_stages + 1; lost = last open stage known, else null
--   reached_position integer: highest open position ever reached, at least 1; won = n_stages + 1
--   n_stages integer: open stages of the pipeline
--   is_loss_stage_known boolean: for lost deals, whether the stage of the loss is known; null for others
--   stage_entered_on date: first day of the present or last stage; null unknown
--   n_touches integer: activities
--   n_effective integer: effective contacts
--   first_touch_on date: day of the first activity
--   last_touch_on date: day of the last activity
--   last_effective_on date: day of the last effective contact
--   n_contacts_90d integer: distinct people effectively contacted in the 90 days up to the as-of date or the closing
--   n_pushes integer: moves of the expected closing date to a later day
--   days_pushed integer: days of all these moves together
--   n_meetings integer: effective meetings, visits and demos
--   n_demos integer: effective demos
--   n_quotes integer: quote activities
--   n_lines integer: lines of products
--   n_inbound integer: contacts that the customer made
--   n_decider_contacts integer: effective contacts with a decider
--   n_decider_meetings integer: of these meetings, visits and demos
--   people_met integer: distinct people effectively talked to: 0, 1, or 2 for several
--   is_role_known boolean: a buying role is known of anybody at the customer
--   next_step_on date: day of the agreed next step
--   has_next_step boolean: a next step not in the past, or an open task due from today on
--   has_dated_step boolean: of these one with a day
--   win_odds double: 0 to 1; null for closed deals
with deals as not materialized (
    -- The deals are read anew for each use, each time only the columns it needs: kept once, all of them would be.
    select
        opportunity_key, owner_key, account_key, opportunity_id, pipeline, source, outcome, amount, stage,
        next_step, next_step_on, expected_close_on,
        cast(created_at as date) as created_on,
        cast(closed_at as date) as closed_on,
        cast(stage_entered_at as date) as stage_entered_on,
        case
            when outcome in ('won', 'lost') then least(cast(closed_at as date), $as_of)
            else $as_of
        end as last_day
    from opportunities
),
pipelines as (
    select pipeline, count(*) as n_stages
    from stages
    where outcome = 'open'
    group by pipeline
),
moves as ( -- made first
    select
        c.opportunity_key,
        max(greatest(t.position, f.position)) as top_position,
        -- Latest open position seen; of moves at the same moment the higher one. One number, as it costs less than a sort.
        max(epoch_ms(c.changed_at) * 1000 + coalesce(t.position, f.position)) % 1000 as last_position,
        max(c.changed_at) filter (where c.to_stage = d.stage) as entered_at
    from stage_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    left join stages as t
        on t.pipeline is not distinct from d.pipeline and t.stage = c.to_stage and t.outcome = 'open'
    left join stages as f
        on f.pipeline is not distinct from d.pipeline and f.stage = c.from_stage and f.outcome = 'open'
    where c.changed_at is null or cast(c.changed_at as date) <= $as_of
    group by c.opportunity_key
),
roles as (
    select account_key, bool_or(buying_role in ('decider', 'influencer', 'user', 'gatekeeper')) as is_known
    from contacts
    where account_key is not null
    group by account_key
),
contacts_made as (
    -- What each activity up to the deal's last day says of it.
    select
        a.opportunity_key,
        cast(a.happened_at as date) as day,
        case when a.is_effective then cast(a.happened_at as date) end as effective_on,
        case when a.is_effective then a.contact_key end as contact_key,
        -- Four counts in the sum of one number, each with room for a million: meetings, demos, quotes, what the customer began.
        case
            when a.is_effective and a.kind in ('meeting', 'visit') then 1
            when a.is_effective and a.kind = 'demo' then 1048577
            when a.kind = 'quote' then 1099511627776
            else 0
        end + case when a.direction = 'in' then 1152921504606846976 else 0 end as counted
    from activities as a
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where cast(a.happened_at as date) <= coalesce(d.last_day, $as_of)
),
touches as ( -- made first
    select
        opportunity_key,
        count(*) as n_touches,
        count(effective_on) as n_effective,
        min(day) as first_touch_on,
        max(day) as last_touch_on,
        max(effective_on) as last_effective_on,
        sum(counted) as counted,
        -- The least and the greatest key tell nobody, one person and several apart, for less than counting people.
        min(contact_key) as one_person,
        max(contact_key) as another_person
    from contacts_made
    group by opportunity_key
),
people_of_late as (
    select distinct a.opportunity_key, a.contact_key
    from activities as a
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where a.is_effective and a.contact_key is not null
        and cast(a.happened_at as date) between coalesce(d.last_day, $as_of) - 89 and coalesce(d.last_day, $as_of)
),
contacts_of_late as ( -- made first
    select opportunity_key, count(*) as n_contacts_90d from people_of_late group by opportunity_key
),
deciders_met as ( -- made first
    select a.opportunity_key, count(*) as n_contacts, count(*) filter (where a.kind in ('meeting', 'visit', 'demo')) as n_meetings
    from activities as a
    inner join contacts as p on p.contact_key = a.contact_key
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where a.is_effective and p.buying_role = 'decider' and cast(a.happened_at as date) <= coalesce(d.last_day, $as_of)
    group by a.opportunity_key
),
line_values as (
    select
        coalesce(l.opportunity_key, o.opportunity_key) as opportunity_key,
        p.family,
        sum(l.quantity * cast(l.unit_price as double)) as line_value
    from line_items as l
    left join orders as o on o.order_key = l.order_key
    left join products as p on p.product_key = l.product_key
    where p.family is not null
    group by all
),
families as ( -- made first
    select opportunity_key, arg_max(family, {'value': coalesce(line_value, 0), 'name': family}) as product_family
    from line_values
    where opportunity_key is not null
    group by opportunity_key
),
deal_lines as (
    select opportunity_key, count(*) as n_lines from line_items where opportunity_key is not null group by opportunity_key
),
pushes as ( -- made first
    select
        c.opportunity_key,
        count(*) as n_pushes,
        sum(c.to_on - c.from_on) as days_pushed
    from close_date_changes as c
    inner join deals as d on d.opportunity_key = c.opportunity_key
    where c.to_on > c.from_on
        and (c.changed_at is null or cast(c.changed_at as date) <= $as_of)
        and (d.closed_on is null or c.changed_at is null or cast(c.changed_at as date) < d.closed_on)
    group by c.opportunity_key
),
promises as (
    select distinct opportunity_key
    from tasks
    where opportunity_key is not null and status = 'open' and completed_at is null and due_on >= $as_of
),
bands as (
    select
        pipeline,
        quantile_cont(cast(amount as double), 1.0 / 3) as lower_cut,
        quantile_cont(cast(amount as double), 2.0 / 3) as upper_cut
    from deals
    where amount is not null
    group by pipeline
),
placed as (
    select
        d.*,
        coalesce(p.n_stages, 0) as n_stages,
        case d.outcome
            when 'won' then coalesce(p.n_stages, 0) + 1
            when 'lost' then coalesce(s.position, m.last_position)
            else s.position
        end as stage_position,
        case d.outcome
            when 'won' then coalesce(p.n_stages, 0) + 1
            else greatest(s.position, m.top_position, 1)
        end as reached_position,
        cast(m.entered_at as date) as moved_on
    from deals as d
    left join pipelines as p on p.pipeline is not distinct from d.pipeline
    left join stages as s on s.pipeline is not distinct from d.pipeline and s.stage = d.stage and s.outcome = 'open'
    left join moves as m on m.opportunity_key = d.opportunity_key
),
decided as ( -- made first
    select pipeline, reached_position, count(*) as n_decided, count(*) filter (where outcome = 'won') as n_won
    from placed
    where outcome in ('won', 'lost')
    group by pipeline, reached_position
),
pipeline_rates as (
    select pipeline, sum(n_won) / sum(n_decided) as win_rate from decided group by pipeline
),
odds as (
    -- The same formula as firm_stage_odds, which reads this table and so cannot be read here; a test holds them equal.
    select
        s.pipeline,
        s.position,
        coalesce(
            (coalesce(sum(d.n_won), 0) + 20 * coalesce(any_value(r.win_rate), any_value(f.win_rate)))
            / (coalesce(sum(d.n_decided), 0) + 20),
            any_value(s.default_probability)
        ) as odds
    from stages as s
    cross join (select sum(n_won) / sum(n_decided) as win_rate from decided) as f
    left join pipeline_rates as r on r.pipeline is not distinct from s.pipeline
    left join decided as d on d.pipeline is not distinct from s.pipeline and d.reached_position >= s.position
    where s.outcome = 'open'
    group by s.pipeline, s.position
)
select
    d.opportunity_key,
    d.owner_key,
    d.account_key,
    d.opportunity_id,
    d.pipeline,
    u.team,
    a.region,
    d.source,
    case
        when d.amount is null then null
        when d.amount <= b.lower_cut then 'small'
        when d.amount <= b.upper_cut then 'medium'
        else 'large'
    end as size_band,
    f.product_family,
    d.outcome,
    d.amount,
    d.created_on,
    d.closed_on,
    d.expected_close_on,
    d.stage,
    cast(d.stage_position as integer) as stage_position,
    cast(d.reached_position as integer) as reached_position,
    cast(d.n_stages as integer) as n_stages,
    case when d.outcome = 'lost' then d.stage_position is not null end as is_loss_stage_known,
    coalesce(d.stage_entered_on, d.moved_on) as stage_entered_on,
    cast(coalesce(c.n_touches, 0) as integer) as n_touches,
    cast(coalesce(c.n_effective, 0) as integer) as n_effective,
    c.first_touch_on,
    c.last_touch_on,
    c.last_effective_on,
    cast(coalesce(n.n_contacts_90d, 0) as integer) as n_contacts_90d,
    cast(coalesce(p.n_pushes, 0) as integer) as n_pushes,
    cast(coalesce(p.days_pushed, 0) as integer) as days_pushed,
    cast(coalesce(c.counted & 1048575, 0) as integer) as n_meetings,
    cast(coalesce((c.counted >> 20) & 1048575, 0) as integer) as n_demos,
    cast(coalesce((c.counted >> 40) & 1048575, 0) as integer) as n_quotes,
    cast(coalesce(l.n_lines, 0) as integer) as n_lines,
    cast(coalesce(c.counted >> 60, 0) as integer) as n_inbound,
    cast(coalesce(m.n_contacts, 0) as integer) as n_decider_contacts,
    cast(coalesce(m.n_meetings, 0) as integer) as n_decider_meetings,
    case when c.one_person < c.another_person then 2 when c.one_person is not null then 1 else 0 end as people_met,
    coalesce(r.is_known, false) as is_role_known,
    d.next_step_on,
    coalesce(
        d.next_step_on >= $as_of
        or (d.next_step_on is null and trim(d.next_step) <> '')
        or t.opportunity_key is not null,
        false
    ) as has_next_step,
    coalesce(d.next_step_on >= $as_of or t.opportunity_key is not null, false) as has_dated_step,
    case when d.outcome = 'open' then cast(o.odds as double) end as win_odds
from placed as d
left join users as u on u.user_key = d.owner_key
left join accounts as a on a.account_key = d.account_key
left join touches as c on c.opportunity_key = d.opportunity_key
left join contacts_of_late as n on n.opportunity_key = d.opportunity_key
left join deciders_met as m on m.opportunity_key = d.opportunity_key
left join deal_lines as l on l.opportunity_key = d.opportunity_key
left join roles as r on r.account_key = d.account_key
left join bands as b on b.pipeline is not distinct from d.pipeline
left join families as f on f.opportunity_key = d.opportunity_key
left join pushes as p on p.opportunity_key = d.opportunity_key
left join promises as t on t.opportunity_key = d.opportunity_key
left join odds as o on o.pipeline is not distinct from d.pipeline and o.position = d.reached_position
