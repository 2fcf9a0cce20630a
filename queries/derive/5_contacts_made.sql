-- Effective contacts of rows that intake did not judge as it loaded them; and nothing counts before it has happened.
update activities set is_effective = made_contact(outcome, direction, kind, minutes, contact_key) where is_effective is null;
update activities set is_effective = false
where is_effective and (happened_at is null or happened_at >= cast($as_of as timestamp) + interval 1 day);
update activities set account_key = o.account_key
from opportunities as o
where activities.account_key is null and o.opportunity_key = activities.opportunity_key and o.account_key is not null;
update activities set account_key = c.account_key
from contacts as c
where activities.account_key is null and c.contact_key = activities.contact_key and c.account_key is not null;
-- Where one reference must do for deal and customer, a to-do on a deal is one for its customer.
update tasks set account_key = o.account_key
from opportunities as o
where tasks.account_key is null and o.opportunity_key = tasks.opportunity_key and o.account_key is not null;
