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
--   example varchar: one reference, the smallest in order of text
select
    table_name,
    column_name,
    reason,
    cast(count(*) as bigint) as n_rows,
    cast(count(distinct reference) as bigint) as n_references,
    min(reference) as example
from missing_references
group by table_name, column_name, reason
order by n_rows desc, table_name, column_name, reason
