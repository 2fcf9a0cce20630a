-- How a cell's text becomes an amount, a number or a share, under the decimal mark that its column uses.
-- _point: 1,234.5 (also 1 234.5, 1'234.5, 12,34,567.5); _comma: 1.234,5 read with the two marks exchanged;
-- _either: nothing says which, so that only what reads one way is taken: 1.234,5 and 1,234.5, never 1.234.

-- The names and signs of currencies that may stand before or after an amount.
create or replace temp macro currency_marks() as
    '(?:(?:US|HK|NT|AU|CA|A|C|S|R|MX|NZ)\$|(?:CN|JP)¥|[¥￥$€£₹₩₽₺₫฿₴₪₱]|人民币|人民幣|新台币|美元|美金|欧元|歐元|英镑|港币|港元|日元|日圆|韩元|[元圆圓円]整?|zł|kč|kr[.,]?|rs[.,]?|s?fr[.,]|ft|lei|(?:RMB|NTD|USD|EUR|GBP|CNY|JPY|HKD|TWD|KRW|SGD|AUD|NZD|CAD|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|INR|PKR|BDT|LKR|IDR|MYR|THB|PHP|VND|BRL|MXN|ARS|CLP|COP|PEN|ZAR|EGP|NGN|KES|MAD|ILS|SAR|AED|QAR|KWD|MOP)\b)';

-- An amount without the names of its currency; its sign stays.
create or replace temp macro without_currency(b) as
    regexp_replace(regexp_replace(b, '(?i)^([-+(]?) *' || currency_marks() || ' *', '\1'), '(?i) *' || currency_marks() || '([-)]?)$', '\1');

-- The digits without thousands marks; null when the marks stand in the wrong place.
create or replace temp macro plain_digits(x) as
    case
        when regexp_full_match(x, '[0-9]+(\.[0-9]+)?|\.[0-9]+') then x
        when regexp_full_match(x, '[1-9][0-9]{0,2}((,[0-9]{3})+|( [0-9]{3})+|(''[0-9]{3})+)(\.[0-9]+)?|[1-9][0-9]?(,[0-9]{2})+,[0-9]{3}(\.[0-9]+)?') then translate(x, ', ''', '')
    end;

create or replace temp macro unit_factor(x) as
    list_transform([rtrim(lower(x), '.,')], lambda u: case u
        when '' then 1
        when '万' then 10000 when '萬' then 10000
        when '亿' then 100000000 when '億' then 100000000
        when '千' then 1000 when '百万' then 1000000 when '千万' then 10000000
        when 'k' then 1000 when 'm' then 1000000 when 'mn' then 1000000 when 'mio' then 1000000
        when 'bn' then 1000000000 when 'mrd' then 1000000000
    end)[1];

-- A list of one stands for a name given to a value, so that each step runs once. b: sign, digits and unit, nothing else.
create or replace temp macro signed_amount(b) as
    list_transform(
        [regexp_extract(b, '(?i)^(\(|[-+])? *([0-9., '']*[0-9]) ?(千万|百万|[千万萬亿億]|k|mn|mio[.,]?|mrd[.,]?|m|bn)?(\)|-)?$', ['open', 'digits', 'unit', 'shut'])],
        lambda p: case
            when (p.open = '(') = (p.shut = ')') and not (p.open <> '' and p.shut = '-') and length(p.digits) <= 24 then
                try_cast(plain_digits(p.digits) as decimal(26,8)) * unit_factor(p.unit) * case when p.open in ('-', '(') or p.shut = '-' then -1 else 1 end
        end
    )[1];

-- What no common shape fits; 5,- and 5.- are how some write a round amount.
create or replace temp macro odd_number(x) as
    case when regexp_matches(x, '[0-9０-９]') then
        list_transform([regexp_replace(half_width(x), '([0-9])[.,] ?[-–—]{1,2}$', '\1')], lambda b: signed_amount(without_currency(b)))[1]
    end;

create or replace temp macro odd_amount(x) as
    case
        when regexp_full_match(x, '[¥￥$€£]?[1-9][0-9]{0,2}(,[0-9]{3}){1,4}(\.[0-9]{1,2})?') then cast(replace(ltrim(x, '¥￥$€£'), ',', '') as decimal(18,2))
        when regexp_full_match(x, '[0-9]{1,9}(\.[0-9]{1,6})?万') then cast(round(cast(rtrim(x, '万') as decimal(24,6)) * 10000, 2) as decimal(18,2))
        when regexp_full_match(x, '\([0-9]{1,9}(\.[0-9]{1,2})?\)') then -cast(trim(x, '()') as decimal(18,2))
        else try_cast(round(odd_number(x), 2) as decimal(18,2))
    end;

create or replace temp macro exchanged(x) as translate(x, ',.，．', '.,.,');

-- Two readings of one cell: the one, where both agree or only one of them reads.
create or replace temp macro agreed(readings) as
    list_transform([readings], lambda m: case when m[1] <> m[2] then null else coalesce(m[1], m[2]) end)[1];

create or replace temp macro to_amount_point(x) as
    case when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,2})?') then try_cast(x as decimal(18,2)) else odd_amount(x) end;

create or replace temp macro to_amount_comma(x) as
    case when regexp_full_match(x, '-?[0-9]{1,15}(,[0-9]{1,2})?') then try_cast(replace(x, ',', '.') as decimal(18,2)) else odd_amount(exchanged(x)) end;

create or replace temp macro to_amount_either(x) as
    case when x is null then null when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,2})?') then try_cast(x as decimal(18,2)) else agreed(list_transform([x, exchanged(x)], lambda w: odd_amount(w))) end;

create or replace temp macro to_number_point(x) as
    case when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,15})?') then try_cast(x as double) else cast(odd_number(x) as double) end;

