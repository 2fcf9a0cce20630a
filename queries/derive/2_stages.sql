-- Stages of the deals, in order, where the export brought no list of its own; and what follows from a deal's stage.
-- Order: the source profile's list where it knows all open stages of a pipeline (stage_order); else the numbers that
-- people put before the names (1-Qualify, 02 报价); else in which order the deals passed them, where moves tell it; else
-- what the usual words of the trade say, then the usual probability, then the name.
update opportunities set pipeline = 'main' where pipeline is null;
update stages set pipeline = 'main' where pipeline is null;

create temp table if not exists stage_order (stage varchar, position integer, outcome varchar);

insert into stages (pipeline, stage, position, outcome, default_probability)
with named as (
    select pipeline, stage, probability, outcome from opportunities where stage is not null
    union all
    select distinct o.pipeline, c.to_stage as stage, null as probability, null as outcome
    from stage_changes as c
    join opportunities as o on o.opportunity_key = c.opportunity_key
    where c.to_stage is not null
),
counted as (
    select
        pipeline,
        stage,
        round(avg(probability), 6) as probability,
        count(outcome) as n,
        count(*) filter (where outcome = 'won') as n_won,
        count(*) filter (where outcome = 'lost') as n_lost
    from named
    group by pipeline, stage
),
judged as (
    select
        *,
        case
            when stage in (select stage from stage_order where outcome is not null)
                then (select min(outcome) from stage_order as o where o.stage = counted.stage)
            when regexp_matches(stage, '(?i)\bwon\b|赢单|赢得|成交') then 'won'
            when regexp_matches(stage, '(?i)\blost\b|输单|丢单|失单|无效') then 'lost'
            -- a stage that holds only closed deals of one kind is where they end
            when n >= 5 and n_won = n then 'won'
            when n >= 5 and n_lost = n then 'lost'
            else 'open'
        end as outcome
    from counted
),
-- When deals first came to each stage, of some twenty thousand deals.
visits as (
    select o.pipeline, m.opportunity_key, m.stage, min(m.came_at) as came_at
    from (
        select opportunity_key, to_stage as stage, changed_at as came_at from stage_changes
        union all
        select opportunity_key, from_stage, changed_at - interval 1 microsecond from stage_changes
    ) as m
    join opportunities as o on o.opportunity_key = m.opportunity_key
    where
        m.stage is not null and m.came_at is not null
        and m.opportunity_key % (select 1 + count(*) // 20000 from opportunities) = 0
    group by o.pipeline, m.opportunity_key, m.stage
),
pairs as (
    select a.pipeline, a.stage, b.stage as other, count(*) filter (where b.came_at < a.came_at) as n_after, count(*) as n
    from visits as a
    join visits as b on b.opportunity_key = a.opportunity_key and b.stage <> a.stage
    where not exists (select 1 from stages)
    group by a.pipeline, a.stage, b.stage
),
-- How many other open stages most deals pass before this one.
passed as (
    select p.pipeline, p.stage, count(*) filter (where p.n_after * 2 > p.n) as n_before, sum(p.n) as n
    from pairs as p
    join judged as own on own.pipeline = p.pipeline and own.stage = p.stage and own.outcome = 'open'
    join judged as j on j.pipeline = p.pipeline and j.stage = p.other and j.outcome = 'open'
    group by p.pipeline, p.stage
),
ranked as (
    select
        j.*,
        o.position as listed,
        h.n_before,
        try_cast(regexp_extract(j.stage, '^[ (（]*([0-9]{1,2})[ .、:：)）_-]', 1) as integer) as number,
        bool_and(j.outcome <> 'open' or regexp_matches(j.stage, '^[ (（]*[0-9]{1,2}[ .、:：)）_-]')) over (partition by j.pipeline) as is_numbered,
        bool_and(j.outcome <> 'open' or o.position is not null) over (partition by j.pipeline) as is_listed_whole,
        bool_and(j.outcome <> 'open' or coalesce(h.n, 0) >= 10) over (partition by j.pipeline) as is_told_by_moves,
        case
            when regexp_matches(j.stage, '(?i)prospect|lead|new|appointment|初|接触|线索|立项|发现') then 1
            when regexp_matches(j.stage, '(?i)qualif|验证|确认客户|意向') then 2
            when regexp_matches(j.stage, '(?i)discover|need|analys|需求|调研|develop') then 3
            when regexp_matches(j.stage, '(?i)value|demo|present|演示|试用|测试|评估') then 4
            when regexp_matches(j.stage, '(?i)decision|percept|立场|决策') then 5
            when regexp_matches(j.stage, '(?i)propos|quot|方案|报价') then 6
            when regexp_matches(j.stage, '(?i)negoti|review|谈判|商务|招标|投标') then 7
            when regexp_matches(j.stage, '(?i)contract|commit|verbal|sign|合同|签约|close') then 8
        end as usual
    from judged as j
    left join (select stage, min(position) as position from stage_order group by stage) as o on o.stage = j.stage
    left join passed as h on h.pipeline = j.pipeline and h.stage = j.stage
)
select
    j.pipeline,
    j.stage,
    cast(row_number() over (
        partition by j.pipeline
        order by case j.outcome when 'open' then 1 when 'won' then 2 else 3 end, case when j.is_listed_whole then j.listed when j.is_numbered then j.number when j.is_told_by_moves then j.n_before else j.usual end nulls last, j.probability nulls last, j.stage
    ) as integer),
    j.outcome,
    j.probability
from ranked as j
where not exists (select 1 from stages);

update stages set position = p.position
from (
    select pipeline, stage, cast(row_number() over (
        partition by pipeline
        order by case outcome when 'won' then 2 when 'lost' then 3 else 1 end, position nulls last, default_probability nulls last, stage
    ) as integer) as position
    from stages
) as p
where p.pipeline = stages.pipeline and p.stage = stages.stage and p.position is distinct from stages.position;
update stages set outcome = 'open' where outcome is null;

update opportunities set outcome = s.outcome
from stages as s
where opportunities.outcome is null and s.pipeline = opportunities.pipeline and s.stage = opportunities.stage;
update opportunities set outcome = 'open' where outcome is null;
