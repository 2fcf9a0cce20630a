-- The invented firm's laws. Everything follows from row numbers through mix(), so that a row is the same whenever and
-- wherever it is written; no random(), and no hash(), whose values are free to change between versions of DuckDB.
-- The sizes n_users() … and as_of() are defined by generate.py before this file runs.

-- A whole number in [0, 2^31 - 1) that depends on the row i and on the purpose k.
create macro mix(i, k) as (
    (xor((i * 48271 + k * 1299709 + 12345) % 2147483647, ((i * 48271 + k * 1299709 + 12345) % 2147483647) >> 15) * 69621) % 2147483647
);
-- True in p of 1000 cases.
create macro in_1000(i, k, p) as mix(i, k) % 1000 < p;
-- Evenly between 0 and 1.
create macro share(i, k) as mix(i, k) / 2147483647.0;
create macro pick(list, i, k) as list[1 + mix(i, k) % len(list)];
-- Row number -> number of the thing: rows past the end repeat the id of an earlier row (0.5 % of rows).
create macro numbered(i, n) as case when i < n then i else mix(i, 1) % n end;
create macro label(prefix, j) as prefix || lpad(cast(j as varchar), 8, '0');
-- The id of a row of its own table: missing in 1 of 2000 rows.
create macro own_id(prefix, i, j) as case when mix(i, 2) % 2000 = 0 then null else label(prefix, j) end;
-- A reference: points nowhere in 3 of 1000 rows.
create macro reference(prefix, i, k, j) as case when in_1000(i, k + 50, 3) then prefix || 'GONE' || (mix(i, k) % 97) else label(prefix, j) end;

-- Dates are written in five styles and are unknown (待定) now and then; amounts likewise.
create macro day_text(d, i, k) as case
    when d is null then null
    when mix(i, k + 70) % 1000 < 900 then cast(d as varchar)
    when mix(i, k + 70) % 1000 < 925 then strftime(d, '%Y/%-m/%-d')
    when mix(i, k + 70) % 1000 < 950 then strftime(d, '%Y年%-m月%-d日')
    when mix(i, k + 70) % 1000 < 975 then strftime(d, '%Y.%m.%d')
    when mix(i, k + 70) % 1000 < 997 then strftime(d, '%Y-%m-%d 00:00:00')
    else '待定' end;
create macro moment_text(t, i, k) as case
    when t is null then null
    when mix(i, k + 70) % 1000 < 900 then cast(t as varchar)
    when mix(i, k + 70) % 1000 < 925 then strftime(t, '%Y/%-m/%-d %H:%M')
    when mix(i, k + 70) % 1000 < 950 then strftime(t, '%Y-%m-%dT%H:%M:%SZ')
    when mix(i, k + 70) % 1000 < 975 then strftime(t, '%Y年%-m月%-d日 %H:%M')
    when mix(i, k + 70) % 1000 < 997 then strftime(t, '%Y-%m-%d')
    else '待定' end;
create macro money_text(cents, i, k) as case
    when cents is null then null
    when mix(i, k + 80) % 1000 < 940 then cast(cast(cents / 100.0 as decimal(18, 2)) as varchar)
    when mix(i, k + 80) % 1000 < 970 then '¥' || format('{:,}', cents // 100) || '.' || lpad(cast(cents % 100 as varchar), 2, '0')
    when mix(i, k + 80) % 1000 < 992 then cast(cast(cents / 1000000.0 as decimal(18, 1)) as varchar) || '万'
    when mix(i, k + 80) % 1000 < 997 then '(' || cast(cast((cents % 50000) / 100.0 as decimal(18, 2)) as varchar) || ')'
    else '待定' end;

-- The world lasts from 2023-01-01 to 2026-06-30; as_of() cuts what has not happened yet.
create macro n_world_days() as 1276;
create macro day_of(n) as date '2023-01-01' + cast(n as integer);
create macro time_of(n, i, k) as cast(day_of(n) as timestamp) + to_seconds(28800 + mix(i, k) % 36000);

-- Accounts: the owner is fixed, big accounts have low numbers.
create macro account_owner(a) as n_managers() + 1 + mix(a, 11) % n_reps();
-- Deals: four open stages, each entered some days after the last; then won, lost or stuck.
create macro deal_account(o) as cast(floor(n_accounts() * pow(share(o, 21), 1.6)) as bigint);
create macro deal_owner(o) as case when in_1000(o, 22, 120) then n_managers() + 1 + mix(o, 23) % n_reps() else account_owner(deal_account(o)) end;
create macro deal_pipeline(o) as case when in_1000(o, 24, 250) then '渠道' else '直销' end;
create macro deal_cents(o) as cast(200000 * exp(5.5 * share(o, 25)) as bigint);
create macro deal_made(o) as mix(o, 26) % (n_world_days() - 1);
create macro deal_pace(o) as 6 + mix(o, 27) % 40;
-- The stage after whose stay the deal is decided (1 to 4), and how.
create macro deal_last_stage(o) as case when in_1000(o, 29, 270) then 4 else 1 + mix(o, 28) % 4 end;
create macro deal_fate(o) as case when in_1000(o, 29, 270) then 'won' when in_1000(o, 30, 780) then 'lost' else 'open' end;
create macro stage_day(o, s) as deal_made(o) + (s - 1) * deal_pace(o) + case when s > 1 then mix(o, 30 + s) % 12 else 0 end;
create macro deal_end(o) as stage_day(o, deal_last_stage(o) + 1);
create macro world_day() as date_diff('day', date '2023-01-01', as_of());
create macro is_decided(o) as deal_fate(o) <> 'open' and deal_end(o) <= world_day();
create macro is_sold(o) as deal_fate(o) = 'won' and deal_end(o) <= world_day();
create macro open_stage(o) as (
    1 + cast(deal_last_stage(o) >= 2 and stage_day(o, 2) <= world_day() as integer)
    + cast(deal_last_stage(o) >= 3 and stage_day(o, 3) <= world_day() as integer)
    + cast(deal_last_stage(o) >= 4 and stage_day(o, 4) <= world_day() as integer)
);
create macro stage_name(s) as ['初步接洽', '需求确认', '方案报价', '商务谈判'][s];
