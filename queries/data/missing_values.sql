-- What: the references that lead nowhere, each text with the number of records that have it.
-- Row: one text in one column of one table, the most frequent first.
-- Definition: the record is kept and its reference too; it only counts where no target is needed. absent = no such record in
--   the export; ambiguous = the reference is a name that several records have.
-- Columns:
--   table_name varchar: the referring canonical table
--   column_name varchar: the referring canonical column
--   reason varchar: absent, ambiguous
--   reference varchar: the text, as uploaded
--   n_rows bigint: records that have it
--   share double: of all records of this table and column that lead nowhere, 0 to 1
--   n_column bigint: all records of this table and column that lead nowhere
-- Leaves out: all but the first 200; data/missing_references counts every one.
with found as (
    select table_name, column_name, reason, reference, count(*) as n_rows
    from missing_references
    group by table_name, column_name, reason, reference
),
final as (
    select
        table_name, column_name, reason, reference, n_rows,
        sum(n_rows) over (partition by table_name, column_name) as n_column
    from found
)
select
    table_name,
    column_name,
    reason,
    reference,
    cast(n_rows as bigint) as n_rows,
    cast(n_rows as double) / nullif(n_column, 0) as share,
    cast(n_column as bigint) as n_column
from final
order by n_rows desc, table_name, column_name, reason, reference asc nulls last
limit 200
