-- What: how much of the open pipeline is carried by what the records show, as claimed and as evidenced.
-- Row: exactly one row.
-- Definition: judged are open deals whose claimed stage demands something that the export can show; the others can't be ahead, and would
--   make any pipeline look honest. Not carried = ahead of the evidence (deal_evidence). Share not carried = amount ahead / amount judged;
--   interval: Wilson at 95 % with as many cases as the amounts are worth, (sum a)^2 / sum a^2, since one large deal is no crowd.
--   Expected = amount x the firm's odds of winning from the stage (firm_stage_odds), once at the stage claimed and once at the lower of
--   claimed and evidenced stage, the first where nothing is evidenced. The odds come from past claims, so both are but as honest as these.
-- Columns:
--   n_open bigint: open deals
--   open_amount decimal(18,2): reporting currency
--   n_judged bigint: deals
--   judged_amount decimal(18,2): reporting currency
--   n_ahead bigint: deals
--   ahead_amount decimal(18,2): reporting currency
--   ahead_share double: 0 to 1, by amount; null without a judged amount
--   ahead_low double: lower end of its 95 % interval
--   ahead_high double: upper end of its 95 % interval
--   n_carried bigint: judged deals that are not ahead
--   carried_rate double: 0 to 1, by count
--   carried_low double: lower end of its 95 % interval
--   carried_high double: upper end of its 95 % interval
--   n_behind bigint: deals that earn a later stage than claimed
--   behind_amount decimal(18,2): reporting currency
--   claimed_value decimal(18,2): expected at the stages claimed, reporting currency
--   evidenced_value decimal(18,2): expected at the stages evidenced, reporting currency
--   n_rules bigint: rules of the playbook in these pipelines
--   n_untold bigint: of these such that the export can't show
-- Leaves out: decided deals; deals without an amount from all sums.
with deals as (
    select
        deal_facts.pipeline,
        coalesce(cast(deal_facts.amount as double), 0) as amount,
        deal_evidence.is_ahead,
        deal_evidence.is_behind,
        deal_evidence.n_demanded > 0 as is_judged,
        deal_evidence.claimed_position,
        case
            when deal_evidence.is_ahead then greatest(1, deal_evidence.evidence_position)
            else deal_evidence.claimed_position
        end as sound_position
    from deal_evidence
    inner join deal_facts on deal_facts.opportunity_key = deal_evidence.opportunity_key
),

counts as (
    select
        count(*) as n_open,
        sum(deals.amount) as open_amount,
        count(case when deals.is_judged then 1 end) as n_judged,
        coalesce(sum(case when deals.is_judged then deals.amount end), 0) as judged_amount,
        coalesce(sum(case when deals.is_judged then deals.amount * deals.amount end), 0) as squares,
        count(case when deals.is_ahead then 1 end) as n_ahead,
        coalesce(sum(case when deals.is_ahead then deals.amount end), 0) as ahead_amount,
        count(case when deals.is_behind then 1 end) as n_behind,
        coalesce(sum(case when deals.is_behind then deals.amount end), 0) as behind_amount,
        sum(deals.amount * claimed.odds) as claimed_value,
        sum(deals.amount * sound.odds) as evidenced_value
    from deals
    left join firm_stage_odds as claimed
        on claimed.pipeline is not distinct from deals.pipeline and claimed.position = deals.claimed_position
    left join firm_stage_odds as sound
        on sound.pipeline is not distinct from deals.pipeline and sound.position = deals.sound_position
),

shares as (
    select
        *,
        ahead_amount / nullif(judged_amount, 0) as p,
        judged_amount * judged_amount / nullif(squares, 0) as m,
        cast(n_judged - n_ahead as double) / nullif(n_judged, 0) as q,
        cast(n_judged as double) as k
    from counts
),

rules as (
    select
        count(*) as n_rules,
        count(case when not playbook_rules.is_shown then 1 end) as n_untold
    from playbook_rules
    where exists (select 1 from deals where deals.pipeline is not distinct from playbook_rules.pipeline)
)

select
    cast(shares.n_open as bigint) as n_open,
    cast(coalesce(shares.open_amount, 0) as decimal(18, 2)) as open_amount,
    cast(shares.n_judged as bigint) as n_judged,
    cast(shares.judged_amount as decimal(18, 2)) as judged_amount,
    cast(shares.n_ahead as bigint) as n_ahead,
    cast(shares.ahead_amount as decimal(18, 2)) as ahead_amount,
    shares.p as ahead_share,
    case when shares.p is not null then greatest(0.0, (shares.p + 1.9208 / nullif(shares.m, 0)
        - 1.96 * sqrt(shares.p * (1 - shares.p) / nullif(shares.m, 0)
        + 0.9604 / nullif(shares.m * shares.m, 0))) / (1 + 3.8416 / nullif(shares.m, 0))) end as ahead_low,
    case when shares.p is not null then least(1.0, (shares.p + 1.9208 / nullif(shares.m, 0)
        + 1.96 * sqrt(shares.p * (1 - shares.p) / nullif(shares.m, 0)
        + 0.9604 / nullif(shares.m * shares.m, 0))) / (1 + 3.8416 / nullif(shares.m, 0))) end as ahead_high,
    cast(shares.n_judged - shares.n_ahead as bigint) as n_carried,
    shares.q as carried_rate,
    case when shares.q is not null then greatest(0.0, (shares.q + 1.9208 / nullif(shares.k, 0)
        - 1.96 * sqrt(shares.q * (1 - shares.q) / nullif(shares.k, 0)
        + 0.9604 / nullif(shares.k * shares.k, 0))) / (1 + 3.8416 / nullif(shares.k, 0))) end as carried_low,
    case when shares.q is not null then least(1.0, (shares.q + 1.9208 / nullif(shares.k, 0)
        + 1.96 * sqrt(shares.q * (1 - shares.q) / nullif(shares.k, 0)
        + 0.9604 / nullif(shares.k * shares.k, 0))) / (1 + 3.8416 / nullif(shares.k, 0))) end as carried_high,
    cast(shares.n_behind as bigint) as n_behind,
    cast(shares.behind_amount as decimal(18, 2)) as behind_amount,
    cast(coalesce(shares.claimed_value, 0) as decimal(18, 2)) as claimed_value,
    cast(coalesce(shares.evidenced_value, 0) as decimal(18, 2)) as evidenced_value,
    cast(rules.n_rules as bigint) as n_rules,
    cast(rules.n_untold as bigint) as n_untold
from shares
cross join rules
