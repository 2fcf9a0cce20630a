-- Twin of deal_facts: one question per column, asked of the canonical tables for each deal.
with d as (
    select
        o.*,
        case when o.outcome = 'open' then $as_of else coalesce(least(o.closed_at::date, $as_of), $as_of) end as until,
        (select count(*) from stages s where s.pipeline = o.pipeline and s.outcome = 'open') as n,
        (select max(s.position) from stages s where s.pipeline = o.pipeline and s.stage = o.stage and s.outcome = 'open') as own,
        (
            select max(s.position)
            from stage_changes c
            join stages s on s.pipeline = o.pipeline and s.outcome = 'open' and s.stage in (c.from_stage, c.to_stage)
            where c.opportunity_key = o.opportunity_key and (c.changed_at is null or c.changed_at::date <= $as_of)
        ) as top
    from opportunities o
),
touch as (
    select a.*, a.happened_at::date as day, d.opportunity_key as deal, d.until
    from activities a, d
    where a.opportunity_key = d.opportunity_key and a.happened_at::date <= d.until
),
r as (
    select
        *,
        case outcome
            when 'won' then n + 1
            else list_max(list_filter([own, top, 1], lambda x: x is not null))
        end as reached
    from d
),
rates as (
    select
        s.pipeline, s.position,
        (select count(*) from r where r.pipeline = s.pipeline and r.outcome <> 'open' and r.reached >= s.position) as decided,
        (select count(*) from r where r.pipeline = s.pipeline and r.outcome = 'won' and r.reached >= s.position) as won,
        coalesce(
            (select avg((r.outcome = 'won')::int) from r where r.pipeline = s.pipeline and r.outcome <> 'open'),
            (select avg((r.outcome = 'won')::int) from r where r.outcome <> 'open')
        ) as mean,
        s.default_probability
    from stages s
    where s.outcome = 'open'
),
facts as (
    select
        r.*,
        (select count(*) from touch t where t.deal = r.opportunity_key) as n_touches,
        (select count(*) from touch t where t.deal = r.opportunity_key and t.is_effective) as n_effective,
        (select count(*) from touch t where t.deal = r.opportunity_key and t.is_effective and t.kind in ('visit', 'meeting', 'demo')) as n_meetings,
        (select count(*) from touch t where t.deal = r.opportunity_key and t.is_effective and t.kind = 'demo') as n_demos,
        (select count(*) from touch t where t.deal = r.opportunity_key and t.kind = 'quote') as n_quotes,
        (select count(*) from touch t where t.deal = r.opportunity_key and t.direction = 'in') as n_inbound,
        (select count(*) from line_items l where l.opportunity_key = r.opportunity_key) as n_lines,
        (
            select count(*) from touch t join contacts p on p.contact_key = t.contact_key
            where t.deal = r.opportunity_key and t.is_effective and p.buying_role = 'decider'
        ) as n_decider_contacts,
        (
            select count(*) from touch t join contacts p on p.contact_key = t.contact_key
            where t.deal = r.opportunity_key and t.is_effective and p.buying_role = 'decider' and t.kind in ('visit', 'meeting', 'demo')
        ) as n_decider_meetings,
        (select count(distinct t.contact_key) from touch t where t.deal = r.opportunity_key and t.is_effective) as people,
        exists (
            select 1 from contacts p
            where p.account_key = r.account_key and p.buying_role is not null and p.buying_role <> 'unknown'
        ) as roles
    from r
),
placed as (
    select
        j.*,
        case j.outcome
            when 'won' then j.n + 1
            when 'open' then j.own
            else coalesce(j.own, (
                select coalesce(t.position, f.position)
                from stage_changes c
                left join stages t on t.pipeline = j.pipeline and t.stage = c.to_stage and t.outcome = 'open'
                left join stages f on f.pipeline = j.pipeline and f.stage = c.from_stage and f.outcome = 'open'
                where c.opportunity_key = j.opportunity_key and c.changed_at::date <= $as_of
                    and coalesce(t.position, f.position) is not null
                order by epoch_ms(c.changed_at) desc, 1 desc
                limit 1
            ))
        end::int as stage_position
    from facts j
)
select
    j.opportunity_key, j.owner_key, j.account_key, j.opportunity_id, j.pipeline,
    (select team from users u where u.user_key = j.owner_key) as team,
    (select region from accounts a where a.account_key = j.account_key) as region,
    j.source,
    case
        when j.amount is null then null
        when j.amount <= (select quantile_cont(x.amount::double, 1.0 / 3) from opportunities x where x.pipeline = j.pipeline) then 'small'
        when j.amount <= (select quantile_cont(x.amount::double, 2.0 / 3) from opportunities x where x.pipeline = j.pipeline) then 'medium'
        else 'large'
    end as size_band,
    (
        select family
        from (
            select p.family, coalesce(sum(l.quantity * l.unit_price::double), 0) as value
            from line_items l
            join products p on p.product_key = l.product_key and p.family is not null
            where coalesce(l.opportunity_key, (select o.opportunity_key from orders o where o.order_key = l.order_key)) = j.opportunity_key
            group by p.family
        )
        order by value desc, family desc
        limit 1
    ) as product_family,
    j.outcome, j.amount, j.created_at::date as created_on, j.closed_at::date as closed_on, j.expected_close_on, j.stage,
    j.stage_position,
    j.reached::int as reached_position, j.n::int as n_stages,
    case when j.outcome = 'lost' then j.stage_position is not null end as is_loss_stage_known,
    coalesce(j.stage_entered_at, (
        select max(c.changed_at) from stage_changes c
        where c.opportunity_key = j.opportunity_key and c.to_stage = j.stage and c.changed_at::date <= $as_of
    ))::date as stage_entered_on,
    j.n_touches::int as n_touches, j.n_effective::int as n_effective,
    (select min(t.day) from touch t where t.deal = j.opportunity_key) as first_touch_on,
    (select max(t.day) from touch t where t.deal = j.opportunity_key) as last_touch_on,
    (select max(t.day) from touch t where t.deal = j.opportunity_key and t.is_effective) as last_effective_on,
    (
        select count(distinct t.contact_key)::int from touch t
        where t.deal = j.opportunity_key and t.is_effective and t.day + 90 > j.until
    ) as n_contacts_90d,
    (
        select count(*)::int from close_date_changes c
        where c.opportunity_key = j.opportunity_key and c.to_on > c.from_on
            and coalesce(c.changed_at::date <= $as_of, true) and coalesce(c.changed_at::date < j.closed_at::date, true)
    ) as n_pushes,
    (
        select coalesce(sum(date_diff('day', c.from_on, c.to_on)), 0)::int from close_date_changes c
        where c.opportunity_key = j.opportunity_key and c.to_on > c.from_on
            and coalesce(c.changed_at::date <= $as_of, true) and coalesce(c.changed_at::date < j.closed_at::date, true)
    ) as days_pushed,
    j.n_meetings::int as n_meetings, j.n_demos::int as n_demos, j.n_quotes::int as n_quotes, j.n_lines::int as n_lines,
    j.n_inbound::int as n_inbound, j.n_decider_contacts::int as n_decider_contacts, j.n_decider_meetings::int as n_decider_meetings,
    least(j.people, 2)::int as people_met, j.roles as is_role_known,
    j.next_step_on,
    case
        when j.next_step_on >= $as_of then true
        when j.next_step_on is null and length(trim(coalesce(j.next_step, ''))) > 0 then true
        else exists (
            select 1 from tasks k
            where k.opportunity_key = j.opportunity_key and k.status = 'open' and k.completed_at is null and k.due_on >= $as_of
        )
    end as has_next_step,
    coalesce(j.next_step_on >= $as_of, false) or exists (
        select 1 from tasks k
        where k.opportunity_key = j.opportunity_key and k.status = 'open' and k.completed_at is null and k.due_on >= $as_of
    ) as has_dated_step,
    case when j.outcome = 'open' then (
        select coalesce((x.won + 20 * x.mean) / (x.decided + 20), x.default_probability)
        from rates x where x.pipeline = j.pipeline and x.position = j.reached
    ) end as win_odds
from placed j
