-- Amounts in another currency than the snapshot's cannot be added up: without a rate they are kept aside as original_amount.
update opportunities set amount = null
where currency is not null and amount is not null and currency <> (select value from snapshot_facts where name = 'currency');
update orders set amount = null
where currency is not null and amount is not null and currency <> (select value from snapshot_facts where name = 'currency');
