-- What: records that refer to something the export does not hold, such as a deal of an unknown customer.
-- Row: one kind of reference of one table.
-- Definition: the record is kept and its reference too; it only counts where no target is needed. absent = no such record in
--   the export; ambiguous = the reference is a name that several records have.
-- Columns:
--   table_name varchar: the referring canonical table
--   column_name varchar: the referring canonical column
--   reason varchar: absent, ambiguous
--   n_rows bigint: referring records
--   n_references bigint: distinct references
--   top_reference varchar: the most frequent of them, the smallest in order of text among equals
--   n_top bigint: records that have it
with found as (
    select table_name, column_name, reason, reference, count(*) as n_same
    from missing_references
    group by table_name, column_name, reason, reference
),
ranked as (
    select
        table_name, column_name, reason, reference, n_same,
        row_number() over (
            partition by table_name, column_name, reason order by n_same desc, reference asc nulls last
        ) as place
    from found
)
select
    table_name,
    column_name,
    reason,
    cast(sum(n_same) as bigint) as n_rows,
    cast(count(reference) as bigint) as n_references,
    max(reference) filter (where place = 1) as top_reference,
    cast(max(n_same) as bigint) as n_top
from ranked
group by table_name, column_name, reason
order by n_rows desc, table_name, column_name, reason
