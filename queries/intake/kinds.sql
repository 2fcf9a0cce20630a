-- What the cells of an unknown column look like, before anything is known of how its dates and numbers are written.

-- A date in any order of its parts; a bare number counts only when it can be nothing but year, month and day.
create or replace temp macro is_date_text(x) as
    regexp_matches(trim(x), '^[0-9]{4}[-/年][0-9]{1,2}([-/月]|$)|^[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}\b|^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\b')
    or regexp_full_match(trim(x), '(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([0-9]{6})?')
    or regexp_matches(trim(x), '(?i)^([0-9]{1,2}[ -])?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ,.-]+[0-9]{1,4}');

create or replace temp macro is_number_text(x) as
    regexp_full_match(
        replace(trim(x), ' ', ' '),
        '(?i)([a-z]{3} ?|[¥￥$€£₹] ?|us\$|hk\$|r\$)?[-+(]?([¥￥$€£₹] ?)?[0-9]([0-9 .,'']*[0-9])?\)?[-]?( ?[%万亿km元€$]| ?[a-z]{3})?元?'
    );
