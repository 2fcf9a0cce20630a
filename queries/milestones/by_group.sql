-- What: whose claims are carried by the records: team by team, or salesperson by salesperson.
-- Row: one group with open deals.
-- Definition: judged deals, share not carried and expected values as in milestones/summary. Told apart: the 95 % interval of the difference
--   between the group's share of carried deals and that of all others together (Newcombe) leaves out zero; few: fewer than 10 deals judged
--   in the group or among the others.
-- Parameters:
--   dimension varchar: team or owner
-- Columns:
--   group_id varchar: team's name or salesperson's id; null = not stated
--   group_name varchar: what to show
--   n_open bigint: open deals
--   n_judged bigint: deals
--   n_carried bigint: deals
--   carried_rate double: 0 to 1, by count; null without a judged deal
--   carried_low double: lower end of its 95 % interval
--   carried_high double: upper end of its 95 % interval
--   others_rate double: carried share of all other groups together
--   judged_amount decimal(18,2): reporting currency
--   n_ahead bigint: deals
--   ahead_amount decimal(18,2): reporting currency
--   ahead_share double: share of amount not carried, 0 to 1
--   ahead_low double: lower end of its 95 % interval
--   ahead_high double: upper end of its 95 % interval
--   mean_stages double: stages that the deals ahead are ahead, on average
--   claimed_value decimal(18,2): expected at the stages claimed, reporting currency
--   evidenced_value decimal(18,2): expected at the stages evidenced, reporting currency
--   verdict varchar: low or high: told apart from the others; same: not; few: too few to judge
-- Leaves out: decided deals.
with deals as (
    select
        case when $dimension = 'team' then deal_facts.team else users.user_id end as group_id,
        case when $dimension = 'team' then deal_facts.team else users.name end as group_name,
        coalesce(cast(deal_facts.amount as double), 0) as amount,
        deal_evidence.is_ahead,
        deal_evidence.n_demanded > 0 as is_judged,
        deal_evidence.claimed_position - deal_evidence.evidence_position as n_stages,
        claimed.odds as claimed_odds,
        sound.odds as sound_odds
    from deal_evidence
    inner join deal_facts on deal_facts.opportunity_key = deal_evidence.opportunity_key
    left join users on users.user_key = deal_evidence.owner_key
    left join firm_stage_odds as claimed
        on claimed.pipeline is not distinct from deal_facts.pipeline and claimed.position = deal_evidence.claimed_position
    left join firm_stage_odds as sound
        on sound.pipeline is not distinct from deal_facts.pipeline
        and sound.position = case
            when deal_evidence.is_ahead then greatest(1, deal_evidence.evidence_position)
            else deal_evidence.claimed_position
        end
),

counts as (
    select
        group_id,
        max(group_name) as group_name,
        count(*) as n_open,
        cast(count(case when is_judged then 1 end) as double) as n_judged,
        cast(count(case when is_judged and not is_ahead then 1 end) as double) as n_carried,
        count(case when is_ahead then 1 end) as n_ahead,
        coalesce(sum(case when is_judged then amount end), 0) as judged_amount,
        coalesce(sum(case when is_judged then amount * amount end), 0) as squares,
        coalesce(sum(case when is_ahead then amount end), 0) as ahead_amount,
        avg(case when is_ahead then n_stages end) as mean_stages,
        coalesce(sum(amount * claimed_odds), 0) as claimed_value,
        coalesce(sum(amount * sound_odds), 0) as evidenced_value
    from deals
    group by group_id
),

shares as (
    select
        *,
        n_carried / nullif(n_judged, 0) as q,
        nullif(n_judged, 0) as k,
        sum(n_carried) over () - n_carried as others_carried,
        nullif(sum(n_judged) over () - n_judged, 0) as others_k,
        ahead_amount / nullif(judged_amount, 0) as p,
        nullif(judged_amount * judged_amount / nullif(squares, 0), 0) as m
    from counts
),

held_against as (
    select *, others_carried / nullif(others_k, 0) as others_q from shares
),

intervals as (
    select
        *,
        (q + 1.9208 / nullif(k, 0) - 1.96 * sqrt(q * (1 - q) / nullif(k, 0) + 0.9604 / nullif(k * k, 0))) / (1 + 3.8416 / nullif(k, 0)) as q_low,
        (q + 1.9208 / nullif(k, 0) + 1.96 * sqrt(q * (1 - q) / nullif(k, 0) + 0.9604 / nullif(k * k, 0))) / (1 + 3.8416 / nullif(k, 0)) as q_high,
        (others_q + 1.9208 / nullif(others_k, 0) - 1.96 * sqrt(others_q * (1 - others_q) / nullif(others_k, 0)
            + 0.9604 / nullif(others_k * others_k, 0))) / (1 + 3.8416 / nullif(others_k, 0)) as others_low,
        (others_q + 1.9208 / nullif(others_k, 0) + 1.96 * sqrt(others_q * (1 - others_q) / nullif(others_k, 0)
            + 0.9604 / nullif(others_k * others_k, 0))) / (1 + 3.8416 / nullif(others_k, 0)) as others_high,
        (p + 1.9208 / nullif(m, 0) - 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0)) as p_low,
        (p + 1.9208 / nullif(m, 0) + 1.96 * sqrt(p * (1 - p) / nullif(m, 0) + 0.9604 / nullif(m * m, 0))) / (1 + 3.8416 / nullif(m, 0)) as p_high
    from held_against
)

select
    group_id,
    group_name,
    cast(n_open as bigint) as n_open,
    cast(round(n_judged) as bigint) as n_judged,
    cast(round(n_carried) as bigint) as n_carried,
    q as carried_rate,
    case when q is not null then greatest(0.0, q_low) end as carried_low,
    case when q is not null then least(1.0, q_high) end as carried_high,
    others_q as others_rate,
    cast(judged_amount as decimal(18, 2)) as judged_amount,
    cast(n_ahead as bigint) as n_ahead,
    cast(ahead_amount as decimal(18, 2)) as ahead_amount,
    p as ahead_share,
    case when p is not null then greatest(0.0, p_low) end as ahead_low,
    case when p is not null then least(1.0, p_high) end as ahead_high,
    cast(mean_stages as double) as mean_stages,
    cast(claimed_value as decimal(18, 2)) as claimed_value,
    cast(evidenced_value as decimal(18, 2)) as evidenced_value,
    case
        when n_judged < 10 or coalesce(others_k, 0) < 10 then 'few'
        when q - others_q + sqrt((q_high - q) * (q_high - q) + (others_q - others_low) * (others_q - others_low)) < 0 then 'low'
        when q - others_q - sqrt((q - q_low) * (q - q_low) + (others_high - others_q) * (others_high - others_q)) > 0 then 'high'
        else 'same'
    end as verdict
from intervals
order by ahead_amount desc nulls last, group_id asc nulls last
