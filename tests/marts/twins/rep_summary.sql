-- Twin of rep_summary: one question per column for each user.
select
    u.user_key as owner_key, u.user_id,
    (select count(*) from opportunities o where o.owner_key = u.user_key and o.outcome = 'open')::int as n_open,
    coalesce((select sum(amount) from opportunities o where o.owner_key = u.user_key and o.outcome = 'open'), 0)::decimal(18, 2) as open_amount,
    (select count(*) from opportunities o where o.owner_key = u.user_key and o.outcome = 'won' and o.closed_at::date between $as_of - 364 and $as_of)::int as n_won_365,
    (select count(*) from opportunities o where o.owner_key = u.user_key and o.outcome <> 'open' and o.closed_at::date between $as_of - 364 and $as_of)::int as n_decided_365,
    coalesce((select sum(amount) from opportunities o where o.owner_key = u.user_key and o.outcome = 'won' and o.closed_at::date between $as_of - 364 and $as_of), 0)::decimal(18, 2) as won_amount_365,
    (select count(*) from activities a where a.owner_key = u.user_key and a.is_effective and a.happened_at::date between $as_of - 89 and $as_of)::int as n_effective_90,
    (
        select count(*) from opportunities o
        where o.owner_key = u.user_key and o.outcome = 'open' and coalesce(
            (select max(a.happened_at::date) from activities a where a.opportunity_key = o.opportunity_key and a.is_effective and a.happened_at::date <= $as_of),
            o.created_at::date, date '1900-01-01'
        ) + 30 < $as_of
    )::int as n_silent,
    (
        select count(*) from opportunities o
        where o.owner_key = u.user_key and o.outcome = 'open' and exists (
            select 1 from close_date_changes c
            where c.opportunity_key = o.opportunity_key and c.from_on < c.to_on and coalesce(c.changed_at::date <= $as_of, true)
        )
    )::int as n_pushed,
    coalesce((
        select sum(amount) from opportunities o
        where o.owner_key = u.user_key and o.outcome = 'won' and o.closed_at::date <= $as_of
            and year(o.closed_at) = year($as_of) and quarter(o.closed_at) = quarter($as_of)
    ), 0)::decimal(18, 2) as won_amount_quarter
from users u
