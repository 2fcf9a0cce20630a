-- What: quantity and quality of the contacts made by the firm's sellers, and by each team's, in the last 13 weeks.
-- Row: the whole firm (team null), and each team of at least three sellers, so that no row tells about one colleague.
-- Definition: sums of rep_contacts over the sellers.
-- Columns:
--   team varchar: null = whole firm
--   n_reps bigint: sellers
--   n_weeks double: weeks at work, all sellers together
--   n_touches bigint: contacts tried
--   n_effective bigint: contacts made
--   n_judged bigint: contacts made on a deal at least 14 days ago
--   n_progressed bigint: of those followed by progress within 14 days
--   minutes bigint: minutes in contact
--   n_accounts bigint: accounts owned
--   n_accounts_covered bigint: of those effectively contacted
-- Leaves out: contacts by managers, directors and people who left.
select
    team,
    cast(count(*) as bigint) as n_reps,
    cast(sum(n_weeks) as double) as n_weeks,
    cast(coalesce(sum(n_touches), 0) as bigint) as n_touches,
    cast(coalesce(sum(n_effective), 0) as bigint) as n_effective,
    cast(coalesce(sum(n_judged), 0) as bigint) as n_judged,
    cast(coalesce(sum(n_progressed), 0) as bigint) as n_progressed,
    cast(coalesce(sum(minutes), 0) as bigint) as minutes,
    cast(coalesce(sum(n_accounts), 0) as bigint) as n_accounts,
    cast(coalesce(sum(n_accounts_covered), 0) as bigint) as n_accounts_covered
from rep_contacts
where is_seller
group by grouping sets ((), (team))
having grouping(team) = 1 or (team is not null and count(*) >= 3)
