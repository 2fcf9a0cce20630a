select
    (select sum(hash(is_effective) % 7 + hash(opportunity_key) % 7 + hash(happened_at) % 7) from activities),
    (select sum(hash(opportunity_key) % 7 + hash(outcome) % 7 + hash(closed_at) % 7) from opportunities)
