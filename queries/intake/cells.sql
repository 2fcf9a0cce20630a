-- How a cell's text becomes a value. Each macro gives null for what it cannot read; the caller tells blank from bad.
-- The common shape of a value is tried first and cheaply; the long list of shapes runs only on what is left.

-- Words that mean "not known yet" in a column of amounts, numbers or dates. Never applied to names or ids.
create or replace temp macro is_placeholder(x) as
    lower(trim(x)) in ('', '-', '--', '—', '——', '/', 'n/a', '#n/a', 'na', 'null', 'none', 'tbd', 'tbc', '待定', '未定', '无', '暂无', '未知', '不详', '未填');

create or replace temp macro half_width(x) as
    translate(x, '０１２３４５６７８９．，（）－＋％￥ 　', '0123456789.,()-+%¥  ');

-- The digits of an amount without its currency, brackets and thousands marks; null when the marks stand in the wrong place.
create or replace temp macro plain_digits(x) as
    case
        when regexp_full_match(x, '[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?') then replace(x, ',', '')
        when regexp_full_match(x, '[0-9]+(\.[0-9]+)?|\.[0-9]+') then x
    end;

create or replace temp macro unit_factor(x) as
    case
        when ends_with(x, '亿') then 100000000
        when ends_with(x, '万') then 10000
        when regexp_matches(x, '[0-9][mM]$') then 1000000
        when regexp_matches(x, '[0-9][kK]$') then 1000
        else 1
    end;

create or replace temp macro bare_amount(x) as
    trim(regexp_replace(regexp_replace(trim(half_width(x)), '人民币|RMB|CNY|USD|EUR|GBP|HKD|US\$|[¥￥$€£]|元整?$', '', 'gi'), '[\s ]', '', 'g'));

-- A list of one stands for a name given to a value, so that each step runs once.
create or replace temp macro signed_amount(b) as
    list_transform(
        [plain_digits(regexp_replace(regexp_replace(b, '^\((.*)\)$|^[-+](.*)$', '\1\2'), '[万亿kKmM]$', ''))],
        lambda d: case when length(d) <= 24 then
            cast(round(try_cast(d as decimal(38,8)) * unit_factor(rtrim(b, ')')) * case when b[1] in ('-', '(') then -1 else 1 end, 2) as decimal(38,2))
        end
    )[1];

create or replace temp macro odd_amount(x) as
    case
        when regexp_full_match(x, '[¥￥$€£]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{1,2})?') then cast(replace(ltrim(x, '¥￥$€£'), ',', '') as decimal(38,2))
        when regexp_full_match(x, '[0-9]{1,9}(\.[0-9]{1,6})?万') then cast(round(cast(rtrim(x, '万') as decimal(18,6)) * 10000, 2) as decimal(38,2))
        when not regexp_matches(half_width(x), '[0-9]') then null
        else list_transform([bare_amount(x)], lambda b: signed_amount(b))[1]
    end;

create or replace temp macro to_amount(x) as
    case
        when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,2})?') then try_cast(x as decimal(18,2))
        else try_cast(odd_amount(x) as decimal(18,2))
    end;

create or replace temp macro to_number(x) as
    case
        when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,9})?') then try_cast(x as double)
        else try_cast(odd_amount(x) as double)
    end;

create or replace temp macro to_integer(x) as
    case
        when x is null then null
        else coalesce(try_cast(x as integer), case when abs(to_number(x)) < 2000000000 then cast(round(to_number(x)) as integer) end)
    end;

-- 0.6, 60 and 60% are all sixty per cent; what is more than one hundred per cent is not a share.
create or replace temp macro share_number(x) as
    case when ends_with(x, '%') then to_number(rtrim(x, '% ')) / 100 when to_number(x) > 1 then to_number(x) / 100 else to_number(x) end;

create or replace temp macro to_share(x) as
    case when share_number(trim(half_width(x))) between 0 and 1 then share_number(trim(half_width(x))) end;

create or replace temp macro to_flag(x) as
    case
        when lower(trim(x)) in ('1', 'true', 't', 'yes', 'y', '是', '有', '√', 'on') then true
        when lower(trim(x)) in ('0', 'false', 'f', 'no', 'n', '否', '无', '×', 'off') then false
    end;

-- Dates before 1900 and after 2100 are slips of the key or sentinels.
create or replace temp macro sensible(t) as
    case when t >= timestamp '1900-01-01' and t < timestamp '2100-01-01' then t end;

