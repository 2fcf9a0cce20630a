-- How a cell's text becomes a value: what all kinds of cells share. Amounts, moments and ids have files of their own.
-- Each macro gives null for what it cannot read; the caller tells blank from bad.
-- The common shape of a value is tried first and cheaply; the long list of shapes runs only on what is left. There a
-- list of one gives a value a name: what stands twice in a statement, the engine works out for every cell beforehand.
-- Such a list has its price: the patterns in it are prepared anew for every block of 2,000 cells, so that one odd cell in a
-- block costs as much as all the others. A shape that some system writes as a habit needs a cheap way of its own.

-- Blanks of all scripts, marks without width and marks of direction, in UTF-8 (they cannot be seen here).
create or replace temp macro blanks() as
    decode(unhex('090a0d20c285c2a0e19a80e1a08ee28080e28081e28082e28083e28084e28085e28086e28087e28088e28089e2808ae2808be2808ce2808de2808ee2808fe280a8e280a9e280aae280abe280ace280ade280aee280afe2819fe281a0e281a6e281a7e281a8e281a9e38080efbbbf'));

create or replace temp macro trimmed(x) as trim(x, blanks());

-- A text without the blanks around it; null where nothing is left. Blanks come before "!", between ASCII and the Chinese
-- signs, and as U+FEFF: a text that neither begins nor ends there needs no trimming. The last sign is asked first, which costs
-- half of asking it second.
create or replace temp macro bare(x) as
    case
        when
            x[-1] between '!' and chr(65278) and x between '!' and chr(65278)
            and x[-1] not between chr(127) and chr(12289) and x not between chr(127) and chr(12289) then x
        when x is null then null
        else nullif(trimmed(x), '')
    end;

-- Words that mean "not known yet" in a column of amounts, numbers or dates. Never applied to names or ids.
create or replace temp macro is_placeholder(x) as
    lower(trimmed(x)) in ('', '-', '--', '—', '——', '/', 'n/a', '#n/a', 'na', 'null', 'none', 'tbd', 'tbc', '待定', '未定', '无', '暂无', '未知', '不详', '未填');

-- Full width folded, blanks and signs of all scripts made the plain ones.
create or replace temp macro half_width(x) as
    trimmed(translate(x, '０１２３４５６７８９．，（）－−＋％￥＄／：’‘´' || decode(unhex('e38080c2a0e280afe28089e28087e28088')), '0123456789.,()--+%¥$/:''''''      '));

create or replace temp macro to_flag(x) as
    case
        when lower(trim(x)) in ('1', '1.0', 'true', 't', 'yes', 'y', '是', '有', '√', 'on') then true
        when lower(trim(x)) in ('0', '0.0', 'false', 'f', 'no', 'n', '否', '无', '×', 'off') then false
    end;

-- Text out of a web page's code: known tags go, line ends stay, the usual entities are read. Other uses of < and > stay.
create or replace temp macro has_html(x) as
    case when contains(x, '<') then regexp_matches(x, '(?i)</?(p|br|div|span|a|b|i|u|em|strong|ul|ol|li|table|tbody|tr|td|th|h[1-6]|font|img|html|head|body|meta|style|script|title|hr|blockquote|pre|code|o:p)(\s[^<>]*)?/?>') else false end
    or case when contains(x, '&') then regexp_matches(x, '(?i)&(nbsp|amp|lt|gt|quot|apos|#39|#x27|#160);') else false end;

create or replace temp macro without_tags(x) as
    regexp_replace(regexp_replace(regexp_replace(x,
        '(?is)<(style|script|head)(\s[^<>]*)?>.*?</(style|script|head)>|<!--.*?-->', '', 'g'),
        '(?i)<br(\s[^<>]*)?/?>|</(p|div|li|tr|h[1-6]|ul|ol|table|blockquote|pre)>', chr(10), 'g'),
        '(?i)</?(p|br|div|span|a|b|i|u|em|strong|ul|ol|li|table|tbody|tr|td|th|h[1-6]|font|img|html|head|body|meta|style|script|title|hr|blockquote|pre|code|o:p)(\s[^<>]*)?/?>', '', 'g');

-- The ampersand is read last: what was written as code of code stays code.
create or replace temp macro without_entities(x) as
    replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(x,
        '(?i)&(nbsp|#160);', ' ', 'g'), '(?i)&lt;', '<', 'g'), '(?i)&gt;', '>', 'g'), '(?i)&quot;', '"', 'g'), '(?i)&(apos|#39|#x27);', '''', 'g'), '&amp;', '&');

create or replace temp macro to_text(x) as
    case
        when contains(x, '<') or contains(x, '&') then list_transform([x], lambda v: case
            when has_html(v)
                then nullif(trimmed(regexp_replace(regexp_replace(without_entities(without_tags(v)), '[ \t\r]*\n\s*', chr(10), 'g'), '[ \t]{2,}', ' ', 'g')), '')
            else v
        end)[1]
        else x
    end;

-- One value out of a cell that holds JSON; null where the cell is broken, is no object, or has no such value.
create or replace temp macro json_value(x, name) as
    case when x[1] = '{' then nullif(trim(json_extract_string(try_cast(x as json), '$."' || name || '"')), '') end;

-- Currencies as people write them, by their ISO codes; what is not known stays as written.
create or replace temp macro to_currency(x) as
    list_transform([upper(trimmed(x))], lambda c: case
        when c in ('CNY', 'RMB', '人民币', '人民币元', '元', '¥', '￥', 'CN¥', '圆') then 'CNY'
        when c in ('USD', 'US DOLLAR', 'U.S. DOLLAR', '美元', '美金', '$', 'US$') then 'USD'
        when c in ('EUR', 'EURO', '欧元', '€') then 'EUR'
        when c in ('HKD', '港币', '港元', 'HK$') then 'HKD'
        when c in ('TWD', 'NTD', '新台币', '台币', 'NT$') then 'TWD'
        when c in ('JPY', '日元', '日圆', '円', 'JP¥') then 'JPY'
        when c in ('GBP', '英镑', '£', 'POUND STERLING') then 'GBP'
        when c in ('AUD', 'AU$', 'A$') then 'AUD'
        when c in ('CAD', 'CA$', 'C$') then 'CAD'
        when c in ('SGD', 'S$') then 'SGD'
        when c in ('BRL', 'R$') then 'BRL'
        when c in ('INR', '₹', 'RS', 'RS.') then 'INR'
        when c in ('KRW', '₩', '韩元') then 'KRW'
        when c in ('RUB', '₽') then 'RUB'
        when c in ('TRY', '₺') then 'TRY'
        when c in ('VND', '₫') then 'VND'
        when c in ('THB', '฿') then 'THB'
        when c in ('PLN', 'ZŁ') then 'PLN'
        when c in ('CZK', 'KČ') then 'CZK'
        when c in ('CHF', 'SFR', 'FR', 'FR.') then 'CHF'
        else c
    end)[1];
