-- Moves between stages: the stage moved from, and the one move that a deal without history tells of itself.
update stage_changes set is_derived = false where is_derived is null;
update stage_changes set from_stage = m.from_stage
from (
    select m.opportunity_key, m.to_stage, m.changed_at,
        -- what was entered on one day was entered in the order of the stages
        lag(m.to_stage) over (partition by m.opportunity_key order by m.changed_at, m.source_file, m.source_record, s.position) as from_stage
    from stage_changes as m
    join opportunities as o on o.opportunity_key = m.opportunity_key
    left join stages as s on s.pipeline = o.pipeline and s.stage = m.to_stage
    where m.opportunity_key in (select opportunity_key from stage_changes group by opportunity_key having count(*) > 1 and count(from_stage) < count(*) - 1)
) as m
where stage_changes.from_stage is null and m.from_stage is not null and m.opportunity_key = stage_changes.opportunity_key
    and m.to_stage = stage_changes.to_stage and m.changed_at = stage_changes.changed_at;

insert into stage_changes (opportunity_key, from_stage, to_stage, changed_at, changed_by_key, amount, expected_close_on, is_derived)
select o.opportunity_key, null, o.stage, o.stage_entered_at, null, o.amount, o.expected_close_on, true
from opportunities as o
anti join stage_changes as c on c.opportunity_key = o.opportunity_key
where o.stage is not null and o.stage_entered_at is not null;

insert into close_date_changes (opportunity_key, changed_at, from_on, to_on, is_derived)
select opportunity_key, changed_at, from_on, to_on, false
from (
    select opportunity_key, changed_at, expected_close_on as to_on,
        lag(expected_close_on) over (partition by opportunity_key order by changed_at, source_file, source_record) as from_on
    from stage_changes
    where expected_close_on is not null and not is_derived
)
where from_on <> to_on and not exists (select 1 from close_date_changes where not is_derived);
