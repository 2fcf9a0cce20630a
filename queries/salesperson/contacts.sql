-- What: quantity and quality of one salesperson's contacts in 13 weeks, against the average seller of the firm.
-- Row: the salesperson; no row when the id is unknown or not visible.
-- Definition: the 91 days up to as_of. Per four weeks and per week: over the weeks since hiring
--   where these are fewer than 13. Effective share = contacts made /
--   tried. Progress = of effective contacts on a deal at least 14 days ago, those followed within 14 days by a forward move of that deal or
--   a contact from the customer. Coverage = accounts owned with an effective contact. Wilson's 95 % intervals. The firm's figures are
--   aggregates of all sellers (firm_contacts), his own among them.
-- Parameters:
--   user_id varchar: the salesperson
-- Columns:
--   user_id varchar: id in the CRM
--   n_touches bigint: contacts tried
--   n_effective bigint: contacts made
--   effective_per_4_weeks double: contacts made per four weeks
--   effective_share double: 0 to 1
--   effective_low double: lower bound
--   effective_high double: upper bound
--   n_judged bigint: contacts old enough to be judged
--   n_progressed bigint: of those followed by progress
--   progress_rate double: 0 to 1
--   progress_low double: lower bound
--   progress_high double: upper bound
--   minutes_per_week double: minutes in contact per week; null when no minutes are recorded in the firm
--   n_accounts bigint: accounts owned
--   coverage double: 0 to 1
--   firm_n_reps bigint: sellers behind the firm's figures
--   firm_effective_per_4_weeks double: per seller and four weeks
--   firm_effective_share double: 0 to 1
--   firm_n_touches bigint: contacts behind it
--   firm_progress_rate double: 0 to 1
--   firm_progress_low double: lower bound
--   firm_progress_high double: upper bound
--   firm_n_judged bigint: contacts behind it
--   firm_minutes_per_week double: per seller and week
--   firm_coverage double: 0 to 1
-- Leaves out: future-dated contacts. The window is fixed at import, so period filters do not apply.
with person as (
    select user_key, user_id from users where user_id = $user_id
),

firm as (
    select
        n_reps,
        cast(n_touches as double) as n_touches,
        4 * cast(n_effective as double) / nullif(n_weeks, 0) as effective_per_4_weeks,
        cast(n_effective as double) / nullif(cast(n_touches as double), 0) as effective_share,
        cast(n_judged as double) as n_judged,
        cast(n_progressed as double) / nullif(cast(n_judged as double), 0) as progress_rate,
        3.8416 / nullif(cast(n_judged as double), 0) as progress_z2n,
        minutes,
        cast(minutes as double) / nullif(n_weeks, 0) as minutes_per_week,
        cast(n_accounts_covered as double) / nullif(cast(n_accounts as double), 0) as coverage
    from firm_contacts
    where team is null
),

rated as (
    select
        person.user_id,
        rep_contacts.n_touches,
        rep_contacts.n_effective,
        4 * cast(rep_contacts.n_effective as double) / nullif(rep_contacts.n_weeks, 0) as effective_per_4_weeks,
        cast(rep_contacts.n_effective as double) / nullif(cast(rep_contacts.n_touches as double), 0) as share,
        3.8416 / nullif(cast(rep_contacts.n_touches as double), 0) as share_z2n,
        rep_contacts.n_judged,
        rep_contacts.n_progressed,
        cast(rep_contacts.n_progressed as double) / nullif(cast(rep_contacts.n_judged as double), 0) as progress,
        3.8416 / nullif(cast(rep_contacts.n_judged as double), 0) as progress_z2n,
        cast(rep_contacts.minutes as double) / nullif(rep_contacts.n_weeks, 0) as minutes_per_week,
        rep_contacts.n_accounts,
        cast(rep_contacts.n_accounts_covered as double) / nullif(cast(rep_contacts.n_accounts as double), 0) as coverage
    from person
    inner join rep_contacts on rep_contacts.owner_key = person.user_key
)

select
    rated.user_id,
    cast(rated.n_touches as bigint) as n_touches,
    cast(rated.n_effective as bigint) as n_effective,
    rated.effective_per_4_weeks,
    rated.share as effective_share,
    case when rated.share is not null then
        greatest(0.0, (rated.share + rated.share_z2n / 2
            - sqrt(rated.share * (1 - rated.share) * rated.share_z2n + rated.share_z2n * rated.share_z2n / 4))
            / (1 + rated.share_z2n))
    end as effective_low,
    case when rated.share is not null then
        least(1.0, (rated.share + rated.share_z2n / 2
            + sqrt(rated.share * (1 - rated.share) * rated.share_z2n + rated.share_z2n * rated.share_z2n / 4))
            / (1 + rated.share_z2n))
    end as effective_high,
    cast(rated.n_judged as bigint) as n_judged,
    cast(rated.n_progressed as bigint) as n_progressed,
    rated.progress as progress_rate,
    case when rated.progress is not null then
        greatest(0.0, (rated.progress + rated.progress_z2n / 2
            - sqrt(rated.progress * (1 - rated.progress) * rated.progress_z2n + rated.progress_z2n * rated.progress_z2n / 4))
            / (1 + rated.progress_z2n))
    end as progress_low,
    case when rated.progress is not null then
        least(1.0, (rated.progress + rated.progress_z2n / 2
            + sqrt(rated.progress * (1 - rated.progress) * rated.progress_z2n + rated.progress_z2n * rated.progress_z2n / 4))
            / (1 + rated.progress_z2n))
    end as progress_high,
    case when firm.minutes > 0 then rated.minutes_per_week end as minutes_per_week,
    cast(rated.n_accounts as bigint) as n_accounts,
    rated.coverage,
    cast(coalesce(firm.n_reps, 0) as bigint) as firm_n_reps,
    firm.effective_per_4_weeks as firm_effective_per_4_weeks,
    firm.effective_share as firm_effective_share,
    cast(coalesce(firm.n_touches, 0) as bigint) as firm_n_touches,
    firm.progress_rate as firm_progress_rate,
    case when firm.progress_rate is not null then
        greatest(0.0, (firm.progress_rate + firm.progress_z2n / 2
            - sqrt(firm.progress_rate * (1 - firm.progress_rate) * firm.progress_z2n + firm.progress_z2n * firm.progress_z2n / 4))
            / (1 + firm.progress_z2n))
    end as firm_progress_low,
    case when firm.progress_rate is not null then
        least(1.0, (firm.progress_rate + firm.progress_z2n / 2
            + sqrt(firm.progress_rate * (1 - firm.progress_rate) * firm.progress_z2n + firm.progress_z2n * firm.progress_z2n / 4))
            / (1 + firm.progress_z2n))
    end as firm_progress_high,
    cast(coalesce(firm.n_judged, 0) as bigint) as firm_n_judged,
    case when firm.minutes > 0 then firm.minutes_per_week end as firm_minutes_per_week,
    firm.coverage as firm_coverage
from rated
cross join firm
order by user_id asc nulls last
