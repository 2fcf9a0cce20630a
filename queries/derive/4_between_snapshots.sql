-- Moves that no export tells: what differs between the snapshot before and this one, and what was derived so before.
-- Precise to the distance between two snapshots, unless the CRM says since when the deal is in its stage.
-- Deals whose history was exported keep to that. The tables earlier_* are filled by the import when there is a snapshot before.
create temp table if not exists earlier_deals (opportunity_id varchar, stage varchar, outcome varchar, expected_close_on date);
create temp table if not exists earlier_moves (opportunity_id varchar, from_stage varchar, to_stage varchar, changed_at timestamp, amount decimal(18,2), expected_close_on date);
create temp table if not exists earlier_close_dates (opportunity_id varchar, changed_at timestamp, from_on date, to_on date);

create or replace temp table without_history as
select o.* from opportunities as o
where exists (select 1 from earlier_deals)
    and o.opportunity_key not in (select opportunity_key from stage_changes where opportunity_key is not null);

-- A history of stages need not tell of closing dates: for these a deal is judged by itself.
create or replace temp table without_close_dates as
select o.* from opportunities as o
where exists (select 1 from earlier_deals)
    and o.opportunity_key not in (select opportunity_key from stage_changes where opportunity_key is not null and expected_close_on is not null)
    and o.opportunity_key not in (select opportunity_key from close_date_changes where opportunity_key is not null);

insert into stage_changes (opportunity_key, from_stage, to_stage, changed_at, amount, expected_close_on, is_derived)
select o.opportunity_key, e.from_stage, e.to_stage, e.changed_at, e.amount, e.expected_close_on, true
from earlier_moves as e
join without_history as o on o.opportunity_id = e.opportunity_id
union all
select o.opportunity_key, e.stage, o.stage, least(coalesce(o.stage_entered_at, o.closed_at, cast($as_of as timestamp)), cast($as_of as timestamp)), o.amount, o.expected_close_on, true
from earlier_deals as e
join without_history as o on o.opportunity_id = e.opportunity_id
where e.stage <> o.stage;

insert into close_date_changes (opportunity_key, changed_at, from_on, to_on, is_derived)
select o.opportunity_key, e.changed_at, e.from_on, e.to_on, true
from earlier_close_dates as e
join without_close_dates as o on o.opportunity_id = e.opportunity_id
union all
select o.opportunity_key, cast($as_of as timestamp), e.expected_close_on, o.expected_close_on, true
from earlier_deals as e
join without_close_dates as o on o.opportunity_id = e.opportunity_id
-- at its closing many a CRM overwrites the expected day: that is no slip
where e.outcome = 'open' and o.outcome = 'open' and e.expected_close_on <> o.expected_close_on;

drop table without_history;
drop table without_close_dates;
