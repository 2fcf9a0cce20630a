-- How a cell's text becomes a moment, under the order of day and month that its file uses.
-- _mdy: 3/4 is the fourth of March; _dmy: the third of April; _ymd: not proven, so that only what reads one way is
-- taken: 13/4 and 4/13, never 3/4. A stamp with an offset keeps the wall clock it was written by.

-- Dates up to the first of 1900 and from 2100 on are slips of the key or stand for nothing.
create or replace temp macro sensible(t) as
    case when t >= timestamp '1900-01-02' and t < timestamp '2100-01-01' then t end;

-- What systems write where there is no date.
create or replace temp macro is_no_date(x) as
    list_transform([x], lambda v: regexp_matches(trimmed(v), '^(0000|0001|9999|1753|1900)[-/.年](0?0|0?1|12)[-/.月](0?0|0?1|31)([^0-9]|$)|^1899[-/.]12[-/.](30|31)([^0-9]|$)|^(0?0|0?1|12|31)[-/.](0?0|0?1|12|31)[-/.](0000|0001|9999|1753|1900)([^0-9]|$)|^(12|30|31)[-/.](12|30|31)[-/.]1899([^0-9]|$)|^0(\.0)?$')
    and not regexp_matches(trimmed(v), '^1900[-/.年]12'))[1];

-- Hours of the afternoon, in Chinese before the time and in English after it, as minutes to add; null for none.
create or replace temp macro half_day(x) as regexp_extract(x, '(?i)[0-9T ](上午|下午|凌晨|中午|晚上|早上|[ap]\.?m\b)', 1);

create or replace temp macro of_half_day(t, x) as
    list_transform([{'t': t, 'word': lower(half_day(x))}], lambda s: case
        when s.word = '' or hour(s.t) > 12 then s.t
        when s.word[1] = 'a' or s.word in ('上午', '凌晨', '早上') then s.t - to_hours(case when hour(s.t) = 12 then 12 else 0 end)
        else s.t + to_hours(case when hour(s.t) = 12 or (s.word = '中午' and hour(s.t) = 11) then 0 else 12 end)
    end)[1];

create or replace temp macro moment(y, m, d, h, n, s) as
    try_cast(case when length(y) = 2 then case when y < '69' then '20' else '19' end else '' end || y || '-' || m || '-' || d || ' ' || coalesce(nullif(h, ''), '0') || ':' || lpad(n, 2, '0') || ':' || lpad(s, 2, '0') as timestamp);

-- Year first, with - / . or the Chinese words, one or two digits each, with or without a time.
create or replace temp macro year_month_day(x) as
    list_transform(
        [regexp_extract(half_width(x), '(?i)^([0-9]{4})(?:[-/.]|年 *)([0-9]{1,2})(?:[-/.]|月 *)([0-9]{1,2})日?(?:[T ,]+(?:(?:星期|周)[一二三四五六日天] *)?)?(?:上午|下午|凌晨|中午|晚上|早上)? *(?:([0-9]{1,2})[:时點点]([0-9]{1,2})?(?:[:分]([0-9]{1,2})?秒?)?(?:[.,][0-9]+)?)? *(?:[ap]\.?m\.?|Z|UTC|GMT|[-+][0-9]{2}:?(?:[0-9]{2})?)?$', ['y', 'm', 'd', 'h', 'n', 's'])],
        lambda p: moment(p.y, p.m, p.d, p.h, p.n, p.s)
    )[1];

create or replace temp macro named_month(x) as
    try_strptime(
        trim(regexp_replace(regexp_replace(replace(replace(x, ',', ' '), '-', ' '), '(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.? +|\.| at ', ' ', 'g'), ' +', ' ', 'g')),
        ['%d %b %Y', '%b %d %Y', '%d %B %Y', '%B %d %Y', '%d %b %y',
         '%d %b %Y %H:%M', '%b %d %Y %H:%M', '%d %b %Y %H:%M:%S', '%b %d %Y %H:%M:%S', '%d %B %Y %H:%M', '%B %d %Y %H:%M',
         '%d %b %Y %I:%M %p', '%b %d %Y %I:%M %p', '%d %b %Y %I:%M:%S %p', '%b %d %Y %I:%M:%S %p', '%d %B %Y %I:%M %p', '%B %d %Y %I:%M %p']);

