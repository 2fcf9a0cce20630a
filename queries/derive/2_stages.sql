-- Stages of the deals, in order, where the export brought no list of its own; and what follows from a deal's stage.
-- Order: the source profile's list where it knows all open stages of a pipeline (stage_order); else what the usual words
-- of the trade say, then the usual probability, then the name.
update opportunities set pipeline = 'main' where pipeline is null;
update stages set pipeline = 'main' where pipeline is null;

create temp table if not exists stage_order (stage varchar, position integer);

insert into stages (pipeline, stage, position, outcome, default_probability)
with named as (
    select pipeline, stage, probability, outcome from opportunities where stage is not null
    union all
    select o.pipeline, c.to_stage as stage, null as probability, null as outcome
    from (select distinct opportunity_key, to_stage from stage_changes where to_stage is not null) as c
    join opportunities as o on o.opportunity_key = c.opportunity_key
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
            when regexp_matches(stage, '(?i)\bwon\b|赢单|赢得|成交') then 'won'
            when regexp_matches(stage, '(?i)\blost\b|输单|丢单|失单|无效') then 'lost'
            -- a stage that holds only closed deals of one kind is where they end
            when n >= 5 and n_won = n then 'won'
            when n >= 5 and n_lost = n then 'lost'
            else 'open'
        end as outcome
    from counted
),
ranked as (
    select
        j.*,
        o.position as listed,
        bool_and(j.outcome <> 'open' or o.position is not null) over (partition by j.pipeline) as is_listed_whole,
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
)
select
    j.pipeline,
    j.stage,
    cast(row_number() over (
        partition by j.pipeline
        order by case j.outcome when 'open' then 1 when 'won' then 2 else 3 end, case when j.is_listed_whole then j.listed else j.usual end nulls last, j.probability nulls last, j.stage
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
