select
    (select sum(hash(owner_key) % 7 + hash(is_effective) % 7 + hash(opportunity_key) % 7 + hash(happened_at) % 7 + hash(direction) % 7) from activities),
    (select sum(hash(opportunity_key) % 7 + hash(from_stage) % 7 + hash(to_stage) % 7 + hash(changed_at) % 7) from stage_changes),
    (select sum(hash(opportunity_key) % 7 + hash(pipeline) % 7) from opportunities)
