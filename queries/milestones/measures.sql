-- What: what a rule can demand, and whether this export shows it at all.
-- Row: one measure.
-- Definition: as in playbook_measures.
-- Columns:
--   measure varchar: code
--   is_shown boolean: the export could show it
-- Leaves out: nothing.
select measure, is_shown
from playbook_measures
order by measure asc nulls last
