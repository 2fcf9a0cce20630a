-- When a deal was closed: as exported, else its last move, else its expected date once that has passed.
-- What is closed in the snapshot was closed by its day: a later date is the plan that the CRM still shows.
update opportunities set closed_at = null where outcome = 'open' and closed_at is not null;
update opportunities set closed_at = m.changed_at
from (
    select opportunity_key, max(changed_at) as changed_at
    from stage_changes
    where opportunity_key in (select opportunity_key from opportunities where outcome <> 'open' and closed_at is null)
    group by opportunity_key
) as m
where opportunities.outcome <> 'open' and opportunities.closed_at is null and m.opportunity_key = opportunities.opportunity_key;
update opportunities set closed_at = cast(expected_close_on as timestamp)
where outcome <> 'open' and closed_at is null and expected_close_on <= $as_of;
update opportunities set closed_at = cast($as_of as timestamp)
where outcome <> 'open' and closed_at >= cast($as_of as timestamp) + interval 1 day;
update opportunities set stage_entered_at = coalesce(closed_at, cast($as_of as timestamp) + interval 1 day) - to_seconds(cast(seconds_in_stage as bigint))
where stage_entered_at is null and seconds_in_stage >= 0;
