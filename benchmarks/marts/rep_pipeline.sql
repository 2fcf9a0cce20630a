-- One rep's hundred largest open deals.
select opportunity_id, stage, amount, n_touches, n_effective, last_touch_on
from deal_facts
where outcome = 'open' and owner_key = (select min(user_key) from users where role = 'rep')
order by amount desc nulls last, opportunity_id
limit 100
