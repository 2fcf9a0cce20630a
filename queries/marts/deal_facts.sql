-- What: one deal with everything that pages ask about it: place in the funnel, contacts, evidence, slips, odds.
-- Row: one deal of opportunities.
-- Definition: positions count the open stages of the deal's pipeline from 1; won stands behind the last (n_stages + 1).
--   Touches are activities dated up to the as-of date, and up to the closing day where the deal is closed: paperwork after the
--   signature did not win it. Effective contacts are activities.is_effective and nothing else.
--   A push is a move of the expected closing date to a later day, made before the closing day (some CRMs reset it at closing).
--   Default milestones by relative position p / n_stages: first stage none; from 30 % an effective contact; from 50 % a meeting,
--   visit or demo; from 70 % a quote or demo (activity, or line items on the deal); from 85 % an effective contact with a decider, or
--   two distinct contacts where no buying role is known at the customer. A rule that no row of the whole snapshot could
--   satisfy (no quote or demo exported at all) is not demanded: an export that lacks it says nothing about the deal.
--   evidence_position is the highest stage whose rules and all below hold; null where no activities were exported.
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
--   has_meeting boolean: an effective meeting, visit or demo
--   has_quote boolean: a quote activity or line items
--   has_demo boolean: an effective demo
--   met_decider boolean: an effective contact with a decider
--   evidence_position integer: highest position that the evidence supports
--   is_ahead_of_evidence boolean: open, and claimed above its evidence
--   next_step_on date: day of the agreed next step
--   has_next_step boolean: a next step not in the past, or an open task due from today on
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
        -- One number for what kinds were seen: 1 a meeting, visit or demo, 2 a quote, 4 a demo.
        case
            when a.kind = 'quote' then 2
            when a.is_effective and a.kind in ('meeting', 'visit') then 1
            when a.is_effective and a.kind = 'demo' then 5
        end as seen
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
        coalesce(bit_or(seen), 0) as seen,
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
    select distinct a.opportunity_key
    from activities as a
    inner join contacts as p on p.contact_key = a.contact_key
    inner join deals as d on d.opportunity_key = a.opportunity_key
    where a.is_effective and p.buying_role = 'decider' and cast(a.happened_at as date) <= coalesce(d.last_day, $as_of)
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
    select distinct opportunity_key from line_items where opportunity_key is not null
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
exported as (
    -- What the snapshot could say at all; a milestone nobody can show is not demanded.
    select
        (select count(*) > 0 from activities) as has_activities,
        (select count(*) > 0 from touches where seen & 1 > 0) as has_meetings,
        (select count(*) > 0 from touches where seen & 6 > 0) or (select count(*) > 0 from deal_lines) as has_offers,
        (select count(*) > 0 from touches where one_person is not null) as has_people
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
),
judged as (
    select
        d.*,
        coalesce(t.n_touches, 0) as n_touches,
        coalesce(t.n_effective, 0) as n_effective,
        t.first_touch_on,
        t.last_touch_on,
        t.last_effective_on,
        coalesce(n.n_contacts_90d, 0) as n_contacts_90d,
        coalesce(t.seen & 1 > 0, false) as has_meeting,
        coalesce(t.seen & 2 > 0, false) or l.opportunity_key is not null as has_quote,
        coalesce(t.seen & 4 > 0, false) as has_demo,
        m.opportunity_key is not null as met_decider,
        m.opportunity_key is not null or (not coalesce(r.is_known, false) and coalesce(t.one_person < t.another_person, false)) as has_power,
        x.has_activities, x.has_meetings, x.has_offers, x.has_people
    from placed as d
    cross join exported as x
    left join touches as t on t.opportunity_key = d.opportunity_key
    left join contacts_of_late as n on n.opportunity_key = d.opportunity_key
    left join deciders_met as m on m.opportunity_key = d.opportunity_key
    left join deal_lines as l on l.opportunity_key = d.opportunity_key
    left join roles as r on r.account_key = d.account_key
),
evidenced as (
    -- A stage p is supported while 100 p < bound * n_stages; the bound is the first milestone that is missing.
    select
        *,
        case
            when n_stages = 0 or not has_activities then null
            when n_effective = 0 then greatest(1, (30 * n_stages - 1) // 100)
            when has_meetings and not has_meeting then greatest(1, (50 * n_stages - 1) // 100)
            when has_offers and not (has_quote or has_demo) then greatest(1, (70 * n_stages - 1) // 100)
            when has_people and not has_power then greatest(1, (85 * n_stages - 1) // 100)
            else n_stages
        end as evidence_position
    from judged
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
    cast(d.n_touches as integer) as n_touches,
    cast(d.n_effective as integer) as n_effective,
    d.first_touch_on,
    d.last_touch_on,
    d.last_effective_on,
    cast(d.n_contacts_90d as integer) as n_contacts_90d,
    cast(coalesce(p.n_pushes, 0) as integer) as n_pushes,
    cast(coalesce(p.days_pushed, 0) as integer) as days_pushed,
    d.has_meeting,
    d.has_quote,
    d.has_demo,
    d.met_decider,
    cast(d.evidence_position as integer) as evidence_position,
    coalesce(d.outcome = 'open' and d.stage_position > d.evidence_position, false) as is_ahead_of_evidence,
    d.next_step_on,
    coalesce(
        d.next_step_on >= $as_of
        or (d.next_step_on is null and trim(d.next_step) <> '')
        or t.opportunity_key is not null,
        false
    ) as has_next_step,
    case when d.outcome = 'open' then cast(o.odds as double) end as win_odds
from evidenced as d
left join users as u on u.user_key = d.owner_key
left join accounts as a on a.account_key = d.account_key
left join bands as b on b.pipeline is not distinct from d.pipeline
left join families as f on f.opportunity_key = d.opportunity_key
left join pushes as p on p.opportunity_key = d.opportunity_key
left join promises as t on t.opportunity_key = d.opportunity_key
left join odds as o on o.pipeline is not distinct from d.pipeline and o.position = d.reached_position
