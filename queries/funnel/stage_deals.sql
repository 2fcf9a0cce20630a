-- What: the deals behind one stage of the funnel, the largest first.
-- Row: one deal, at most 1,000 of them.
-- Definition: deals of the entry cohort that reached the stage, by what became of them there: 'open' (still there as their highest
--   stage), 'lost', 'forward' (went further), 'unknown' (lost, the export does not say where), 'all'; so the numbers are those of
--   funnel/conversion. 'now' is another set: all open deals that stand in the stage as of the snapshot, whenever created; 'late' those
--   of them that stand there for longer than $usual_days. Position one above the last stage lists deals won. Days in the stage: all stays
--   added up, for 'now' and 'late' the present one alone. Warnings are those of the mart deal_flags; only open deals carry them. Overstayed: an open deal that stands in this stage for longer than $usual_days, the
--   usual time of funnel/time_in_stage.
-- Parameters:
--   as_of date: the snapshot's date
--   pipeline varchar: pipeline
--   position integer: place of the stage, from 1
--   outcome varchar: open, lost, forward, unknown, all, now or late
--   usual_days double: usual time in the stage, in days; null when not known
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
-- Columns:
--   opportunity_id varchar: deal
--   name varchar: its name
--   account varchar: name of the customer
--   user_id varchar: salesperson
--   owner varchar: name of the salesperson
--   outcome varchar: open, won or lost
--   stage varchar: stage claimed now
--   amount decimal(18,2): reporting currency
--   days_in_stage bigint: days; null without a date of entry
--   days_silent bigint: open deals: days since the last effective contact, since creation where there was none
--   expected_close_on date: as stated now
--   n_pushes bigint: moves of the expected day to a later one
--   is_overstayed boolean: open for longer than is usual in the stage
--   is_silent boolean: warning, no effective contact for too long
--   is_slipped boolean: warning, expected closing moved too far or past
--   is_ahead boolean: warning, claims a later stage than its milestones carry
--   has_no_next_step boolean: warning, nothing fixed that lies ahead
--   n_flags bigint: warnings raised, with those not listed here
--   loss_reason varchar: as the CRM states it
--   created_on date: day of creation
--   closed_on date: day of closing; null while open
--   n_deals bigint: deals in the whole list
-- Leaves out: deals without a creation date, unless 'now' or 'late' is asked for; deals beyond the first 1,000.
with entries as (
    select opportunity_key, days
    from stage_entries
    where pipeline is not distinct from $pipeline and position = $position and not is_skipped
),
facts as (
    select
        *,
        -- Who never moved has stood in the first stage since the day of creation.
        coalesce(stage_entered_on, case when stage_position = 1 and reached_position = 1 then created_on end) as there_since
    from deal_facts
),
deals as (
    select *
    from facts
    where pipeline is not distinct from $pipeline
        and case $outcome
            when 'now' then outcome = 'open' and stage_position = $position
            when 'late' then outcome = 'open'
                and stage_position = $position
                and date_diff('day', there_since, $as_of) > $usual_days
            else created_on >= $period_start
                and created_on < $period_end
                and reached_position >= $position
                and case $outcome
                    when 'open' then reached_position = $position and outcome = 'open'
                    when 'lost' then reached_position = $position and outcome = 'lost' and is_loss_stage_known
                    when 'unknown' then outcome = 'lost' and not coalesce(is_loss_stage_known, false)
                    when 'forward' then reached_position > $position
                    else true
                end
        end
),
named as (
    select
        d.opportunity_id,
        o.name,
        a.name as account,
        u.user_id,
        u.name as owner,
        d.outcome,
        d.stage,
        d.amount,
        case
            when $outcome in ('now', 'late') then cast(date_diff('day', d.there_since, $as_of) as double)
            else cast(e.days as double)
        end as days_in_stage,
        w.days_silent,
        d.expected_close_on,
        d.n_pushes,
        coalesce(
            d.outcome = 'open'
            and d.stage_position = $position
            and date_diff('day', d.there_since, $as_of) > $usual_days,
            false
        ) as is_overstayed,
        coalesce(w.is_silent, false) as is_silent,
        coalesce(w.is_slipped, false) as is_slipped,
        coalesce(w.is_ahead, false) as is_ahead,
        coalesce(w.has_no_next_step, false) as has_no_next_step,
        coalesce(w.n_flags, 0) as n_flags,
        nullif(trim(o.loss_reason), '') as loss_reason,
        d.created_on,
        d.closed_on,
        count(*) over () as n_deals
    from deals as d
    left join entries as e on e.opportunity_key = d.opportunity_key
    left join deal_flags as w on w.opportunity_key = d.opportunity_key
    left join opportunities as o on o.opportunity_key = d.opportunity_key
    left join accounts as a on a.account_key = d.account_key
    left join users as u on u.user_key = d.owner_key
)
select
    opportunity_id,
    name,
    account,
    user_id,
    owner,
    outcome,
    stage,
    cast(amount as decimal(18, 2)) as amount,
    cast(floor(days_in_stage) as bigint) as days_in_stage,
    cast(days_silent as bigint) as days_silent,
    expected_close_on,
    cast(n_pushes as bigint) as n_pushes,
    is_overstayed,
    is_silent,
    is_slipped,
    is_ahead,
    has_no_next_step,
    cast(n_flags as bigint) as n_flags,
    loss_reason,
    created_on,
    closed_on,
    cast(n_deals as bigint) as n_deals
from named
order by amount desc nulls last, opportunity_id
limit 1000
