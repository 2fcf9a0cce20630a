-- Twin of deal_evidence: stage by stage, whether everything demanded up to it is shown.
with d as (
    select
        f.opportunity_key, f.owner_key, f.account_key, f.stage_position, f.n_stages,
        (
            select list(p order by p) from unnest(range(1, f.n_stages + 1)) as t(p)
            where not exists (
                select 1 from deal_milestones m where m.opportunity_key = f.opportunity_key and m.position <= p and not m.holds
            )
        ) as carried,
        (select count(*) from deal_milestones m where m.opportunity_key = f.opportunity_key and m.position <= f.stage_position) as demanded,
        (
            select count(*) from deal_milestones m
            where m.opportunity_key = f.opportunity_key and m.position <= f.stage_position and m.n < m.at_least
        ) as missing
    from deal_facts f
    where f.outcome = 'open'
)
select
    opportunity_key, owner_key, account_key, stage_position::int as claimed_position,
    case when n_stages > 0 then coalesce(carried[-1], 0) end::int as evidence_position,
    demanded::int as n_demanded, missing::int as n_missing,
    coalesce(stage_position > case when n_stages > 0 then coalesce(carried[-1], 0) end, false) as is_ahead,
    exists (
        select 1 from deal_milestones m
        where m.opportunity_key = d.opportunity_key and m.position > d.stage_position and list_contains(d.carried, m.position)
    ) as is_behind
from d
