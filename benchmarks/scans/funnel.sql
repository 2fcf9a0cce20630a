select
    (select sum(hash(opportunity_key) % 7 + hash(pipeline) % 7 + hash(stage) % 7 + hash(outcome) % 7 + hash(created_at) % 7) from opportunities),
    (select sum(hash(opportunity_key) % 7 + hash(from_stage) % 7 + hash(to_stage) % 7 + hash(changed_at) % 7) from stage_changes)
