-- What: persons that may be in the CRM twice.
-- Row: one person of a group with the same e-mail address or the same telephone number.
-- Definition: e-mail without letter case and blanks; telephone by its digits, without 86 or 0086 before a mobile number, seven digits or more.
--   A shared number counts within one customer or under one name: elsewhere it is chance or a mistake. What more than five persons
--   share is a firm's own mailbox or switchboard and left out. A lead, not a verdict: colleagues may share a number. opportunity_id is the latest deal of the person's customer, to open it.
-- Columns:
--   place bigint: number of the group, from 1
--   n_groups bigint: groups in all
--   kind varchar: email, phone
--   shared varchar: the address or the digits
--   n_same bigint: persons in the group
--   contact_id varchar: id in the CRM
--   name varchar: as in the CRM
--   account_name varchar: customer
--   owner_name varchar: whose customer; null = nobody
--   opportunity_id varchar: latest deal of the customer; null = none
-- Leaves out: all but the first 500; telephone groups whose members already share an e-mail address.
with digits as (
    select
        contact_key, contact_id, name, account_key,
        nullif(replace(lower(email), ' ', ''), '') as email,
        regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^(0086|86)(1[0-9]{10})$', '', 'g') as bare,
        regexp_replace(phone, '[^0-9]', '', 'g') as phone_digits
    from contacts
),
people as (
    select
        contact_key, contact_id, name, account_key, email,
        -- A pattern without back-references: what the first pattern emptied is a mobile number after its country code.
        case when bare = '' and length(phone_digits) >= 13 then right(phone_digits, 11) else phone_digits end as phone
    from digits
),
keys as (
    select contact_key, contact_id, name, account_key, 'email' as kind, email as shared from people where position('@' in email) > 1
    union all
    select contact_key, contact_id, name, account_key, 'phone', phone from people where length(phone) >= 7
),
same as (
    select kind, shared, count(*) as n_same, min(contact_key) as first_key, max(contact_key) as last_key
    from keys
    group by kind, shared
    having count(*) between 2 and 5
        and (kind = 'email' or min(account_key) = max(account_key) or min(lower(name)) = max(lower(name)))
),
mailed as (
    select distinct first_key, last_key, n_same from same where kind = 'email'
),
groups as (
    select
        s.kind, s.shared, s.n_same,
        row_number() over (order by s.n_same desc, s.kind, s.shared) as place,
        count(*) over () as n_groups
    from same as s
    left join mailed as m on m.first_key = s.first_key and m.last_key = s.last_key and m.n_same = s.n_same
    where s.kind = 'email' or m.first_key is null
),
shown as (
    select place, n_groups, kind, shared, n_same from groups where place <= 250
),
latest as (
    select account_key, opportunity_id
    from (
        select
            account_key, opportunity_id,
            row_number() over (partition by account_key order by created_at desc nulls last, opportunity_id) as rank
        from opportunities
        where account_key in (
            select k.account_key from keys as k inner join shown as s on s.kind = k.kind and s.shared = k.shared
        )
    ) as ranked
    where rank = 1
)
select
    s.place,
    s.n_groups,
    s.kind,
    s.shared,
    s.n_same,
    k.contact_id,
    k.name,
    a.name as account_name,
    u.name as owner_name,
    l.opportunity_id
from shown as s
inner join keys as k on k.kind = s.kind and k.shared = s.shared
left join accounts as a on a.account_key = k.account_key
left join users as u on u.user_key = a.owner_key
left join latest as l on l.account_key = k.account_key
order by place, contact_id asc nulls last
limit 500
