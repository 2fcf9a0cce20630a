-- What: the values that each global filter can take.
-- Row: one value of one filter.
-- Definition: teams of employees, regions of customers, product families of deals, tiers of customers, pipelines of deals;
--   only values that some record has.
-- Columns:
--   filter varchar: team, region, family, tier, pipeline
--   value varchar: as in the CRM
--   n_rows bigint: records that have it
with users_by_team as (
    select team as value, count(*) as n from users where team is not null group by team
),
accounts_by_region as (
    select region as value, count(*) as n from accounts where region is not null group by region
),
deals_by_family as (
    select product_family as value, count(*) as n from deal_facts where product_family is not null group by product_family
),
customers_by_tier as (
    select tier as value, count(*) as n from account_facts where tier is not null group by tier
),
deals_by_pipeline as (
    select pipeline as value, count(*) as n from deal_facts where pipeline is not null group by pipeline
),
final as (
    select 'team' as filter, value, n from users_by_team
    union all
    select 'region' as filter, value, n from accounts_by_region
    union all
    select 'family' as filter, value, n from deals_by_family
    union all
    select 'tier' as filter, value, n from customers_by_tier
    union all
    select 'pipeline' as filter, value, n from deals_by_pipeline
)
select
    filter,
    value,
    cast(n as bigint) as n_rows
from final
order by filter, value
