-- What: how many open deals of the firm, and of each team, carry which warning.
-- Row: the whole firm (team null), and each team of at least three owners, so that no row tells about one colleague.
-- Definition: counts over deal_flags.
-- Columns:
--   team varchar: null = whole firm
--   n_open bigint: open deals
--   n_silent bigint: deals
--   n_slipped bigint: deals
--   n_ahead bigint: deals
--   n_single_threaded bigint: deals
--   n_no_next_step bigint: deals
--   n_discounted bigint: deals
--   n_flagged bigint: deals with at least one warning
-- Leaves out: teams of one or two owners.
select
    users.team,
    cast(count(*) as bigint) as n_open,
    cast(count(*) filter (where deal_flags.is_silent) as bigint) as n_silent,
    cast(count(*) filter (where deal_flags.is_slipped) as bigint) as n_slipped,
    cast(count(*) filter (where deal_flags.is_ahead) as bigint) as n_ahead,
    cast(count(*) filter (where deal_flags.is_single_threaded) as bigint) as n_single_threaded,
    cast(count(*) filter (where deal_flags.has_no_next_step) as bigint) as n_no_next_step,
    cast(count(*) filter (where deal_flags.is_discounted) as bigint) as n_discounted,
    cast(count(*) filter (where deal_flags.n_flags > 0) as bigint) as n_flagged
from deal_flags
left join users on users.user_key = deal_flags.owner_key
group by grouping sets ((), (users.team))
having grouping(users.team) = 1 or (users.team is not null and count(distinct users.user_key) >= 3)
