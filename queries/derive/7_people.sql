-- Roles and life cycles that the export leaves out.
update users set role = case when user_key in (select manager_key from users where manager_key is not null) then 'manager' else 'rep' end
where role is null;
update accounts set lifecycle = case when account_key in (select account_key from opportunities where outcome = 'won' and account_key is not null) then 'customer' else 'prospect' end
where lifecycle is null;
update tasks set status = case when completed_at is null then 'open' else 'done' end where status is null;
