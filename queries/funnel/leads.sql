-- What: what became of the leads: converted, an opportunity, won.
-- Row: one source of leads, and the sum over all of them first.
-- Definition: entry cohort of leads by creation. Converted: the CRM states a date of conversion, or an account or a deal that came of the
--   lead. Opportunity: a deal came of it; won: that deal is won as of the snapshot. Young leads have had less time: read beside the comparison.
-- Parameters:
--   period_start date: first day of creation
--   period_end date: first day after the last day of creation
--   compare_start date: first day of creation of the comparison cohort
--   compare_end date: first day after the last day of creation of the comparison cohort
-- Columns:
--   is_total boolean: the sum over all sources
--   source varchar: source as the CRM states it; null in the sum, and where none is stated
--   n_leads bigint: leads created
--   n_converted bigint: of those, converted
--   n_opportunities bigint: of those, with a deal
--   n_won bigint: of those, with a deal won
--   won_amount decimal(18,2): reporting currency
--   converted_rate double: converted ÷ leads, 0 to 1
--   converted_low double: lower end of its 95 % interval (Wilson)
--   converted_high double: upper end of its 95 % interval
--   opportunity_rate double: with a deal ÷ leads, 0 to 1
--   opportunity_low double: lower end of its 95 % interval (Wilson)
--   opportunity_high double: upper end of its 95 % interval
--   won_rate double: won ÷ leads, 0 to 1
--   compare_n_leads bigint: comparison cohort
--   compare_converted_rate double: comparison cohort, 0 to 1
--   compare_opportunity_rate double: comparison cohort, 0 to 1
--   compare_won_rate double: comparison cohort, 0 to 1
--   median_days_to_convert double: of those converted with a date
-- Leaves out: leads without a creation date.
with dated as (
    select
        nullif(trim(l.source), '') as source,
        cast(l.created_at as date) as created_on,
        l.converted_at is not null or l.account_key is not null or l.opportunity_key is not null as is_converted,
        l.opportunity_key is not null as is_opportunity,
        coalesce(f.outcome = 'won', false) as is_won,
        case when f.outcome = 'won' then coalesce(f.amount, 0) else 0 end as won_amount,
        cast(date_diff('day', cast(l.created_at as date), cast(l.converted_at as date)) as double) as days_to_convert
    from leads as l
    left join deal_facts as f on f.opportunity_key = l.opportunity_key
),
cohort as (
    select
        *,
        created_on >= $period_start and created_on < $period_end as is_now
    from dated
    where created_on >= $period_start and created_on < $period_end
        or created_on >= $compare_start and created_on < $compare_end
),
both_ways as (
    select true as is_total, cast(null as varchar) as lead_source, c.* from cohort as c
    union all
    select false as is_total, c.source as lead_source, c.* from cohort as c
),
counts as (
    select
        is_total,
        lead_source,
        cast(count(*) filter (where is_now) as double) as n_leads,
        cast(count(*) filter (where is_now and is_converted) as double) as n_converted,
        cast(count(*) filter (where is_now and is_opportunity) as double) as n_opportunities,
        cast(count(*) filter (where is_now and is_won) as double) as n_won,
        sum(won_amount) filter (where is_now) as won_amount,
        cast(count(*) filter (where not is_now) as double) as compare_n_leads,
        cast(count(*) filter (where not is_now and is_converted) as double) as compare_n_converted,
        cast(count(*) filter (where not is_now and is_opportunity) as double) as compare_n_opportunities,
        cast(count(*) filter (where not is_now and is_won) as double) as compare_n_won,
        quantile_cont(days_to_convert, 0.5) filter (where is_now) as median_days_to_convert
    from both_ways
    group by is_total, lead_source
),
rates as (
    select
        *,
        n_converted / nullif(n_leads, 0) as p,
        n_opportunities / nullif(n_leads, 0) as q,
        nullif(n_leads, 0) as m
    from counts
),
intervals as (
    select
        *,
        1.959964 * sqrt(p * (1 - p) / m + 3.841459 / (4 * m * m)) as h,
        1.959964 * sqrt(q * (1 - q) / m + 3.841459 / (4 * m * m)) as k
    from rates
)
select
    is_total,
    lead_source as source,
    cast(n_leads as bigint) as n_leads,
    cast(n_converted as bigint) as n_converted,
    cast(n_opportunities as bigint) as n_opportunities,
    cast(n_won as bigint) as n_won,
    cast(coalesce(won_amount, 0) as decimal(18, 2)) as won_amount,
    p as converted_rate,
    (p + 3.841459 / (2 * m) - h) / (1 + 3.841459 / m) as converted_low,
    (p + 3.841459 / (2 * m) + h) / (1 + 3.841459 / m) as converted_high,
    q as opportunity_rate,
    (q + 3.841459 / (2 * m) - k) / (1 + 3.841459 / m) as opportunity_low,
    (q + 3.841459 / (2 * m) + k) / (1 + 3.841459 / m) as opportunity_high,
    n_won / m as won_rate,
    cast(compare_n_leads as bigint) as compare_n_leads,
    compare_n_converted / nullif(compare_n_leads, 0) as compare_converted_rate,
    compare_n_opportunities / nullif(compare_n_leads, 0) as compare_opportunity_rate,
    compare_n_won / nullif(compare_n_leads, 0) as compare_won_rate,
    cast(median_days_to_convert as double) as median_days_to_convert
from intervals
order by is_total desc, n_leads desc, source nulls last