-- Three numbers and perhaps a time: the first two told apart by the caller.
create or replace temp macro parted(x) as
    regexp_extract(half_width(x), '(?i)^([0-9]{1,2})[-/.] ?([0-9]{1,2})[-/.] ?([0-9]{4}|[0-9]{2})(?:[T ,]+(?:上午|下午)? *([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)? *(?:[ap]\.?m\.?|Z|UTC|GMT|[-+][0-9]{2}:?[0-9]{2})?$', ['a', 'b', 'y', 'h', 'n', 's']);

create or replace temp macro month_first(x) as list_transform([parted(x)], lambda p: moment(p.y, p.a, p.b, p.h, p.n, p.s))[1];
create or replace temp macro day_first(x) as list_transform([parted(x)], lambda p: moment(p.y, p.b, p.a, p.h, p.n, p.s))[1];
-- Both ways at once, where nothing says which; null where they differ.
create or replace temp macro either_first(x) as
    list_transform(list_transform([parted(x)], lambda p: [moment(p.y, p.a, p.b, p.h, p.n, p.s), moment(p.y, p.b, p.a, p.h, p.n, p.s)]),
        lambda m: case when m[1] <> m[2] then null else coalesce(m[1], m[2]) end)[1];

-- The shapes that most files use, read at once; the engine reads a date with AM, PM and their like without that word.
create or replace temp macro is_year_first(x) as x[5] in ('-', '/') and x[2] between '0' and '9' and x[3] between '0' and '9';
create or replace temp macro is_part_first(x) as regexp_matches(x, '^[0-9]{1,2}[/.-] ?[0-9]{1,2}[/.-]');
-- The year first and sensible, told by the order of texts: that costs half as much as looking at each digit.
create or replace temp macro is_iso(x) as (x between '2000' and '2099/13' or x between '1900/01/02' and '1999~') and x[5] in ('-', '/');
create or replace temp macro quick_iso(x) as case when not (ends_with(x, 'M') or ends_with(x, 'm')) then try_cast(x as timestamp) end;
create or replace temp macro quick_month_first(x) as
    try_strptime(x, ['%m/%d/%y', '%m/%d/%Y', '%m/%d/%y %I:%M %p', '%m/%d/%Y %I:%M %p', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']);
create or replace temp macro quick_day_first(x) as
    try_strptime(x, ['%d/%m/%y', '%d/%m/%Y', '%d/%m/%y %H:%M', '%d/%m/%Y %H:%M', '%d.%m.%y', '%d.%m.%Y', '%d.%m.%Y %H:%M', '%d/%m/%Y %H:%M:%S', '%d.%m.%Y %H:%M:%S']);
create or replace temp macro day_number(x) as timestamp '1899-12-30' + to_seconds(cast(round(try_cast(x as double) * 86400) as bigint));
create or replace temp macro quick_worded(x) as
    case
        when x[5] = '年' and x between '1901' and '2100' and x[-1] not in ('m', 'M', '.') then try_cast(rtrim(replace(replace(replace(x, '年', '-'), '月', '-'), '日', '')) as timestamp)
        when x[5] = '.' and x between '1901' and '2100' and regexp_full_match(x, '[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}') then try_cast(replace(x, '.', '-') as timestamp)
        when regexp_full_match(x, '[2-5][0-9]{4}(\.[0-9]+)?') then day_number(x)
    end;
-- All other shapes: a month's name, one run of digits, seconds or milliseconds since 1970.
create or replace temp macro unparted(x) as
    case
        when regexp_full_match(x, '[2-5][0-9]{4}(\.[0-9]+)?') then day_number(x)
        when regexp_full_match(x, '[0-9]{8}|[0-9]{14}') then try_strptime(x, ['%Y%m%d', '%Y%m%d%H%M%S'])
        when regexp_full_match(x, '[0-9]{13}') then epoch_ms(cast(x as bigint))
        when regexp_full_match(x, '1[0-9]{9}') then epoch_ms(cast(x as bigint) * 1000)
        when regexp_matches(x, '[A-Za-z]{3}') and regexp_matches(x, '[0-9]') then named_month(x)
    end;
-- A point in the fifth place may also belong to a day number.
create or replace temp macro is_worded_year_first(x) as x[5] in ('-', '/', '年') or (x[5] = '.' and regexp_matches(x, '^[0-9]{4}\.[0-9]{1,2}\.'));
create or replace temp macro odd_mdy(x) as
    list_transform(list_transform([half_width(x)], lambda v: of_half_day(case when is_part_first(v) then month_first(v) when is_worded_year_first(v) then year_month_day(v) else unparted(v) end, v)), lambda t: sensible(t))[1];
create or replace temp macro odd_dmy(x) as
    list_transform(list_transform([half_width(x)], lambda v: of_half_day(case when is_part_first(v) then day_first(v) when is_worded_year_first(v) then year_month_day(v) else unparted(v) end, v)), lambda t: sensible(t))[1];
create or replace temp macro odd_ymd(x) as
    list_transform(list_transform([half_width(x)], lambda v: of_half_day(case when is_part_first(v) then either_first(v) when is_worded_year_first(v) then year_month_day(v) else unparted(v) end, v)), lambda t: sensible(t))[1];

-- The slow way stands once in each, or the engine would take it for every cell.
create or replace temp macro to_timestamp_mdy(x) as
    coalesce(case when is_iso(x) then quick_iso(x) when is_part_first(x) then sensible(quick_month_first(x)) else quick_worded(x) end, case when regexp_matches(x, '[0-9０-９]') then odd_mdy(x) end);
create or replace temp macro to_timestamp_dmy(x) as
    coalesce(case when is_iso(x) then quick_iso(x) when is_part_first(x) then sensible(quick_day_first(x)) else quick_worded(x) end, case when regexp_matches(x, '[0-9０-９]') then odd_dmy(x) end);
create or replace temp macro to_timestamp_ymd(x) as
    coalesce(case when is_iso(x) then quick_iso(x) when not is_part_first(x) then quick_worded(x) end, case when regexp_matches(x, '[0-9０-９]') then odd_ymd(x) end);

-- The two numbers before a year, of a cell that does not begin with the year: they prove the order, or need it told.
create or replace temp macro parts_first(x) as
    case when not is_year_first(x) then regexp_extract(x, '^\s*([0-9]{1,2})[/.-] ?([0-9]{1,2})[/.-] ?[0-9]{2,4}', ['a', 'b']) end;
create or replace temp macro proves_month_first(p) as try_cast(p.b as integer) between 13 and 31;
create or replace temp macro proves_day_first(p) as try_cast(p.a as integer) between 13 and 31;
create or replace temp macro needs_order(x) as not is_year_first(x) and regexp_matches(x, '^\s*[0-9]{1,2}[/.-] ?[0-9]{1,2}[/.-] ?[0-9]{2,4}');

-- A stamp that names its offset from UTC, as minutes; null for none.
create or replace temp macro offset_minutes(x) as
    case
        when not regexp_matches(x, ':[0-9]{2}(\.[0-9]+)? ?(Z|UTC|GMT|[-+][0-9]{2}:?([0-9]{2})?)$') then null
        when x[-1] between '0' and '9' then
            list_transform([regexp_extract(x, '([-+])([0-9]{2}):?([0-9]{2})?$', ['sign', 'h', 'm'])],
                lambda p: (cast(p.h as integer) * 60 + coalesce(try_cast(p.m as integer), 0)) * case p.sign when '-' then -1 else 1 end)[1]
        else 0
    end;

-- A moment moved from the offset that its stamp names to another one.
create or replace temp macro at_offset(t, x, minutes) as t + to_minutes(coalesce(minutes - offset_minutes(x), 0));

create or replace temp macro is_day_number(x) as not is_year_first(x) and regexp_full_match(x, '[2-5][0-9]{4}(\.[0-9]+)?');

-- What most systems write, and nothing else: 2026-03-14, perhaps with a time; and the blank.
create or replace temp macro is_plain_date(x) as
    regexp_full_match(x, '\s*|(19[1-9][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?');
create or replace temp macro plain_moment(x) as try_cast(x as timestamp);
