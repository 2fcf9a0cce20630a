-- Effective contact, the one definition: a contact that was really made with the customer, not only tried or planned.
-- Made: the outcome says so, or the customer came to us, or people met, or somebody named was spoken to for a while.
create or replace temp macro made_contact(outcome, direction, kind, minutes, contact_key) as coalesce(
    case
        when outcome = 'no_answer' then false
        when outcome in ('reached', 'positive', 'neutral', 'negative') then true
        when direction = 'in' or kind in ('visit', 'meeting', 'demo') then true
        else minutes >= 1 and contact_key is not null
    end, false);
