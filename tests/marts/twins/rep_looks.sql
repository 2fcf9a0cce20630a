-- Twin of rep_looks: every deal at every look asked one by one where it stood and when it was won.
with looks as (
    select
        o.opportunity_key, o.owner_key, o.pipeline, o.outcome, o.amount, o.created_at::date as born, look::integer as look,
        if($as_of + 1 = date_trunc('month', $as_of + 1),
            (date_trunc('month', $as_of + 1) - to_months(look::int))::date - 1,
            ($as_of - to_months(look::int))::date) as looked_on,
        if(o.outcome = 'won' and o.closed_at::date <= $as_of, o.closed_at::date, null) as won_on,
        o.closed_at::date as closed_on
    from opportunities o
    cross join range(0, 25) as r(look)
),
seen as (
    select * from looks
    where born <= looked_on
        and (outcome = 'open' or (closed_on > looked_on and looked_on < $as_of))
),
placed as (
    select
        s.*,
        case
            when look = 0 then (select reached_position from deal_facts d where d.opportunity_key = s.opportunity_key)
            when not exists (select 1 from stage_changes c where c.opportunity_key = s.opportunity_key and c.is_derived = false) then 0
            else coalesce((
                select max(e.position) from stage_entries e
                where e.opportunity_key = s.opportunity_key and e.entered_on <= s.looked_on
                    and (e.left_on is null or e.left_on > s.looked_on)
            ), 0)
        end as position
    from seen s
)
select
    owner_key, look, looked_on, pipeline, position::integer as position,
    case when looked_on - born <= 30 then 1 when looked_on - born <= 60 then 2 when looked_on - born <= 90 then 3 when looked_on - born <= 120 then 4
        when looked_on - born <= 180 then 5 when looked_on - born <= 365 then 6 else 7 end as age_band,
    nullif(least(datediff('month', looked_on, won_on) + 1, 13), 13)::integer as won_month,
    count(*) as n_open,
    coalesce(sum(amount::double), 0) as amount,
    coalesce(sum(amount::double ** 2), 0) as squares,
    coalesce(sum(amount::double ** 3), 0) as cubes
from placed
group by all