create or replace temp macro to_number_comma(x) as to_number_point(exchanged(x));

create or replace temp macro to_number_either(x) as
    case when x is null then null when regexp_full_match(x, '-?[0-9]{1,15}(\.[0-9]{1,2})?') then try_cast(x as double) else agreed(list_transform([x, exchanged(x)], lambda w: to_number_point(w))) end;

create or replace temp macro whole(n) as
    list_transform([n], lambda v: case when abs(v) < 2000000000 then cast(round(v) as integer) end)[1];

-- A cast would also take 1e3 and 1_000, but not in two characters.
create or replace temp macro to_integer_point(x) as
    case when x is null then null when strlen(x) <= 2 then try_cast(x as integer) when regexp_full_match(x, '-?[0-9]{1,9}') then cast(x as integer) else whole(to_number_point(x)) end;
create or replace temp macro to_integer_comma(x) as
    case when x is null then null when strlen(x) <= 2 then try_cast(x as integer) when regexp_full_match(x, '-?[0-9]{1,9}') then cast(x as integer) else whole(to_number_comma(x)) end;
create or replace temp macro to_integer_either(x) as
    case when x is null then null when strlen(x) <= 2 then try_cast(x as integer) when regexp_full_match(x, '-?[0-9]{1,9}') then cast(x as integer) else whole(to_number_either(x)) end;

-- 0.6, 60 and 60% are all sixty per cent; what is more than one hundred per cent is not a share.
create or replace temp macro share_of(n, is_percent) as
    list_transform([case when is_percent or n > 1 then n / 100 else n end], lambda s: case when s between 0 and 1 then s end)[1];
create or replace temp macro has_percent(x) as contains(x, '%') or contains(x, '％');
create or replace temp macro is_plain_share(x) as regexp_full_match(x, '-?[0-9]{1,3}(\.[0-9]{1,2})?%?');
create or replace temp macro without_percent(x) as rtrim(half_width(x), '% ');
create or replace temp macro is_part_of_one(x) as regexp_full_match(x, '0(\.[0-9]{1,2})?|1(\.00?)?');
create or replace temp macro to_share_point(x) as
    case when is_part_of_one(x) then cast(x as double) else share_of(case when is_plain_share(x) then try_cast(rtrim(x, '%') as double) else list_transform([without_percent(x)], lambda v: to_number_point(v))[1] end, has_percent(x)) end;
create or replace temp macro to_share_comma(x) as
    share_of(list_transform([without_percent(x)], lambda v: to_number_comma(v))[1], has_percent(x));
create or replace temp macro to_share_either(x) as
    case when is_part_of_one(x) then cast(x as double) else share_of(case when is_plain_share(x) then try_cast(rtrim(x, '%') as double) else list_transform([without_percent(x)], lambda v: to_number_either(v))[1] end, has_percent(x)) end;

-- Does the cell prove which mark its decimals stand behind, or need to be told? Both readings of what has a mark.
create or replace temp macro has_mark(x) as contains(x, '.') or contains(x, ',') or contains(x, '．') or contains(x, '，');
create or replace temp macro readings(x) as
    case
        when not has_mark(x) then null
        when regexp_full_match(x, '-?[0-9]+\.([0-9]{1,2}|[0-9]{4,})') then [1.0, null]
        when regexp_full_match(x, '-?[0-9]+,([0-9]{1,2}|[0-9]{4,})') then [null, 1.0]
        else list_transform([without_percent(x)], lambda v: list_transform([v, exchanged(v)], lambda w: to_number_point(w)))[1]
    end;
create or replace temp macro proves_point(r) as r[1] is not null and r[2] is null;
create or replace temp macro proves_comma(r) as r[1] is null and r[2] is not null;
create or replace temp macro needs_decimal(r) as r[1] <> r[2];
-- More digits behind the mark than money has; such an amount is rounded, half away from zero.
create or replace temp macro fine_mark(x) as
    case when has_mark(x) then nullif(regexp_extract(x, '([.,])[0-9]{2}[0-9]*[1-9](?:[^0-9.,]|$)', 1), '') end;

-- The currency that an amount names; $, ¥ and kr are those of `home` where that is one of theirs. First what names none.
create or replace temp macro named_currency(x, home) as
    case
        when x is null or (x[1] between '0' and '9' and x[-1] between '0' and '9') then null
        when regexp_full_match(x, '[¥￥][0-9][0-9.,]*') then case when home = 'JPY' then 'JPY' else 'CNY' end
        when regexp_full_match(x, '[-+(]?[0-9][0-9.,]*[千百万萬亿億]*[-)%]?') or is_placeholder(x) then null
        else list_transform(list_transform([half_width(x)], lambda v: rtrim(upper(trim(coalesce(
            nullif(regexp_extract(v, '(?i)^[-+(]? *(' || currency_marks() || ')', 1), ''),
            nullif(regexp_extract(v, '(?i)(' || currency_marks() || ')[-)]?$', 1), '')))), '.,整')),
            lambda c: case
                when c = '$' and home in ('AUD', 'CAD', 'HKD', 'SGD', 'NZD', 'TWD', 'MXN', 'ARS', 'CLP', 'COP') then home
                when c in ('¥', '￥', '円', '圆', '圓') and home = 'JPY' then home
                when c = 'KR' and home in ('SEK', 'NOK', 'DKK', 'ISK') then home
                when c in ('圓', '円') then case c when '円' then 'JPY' else 'TWD' end
                else to_currency(c)
            end)[1]
    end;

-- What most systems write, and nothing else: digits, perhaps a point and one or two of them behind it; and the blank.
create or replace temp macro is_plain_number(x) as regexp_full_match(x, '\s*|-?[0-9]{1,9}(\.[0-9]{1,2})?');
