-- What: people, money, goods and tasks: which factor of the cash received is furthest below its own best, and what that is worth.
-- Row: one factor; four rows in the order people, money, goods, tasks.
-- Definition: a quarter here is 91 days; the present one ends on the as-of date, the eight before it are the record. In each
--     cash received = active reps x decided deals per rep [people] x win rate by count [tasks]
--                     x average won amount [goods] x cash received per amount won [money]
--   which holds to the cent, as each factor divides by what the one before it left. Where no payment is exported the chain ends at the
--   amount won and the factor money has no level. An active rep has an activity or a decided deal in the quarter. best is the highest
--   level among the record's quarters with at least 20 decided and 5 won deals; for money never above 1, as more than all cannot be
--   collected for long. worth = cash of the present quarter x (best / level - 1), one factor lifted and the others left as they
--   are. is_clear: the present quarter has those numbers too, and the gap to the best is more than one standard error of the
--   present level. is_weakest: the lowest ratio among the clear ones, if there is any: the best of eight is partly luck.
--   Departs from the finer chain of metrics.md 2.6 (contacts per deal, price and mix): one factor for each of the four, so
--   that a boss can follow it.
-- Parameters:
--   as_of date: the snapshot's date
-- Columns:
--   position integer: 1 to 4
--   factor varchar: people, money, goods, tasks
--   level double: people: decided deals per rep; money: 0 to 1 and above; goods: reporting currency; tasks: 0 to 1
--   best double: the same unit
--   best_from_on date: first day of the best quarter
--   ratio double: level / best
--   worth_amount decimal(18,2): reporting currency per quarter, 0 when at its best
--   n bigint: cases behind the level: decided deals (people, tasks), won deals (goods, money)
--   n_reps bigint: active reps of the present quarter
--   cash_amount decimal(18,2): cash received in the present quarter; amount won where no payment is exported
--   is_cash_known boolean: payments are exported
--   is_clear boolean: enough cases, and more than noise
--   is_weakest boolean: at most one row
-- Leaves out: decided deals without closing date; won deals without amount count as 0.
with deals as (
    select
        owner_key,
        outcome,
        cast(coalesce(amount, 0) as double) as amount,
        cast(floor(cast(date_diff('day', closed_on, $as_of) as double) / 91) as integer) as quarter
    from deal_facts
    where outcome in ('won', 'lost') and closed_on <= $as_of
),
active as (
    select owner_key, quarter from deals
    union
    select owner_key, cast(floor(cast(date_diff('day', day, $as_of) as double) / 91) as integer) as quarter
    from rep_days
    where day <= $as_of
),
reps as (
    select quarter, count(*) as n_reps
    from active
    where owner_key is not null and quarter between 0 and 8
    group by quarter
),
receipts as (
    select
        cast(floor(cast(date_diff('day', paid_on, $as_of) as double) / 91) as integer) as quarter,
        sum(cast(amount as double)) as cash_amount
    from payments
    where paid_on <= $as_of
    group by cast(floor(cast(date_diff('day', paid_on, $as_of) as double) / 91) as integer)
),
paying as (
    select count(*) > 0 as is_cash_known from payments
),
results as (
    select
        quarter,
        count(*) as n_decided,
        count(*) filter (where outcome = 'won') as n_won,
        coalesce(sum(amount) filter (where outcome = 'won'), 0) as won_amount,
        stddev_samp(case when outcome = 'won' then amount end) as amount_spread
    from deals
    where quarter between 0 and 8
    group by quarter
),
quarters as (
    select
        d.quarter,
        d.n_decided,
        d.n_won,
        coalesce(r.n_reps, 0) as n_reps,
        p.is_cash_known,
        case when p.is_cash_known then coalesce(c.cash_amount, 0) else d.won_amount end as cash_amount,
        cast(d.n_decided as double) / nullif(r.n_reps, 0) as people_level,
        case when p.is_cash_known then coalesce(c.cash_amount, 0) / nullif(d.won_amount, 0) end as money_level,
        d.won_amount / nullif(d.n_won, 0) as goods_level,
        cast(d.n_won as double) / nullif(d.n_decided, 0) as tasks_level,
        d.amount_spread
    from results as d
    cross join paying as p
    left join reps as r on r.quarter = d.quarter
    left join receipts as c on c.quarter = d.quarter
),
levels as (
    select
        1 as position, 'people' as factor, quarter, n_decided, n_won, n_decided as n, n_reps, cash_amount, is_cash_known,
        people_level as level, people_level / nullif(sqrt(cast(n_decided as double)), 0) as error
    from quarters
    union all
    -- What was collected is counted, not sampled: a twentieth stands for payments that fall just before or after the quarter's end.
    select
        2, 'money', quarter, n_decided, n_won, n_won, n_reps, cash_amount, is_cash_known,
        money_level, money_level / 20
    from quarters
    union all
    select
        3, 'goods', quarter, n_decided, n_won, n_won, n_reps, cash_amount, is_cash_known,
        goods_level, amount_spread / nullif(sqrt(cast(n_won as double)), 0)
    from quarters
    union all
    select
        4, 'tasks', quarter, n_decided, n_won, n_decided, n_reps, cash_amount, is_cash_known,
        tasks_level, sqrt(tasks_level * (1 - tasks_level) / nullif(cast(n_decided as double), 0))
    from quarters
),
record as (
    select
        factor,
        quarter,
        case when factor = 'money' then least(level, 1.0) else level end as level,
        row_number() over (
            partition by factor
            order by case when factor = 'money' then least(level, 1.0) else level end desc nulls last, quarter
        ) as place
    from levels
    where quarter between 1 and 8 and n_decided >= 20 and n_won >= 5 and level is not null
),
factors as (
    select 1 as position, 'people' as factor
    union all
    select 2, 'money'
    union all
    select 3, 'goods'
    union all
    select 4, 'tasks'
),
held as (
    select
        f.position,
        f.factor,
        l.level,
        b.level as best,
        cast($as_of - interval 90 day - b.quarter * interval 91 day as date) as best_from_on,
        l.level / nullif(b.level, 0) as ratio,
        l.cash_amount * greatest(b.level / nullif(l.level, 0) - 1, cast(0 as double)) as worth_amount,
        coalesce(l.n, 0) as n,
        coalesce(l.n_reps, 0) as n_reps,
        coalesce(l.cash_amount, 0) as cash_amount,
        p.is_cash_known,
        coalesce(l.n_decided >= 20 and l.n_won >= 5 and b.level - l.level > l.error, false) as is_clear
    from factors as f
    cross join paying as p
    left join levels as l on l.factor = f.factor and l.quarter = 0
    left join record as b on b.factor = f.factor and b.place = 1
),
ranked as (
    select
        position, factor, level, best, best_from_on, ratio, worth_amount, n, n_reps, cash_amount, is_cash_known, is_clear,
        row_number() over (order by case when is_clear then ratio end nulls last, position) as place
    from held
)
select
    cast(position as integer) as position,
    factor,
    cast(level as double) as level,
    cast(best as double) as best,
    best_from_on,
    cast(ratio as double) as ratio,
    cast(round(worth_amount, 2) as decimal(18,2)) as worth_amount,
    cast(n as bigint) as n,
    cast(n_reps as bigint) as n_reps,
    cast(round(cash_amount, 2) as decimal(18,2)) as cash_amount,
    is_cash_known,
    is_clear,
    is_clear and place = 1 as is_weakest
from ranked
order by position
