-- Ids: text, never numbers; what systems and spreadsheets do to them.
-- Tests stand one within the other: the engine works out all parts of an "and" for every cell.

-- Salesforce gives one id in 15 characters, where case tells two ids apart, and in 18, whose last three say the case.
create or replace temp macro is_short_id(x) as
    strlen(x) = 15 and regexp_full_match(x, '([0-8][0-9a-zA-Z]{2}|a[0-9][0-9a-zA-Z])[0-9a-zA-Z]{12}') and regexp_matches(x, '[A-Za-z]');

create or replace temp macro case_marks(x) as
    list_aggregate(list_transform([0, 5, 10], lambda start:
        ('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345')[1 + cast(list_sum(list_transform([1, 2, 3, 4, 5], lambda i:
            case when x[start + i] between 'A' and 'Z' then 1 << (i - 1) else 0 end)) as integer)]), 'string_agg', '');

create or replace temp macro folded_id(x) as case when is_short_id(x) then x || case_marks(x) else x end;
create or replace temp macro is_long_id(x) as strlen(x) = 18 and is_short_id(left(x, 15)) and case_marks(x) = right(x, 3);

-- 123.0 is how a number column with blanks writes 123.
create or replace temp macro is_pointed_id(x) as case when ends_with(x, '.0') then regexp_full_match(x, '[0-9]+\.0') else false end;
create or replace temp macro unpointed_id(x) as case when is_pointed_id(x) then left(x, length(x) - 2) else x end;

-- A spreadsheet keeps 15 digits of a number and shows the longest ones as 1.23457E+15.
create or replace temp macro is_digits_lost(x) as case when contains(x, 'E+') then regexp_full_match(x, '[0-9]([.,][0-9]+)?E\+[0-9]+') else false end;
create or replace temp macro is_long_number(x) as case when strlen(x) >= 16 then regexp_full_match(x, '[0-9]{16,40}') else false end;
create or replace temp macro has_zero_tail(x) as case when is_long_number(x) then rtrim(substring(x, 16), '0') = '' else false end;

-- What is odd about an id, or long enough to be looked at; null for nothing.
create or replace temp macro id_shape(x) as
    case
        when strlen(x) = 15 then case when is_short_id(x) then 'short' end
        when strlen(x) = 18 and is_short_id(left(x, 15)) then 'long'
        when is_pointed_id(x) then 'pointed'
        when is_digits_lost(x) then 'rounded'
        when has_zero_tail(x) then 'rounded'
    end;
-- How often an id of this length would end in such zeros by chance.
create or replace temp macro chance_of_zeros(x) as case when is_long_number(x) then pow(10, 15 - strlen(x)) end;