-- Year first in the Chinese or dotted way, as one run of digits, as a spreadsheet's day number, or with a month's name.
create or replace temp macro year_first(x) as
    case
        when x[5] in ('年', '.') then coalesce(
            try_cast(rtrim(replace(replace(replace(replace(x, '年', '-'), '月', '-'), '日', ''), '.', '-')) as timestamp),
            try_strptime(x, ['%Y年%m月%d日%H时%M分', '%Y年%m月%d日%H:%M', '%Y.%m.%d %H:%M']))
        when regexp_full_match(x, '[2-5][0-9]{4}(\.[0-9]+)?') then timestamp '1899-12-30' + to_seconds(cast(round(try_cast(x as double) * 86400) as bigint))
        when regexp_full_match(x, '[0-9]{8}|[0-9]{14}') then try_strptime(x, ['%Y%m%d', '%Y%m%d%H%M%S'])
        when regexp_matches(x, '[A-Za-z]{3}') and regexp_matches(x, '[0-9]') then try_strptime(x, ['%d %b %Y', '%b %d, %Y', '%d-%b-%Y', '%d %B %Y', '%B %d, %Y'])
    end;

create or replace temp macro month_first(x) as
    try_strptime(x, ['%m/%d/%y', '%m/%d/%Y', '%m/%d/%y %I:%M %p', '%m/%d/%Y %I:%M %p', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p', '%m-%d-%y', '%m-%d-%Y', '%m-%d-%Y %H:%M', '%m.%d.%y', '%m.%d.%Y']);

create or replace temp macro day_first(x) as
    try_strptime(x, ['%d/%m/%y', '%d/%m/%Y', '%d/%m/%y %I:%M %p', '%d/%m/%Y %I:%M %p', '%d/%m/%y %H:%M', '%d/%m/%Y %H:%M', '%d/%m/%Y %H:%M:%S', '%d-%m-%y', '%d-%m-%Y', '%d-%m-%Y %H:%M', '%d.%m.%y', '%d.%m.%Y', '%d.%m.%Y %H:%M', '%d.%m.%Y %H:%M:%S']);

create or replace temp macro is_year_first(x) as x[5] in ('-', '/') and x[3] between '0' and '9';

create or replace temp macro is_part_first(x) as regexp_matches(x, '^[0-9]{1,2}[/.-][0-9]{1,2}[/.-]');

create or replace temp macro odd_timestamp_mdy(x) as
    case when is_year_first(x) then try_cast(x as timestamp) when is_part_first(x) then month_first(x) else year_first(x) end;

create or replace temp macro odd_timestamp_dmy(x) as
    case when is_year_first(x) then try_cast(x as timestamp) when is_part_first(x) then day_first(x) else year_first(x) end;

-- Where the order of day and month is not proven, only a date that reads one way is taken: 13/4 and 4/13, never 3/4.
create or replace temp macro odd_timestamp_ymd(x) as
    case
        when is_year_first(x) then try_cast(x as timestamp)
        when not is_part_first(x) then year_first(x)
        else list_transform([[month_first(x), day_first(x)]], lambda m: case when m[1] <> m[2] then null else coalesce(m[1], m[2]) end)[1]
    end;

create or replace temp macro to_timestamp_mdy(x) as
    sensible(case when is_year_first(x) then try_cast(x as timestamp) else odd_timestamp_mdy(trim(x)) end);
create or replace temp macro to_timestamp_dmy(x) as
    sensible(case when is_year_first(x) then try_cast(x as timestamp) else odd_timestamp_dmy(trim(x)) end);
create or replace temp macro to_timestamp_ymd(x) as
    sensible(case when is_year_first(x) then try_cast(x as timestamp) else odd_timestamp_ymd(trim(x)) end);

-- Does the cell prove that the month, or that the day, stands first?
create or replace temp macro proves_month_first(x) as
    not is_year_first(x) and try_cast(regexp_extract(x, '^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]', 2) as integer) between 13 and 31;
create or replace temp macro proves_day_first(x) as
    not is_year_first(x) and try_cast(regexp_extract(x, '^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]', 1) as integer) between 13 and 31;
create or replace temp macro needs_order(x) as
    not is_year_first(x) and regexp_matches(x, '^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}');

-- Currencies as people write them, by their ISO codes; what is not known stays as written.
create or replace temp macro to_currency(x) as
    case
        when upper(trim(x)) in ('CNY', 'RMB', '人民币', '人民币元', '元', '¥', '￥') then 'CNY'
        when upper(trim(x)) in ('USD', 'US DOLLAR', 'U.S. DOLLAR', '美元', '美金', '$') then 'USD'
        when upper(trim(x)) in ('EUR', 'EURO', '欧元', '€') then 'EUR'
        when upper(trim(x)) in ('HKD', '港币', '港元', 'HK$') then 'HKD'
        when upper(trim(x)) in ('JPY', '日元', '日圆') then 'JPY'
        when upper(trim(x)) in ('GBP', '英镑', '£', 'POUND STERLING') then 'GBP'
        else upper(trim(x))
    end;
