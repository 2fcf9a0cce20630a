-- What: whether deals that came to a stage with its evidence were won more often than those that came without.
-- Row: one open stage, and position 0 for all stages together.
-- Definition: entries into a stage in the 365 days up to as_of whose day is known. With = what the playbook demands by then was there seven
--   days later, or at the closing where that came first; only rules about contacts, meetings, demos, quotes and people, since nothing else has
--   a day. Compared within the same pipeline, stage and size band, as those win at different rates anyway: each such group weighs n1 n0 /
--   (n1 + n0) and needs two deals on either side. Difference: the weighted mean of the differences; interval: 95 %, deals taken as a whole
--   where they stand in several groups. Own: the same within the same pipeline, stage and salesperson, since a difference between people
--   (one who never records and seldom wins) is none between deals. Only decided deals are compared; the open ones are counted beside. An association and no cause:
--   who has a good deal visits it.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   pipeline varchar: pipeline; null for all
--   position bigint: place of the stage; 0 = all
--   stage varchar: stage; null for all
--   n_with bigint: decided deals that came with evidence, those compared
--   n_without bigint: decided deals that came without, those compared
--   n_open_with bigint: open deals that came with evidence
--   n_open_without bigint: open deals that came without
--   with_rate double: win rate of those with, weighted as above, 0 to 1
--   without_rate double: win rate of those without, weighted as above, 0 to 1
--   difference double: with less without
--   difference_low double: lower end of its 95 % interval
--   difference_high double: upper end of its 95 % interval
--   verdict varchar: higher, lower: told apart; same: not; few: fewer than ten on a side
--   own_difference double: with less without, within one salesperson's deals
--   own_low double: lower end of its 95 % interval
--   own_high double: upper end of its 95 % interval
--   own_verdict varchar: as verdict
-- Leaves out: deals whose way through the stages the CRM did not export (of those only some entries have a day, and which ones hangs on how
--   they ended); stages that demand nothing with a day; skipped stages; deals without an amount; groups without two deals on either side.
with rules as (
    select pipeline, position, measure, at_least
    from playbook_rules
    where is_shown
        and measure in ('contact', 'inbound', 'meeting', 'demo', 'people', 'decider', 'decider_meeting', 'offer', 'quote')
),

demanding as (
    select pipeline, min(position) as first_position from rules group by pipeline
),

entries as (
    select
        stage_entries.opportunity_key,
        stage_entries.pipeline,
        stage_entries.position,
        stage_entries.stage,
        deal_facts.size_band,
        deal_facts.owner_key,
        deal_facts.outcome,
        deal_facts.is_role_known,
        least(stage_entries.entered_on + 7, coalesce(deal_facts.closed_on, $as_of), $as_of) as until_on
    from stage_entries
    inner join demanding
        on demanding.pipeline is not distinct from stage_entries.pipeline and stage_entries.position >= demanding.first_position
    inner join deal_facts on deal_facts.opportunity_key = stage_entries.opportunity_key
    where stage_entries.entered_on > $as_of - interval 365 day
        and stage_entries.entered_on <= $as_of
        and not coalesce(stage_entries.is_skipped, false)
        and deal_facts.amount is not null
        and stage_entries.opportunity_key in (select opportunity_key from stage_changes where not is_derived)
),

touches as (
    select
        activities.opportunity_key,
        cast(activities.happened_at as date) as day,
        activities.contact_key,
        activities.kind,
        coalesce(activities.direction = 'in', false) as is_inbound,
        coalesce(activities.is_effective, false) as is_effective,
        coalesce(activities.is_effective and activities.kind in ('meeting', 'visit', 'demo'), false) as is_meeting,
        coalesce(activities.is_effective and contacts.buying_role = 'decider', false) as is_decider
    from activities
    left join contacts on contacts.contact_key = activities.contact_key
    where activities.opportunity_key in (select opportunity_key from entries)
        and (activities.is_effective or activities.kind = 'quote' or activities.direction = 'in')
),

counted as (
    select
        entries.opportunity_key,
        entries.position,
        count(case when touches.is_effective then 1 end) as n_contacts,
        count(case when touches.is_inbound then 1 end) as n_inbound,
        count(case when touches.is_meeting then 1 end) as n_meetings,
        count(case when touches.is_effective and touches.kind = 'demo' then 1 end) as n_demos,
        count(case when touches.kind = 'quote' then 1 end) as n_quotes,
        count(case when touches.is_decider then 1 end) as n_deciders,
        count(case when touches.is_decider and touches.is_meeting then 1 end) as n_decider_meetings,
        case
            when min(case when touches.is_effective then touches.contact_key end)
                < max(case when touches.is_effective then touches.contact_key end) then 2
            else count(case when touches.is_effective then touches.contact_key end)
        end as n_people
    from entries
    inner join touches on touches.opportunity_key = entries.opportunity_key and touches.day <= entries.until_on
    group by entries.opportunity_key, entries.position
),

shown as (
    select
        entries.opportunity_key,
        entries.pipeline,
        entries.position,
        entries.stage,
        entries.size_band,
        entries.owner_key,
        entries.outcome,
        min(
            case
                when rules.at_least <= case rules.measure
                    when 'contact' then coalesce(counted.n_contacts, 0)
                    when 'inbound' then coalesce(counted.n_inbound, 0)
                    when 'meeting' then coalesce(counted.n_meetings, 0)
                    when 'demo' then coalesce(counted.n_demos, 0)
                    when 'people' then coalesce(counted.n_people, 0)
                    when 'decider' then case
                        when not entries.is_role_known and counted.n_people = 2 then counted.n_contacts else coalesce(counted.n_deciders, 0)
                    end
                    when 'decider_meeting' then case
                        when not entries.is_role_known and counted.n_people = 2 then counted.n_meetings
                        else coalesce(counted.n_decider_meetings, 0)
                    end
                    when 'offer' then coalesce(counted.n_quotes, 0) + coalesce(counted.n_demos, 0)
                    when 'quote' then coalesce(counted.n_quotes, 0)
                end then 1
                else 0
            end
        ) as is_with
    from entries
    inner join rules on rules.pipeline is not distinct from entries.pipeline and rules.position <= entries.position
    left join counted on counted.opportunity_key = entries.opportunity_key and counted.position = entries.position
    group by
        entries.opportunity_key, entries.pipeline, entries.position, entries.stage, entries.size_band, entries.owner_key, entries.outcome
),

-- Each deal twice: among those of its size, and among those of its salesperson.
stratified as (
    select 'like' as kind, size_band as stratum, pipeline, position, opportunity_key, is_with, outcome from shown
    union all
    select 'own' as kind, cast(owner_key as varchar) as stratum, pipeline, position, opportunity_key, is_with, outcome from shown
),

decided as (
    select
        *,
        cast(case when outcome = 'won' then 1 else 0 end as double) as y,
        cast(sum(is_with) over (partition by kind, pipeline, position, stratum) as double) as n1,
        cast(sum(1 - is_with) over (partition by kind, pipeline, position, stratum) as double) as n0,
        avg(cast(case when outcome = 'won' then 1 else 0 end as double)) over (partition by kind, pipeline, position, stratum, is_with) as rate
    from stratified
    where outcome in ('won', 'lost')
),

-- And each of these twice: under its stage, and under all of them.
levels as (
    select kind, pipeline, position, opportunity_key, is_with, y, n1, n0, rate, n1 * n0 / nullif(n1 + n0, 0) as weight
    from decided
    where n1 >= 2 and n0 >= 2
    union all
    select
        kind, cast(null as varchar) as pipeline, 0 as position, opportunity_key, is_with, y, n1, n0, rate,
        n1 * n0 / nullif(n1 + n0, 0) as weight
    from decided
    where n1 >= 2 and n0 >= 2
),

-- How far each deal moves the difference, by its distance from the rate of its own side.
pulls as (
    select
        kind,
        pipeline,
        position,
        opportunity_key,
        max(is_with) as is_with,
        min(is_with) as is_always_with,
        sum(
            case
                when is_with = 1 then weight * (y - rate) / nullif(n1, 0) * sqrt(n1 / nullif(n1 - 1, 0))
                else -weight * (y - rate) / nullif(n0, 0) * sqrt(n0 / nullif(n0 - 1, 0))
            end
        ) as pull,
        sum(case when is_with = 1 then weight * y / nullif(n1, 0) else 0 end) as won_with,
        sum(case when is_with = 0 then weight * y / nullif(n0, 0) else 0 end) as won_without,
        sum(case when is_with = 1 then weight / nullif(n1, 0) else 0 end) as weight
    from levels
    group by kind, pipeline, position, opportunity_key
),

rates as (
    select
        kind,
        pipeline,
        position,
        count(case when is_with = 1 then 1 end) as n_with,
        count(case when is_always_with = 0 then 1 end) as n_without,
        sum(won_with) / nullif(sum(weight), 0) as with_rate,
        sum(won_without) / nullif(sum(weight), 0) as without_rate,
        1.96 * sqrt(sum(pull * pull)) / nullif(sum(weight), 0) as half
    from pulls
    group by kind, pipeline, position
),

compared as (
    select
        *,
        with_rate - without_rate as difference,
        case
            when n_with < 10 or n_without < 10 or half = 0 then 'few'
            when with_rate - without_rate - half > 0 then 'higher'
            when with_rate - without_rate + half < 0 then 'lower'
            else 'same'
        end as verdict
    from rates
),

still_open as (
    select
        pipeline,
        position,
        sum(is_with) as n_with,
        sum(1 - is_with) as n_without
    from shown
    where outcome = 'open'
    group by pipeline, position
    union all
    select
        cast(null as varchar) as pipeline,
        0 as position,
        count(distinct case when is_with = 1 then opportunity_key end) as n_with,
        count(distinct case when is_with = 0 then opportunity_key end) as n_without
    from shown
    where outcome = 'open'
),

places as (
    select cast(null as varchar) as pipeline, 0 as position, cast(null as varchar) as stage
    union all
    select stages.pipeline, stages.position, stages.stage
    from stages
    inner join demanding on demanding.pipeline is not distinct from stages.pipeline and stages.position >= demanding.first_position
    where stages.outcome = 'open'
)

select
    places.pipeline,
    cast(places.position as bigint) as position,
    places.stage,
    cast(coalesce(compared.n_with, 0) as bigint) as n_with,
    cast(coalesce(compared.n_without, 0) as bigint) as n_without,
    cast(coalesce(still_open.n_with, 0) as bigint) as n_open_with,
    cast(coalesce(still_open.n_without, 0) as bigint) as n_open_without,
    compared.with_rate,
    compared.without_rate,
    compared.difference,
    compared.difference - compared.half as difference_low,
    compared.difference + compared.half as difference_high,
    coalesce(compared.verdict, 'few') as verdict,
    own.difference as own_difference,
    own.difference - own.half as own_low,
    own.difference + own.half as own_high,
    coalesce(own.verdict, 'few') as own_verdict
from places
left join compared
    on compared.kind = 'like' and compared.pipeline is not distinct from places.pipeline and compared.position = places.position
left join compared as own
    on own.kind = 'own' and own.pipeline is not distinct from places.pipeline and own.position = places.position
left join still_open on still_open.pipeline is not distinct from places.pipeline and still_open.position = places.position
order by pipeline asc nulls first, position asc nulls last
