-- psql -v sessions=N -v accounts=N: accounts with every kind of hold, and their sessions.
--
-- Written past the triggers: what is measured is checking, and a million chained change rows would
-- take the run's time. Ids are made from numbers, so that pgbench can make them too.
\set ON_ERROR_STOP on
set session_replication_role = replica;

insert into account (account_id, name, attributes, created_at)
select 'org_' || lpad(n::text, 6, '0'), 'Organisation ' || n,
       jsonb_build_object('region', case when n % 3 = 0 then 'us' else 'eu' end),
       now() - n % 700 * interval '1 day'
  from generate_series(1, :accounts) as n;

insert into chain_head (account_id, revision, at, hash)
select account_id, 3, created_at, sha256(account_id::bytea) from account;

-- Of twenty accounts: nine have no subscription, four pay for pro, one for enterprise, one has pro and
-- one add-on, one pro and two; one is in its trial, one past due, one canceled, one's trial ended.
with addon as (
    select plan_id, row_number() over (order by plan_id) as place
      from plan
     where kind = 'addon' and archived_at is null
), kind (place, subscription_id, plan_id, status, trial_end, past_due_since, ended_at) as (
    select place, 'sub_main', 'pro', 'active', null::timestamptz, null::timestamptz, null::timestamptz
      from generate_series(9, 12) as place
    union all select 13, 'sub_main', 'enterprise', 'active', null, null, null
    union all select place, 'sub_main', 'pro', 'active', null, null, null
      from generate_series(14, 15) as place
    union all select 13 + place, 'sub_' || plan_id, plan_id, 'active', null, null, null
      from addon where place = 1
    union all select 15, 'sub_' || plan_id, plan_id, 'active', null, null, null
      from addon where place <= 2
    union all select 16, 'sub_main', 'pro', 'trialing', now() + interval '9 days', null, null
    union all select 17, 'sub_main', 'pro', 'past_due', null, now() - interval '2 days', null
    union all select 18, 'sub_main', 'pro', 'canceled', null, null, now() - interval '3 days'
    union all select 19, 'sub_main', 'pro', 'trialing', now() - interval '5 days', null, null
)
insert into subscription (account_id, subscription_id, plan_id, status, trial_end, past_due_since,
       ended_at, period_start, period_end)
select 'org_' || lpad(n::text, 6, '0'), k.subscription_id, k.plan_id, k.status, k.trial_end,
       k.past_due_since, k.ended_at, now() - interval '12 days', now() + interval '18 days'
  from generate_series(1, :accounts) as n
  join kind k on k.place = n % 20;

insert into session (account_id, session_id, user_id, device, source, expires_at)
select o.account_id, 'ses_' || left(md5(n::text), 26) || '_' || o.account_id, 'user_' || n % 7,
       jsonb_build_object('kind', case when n % 2 = 0 then 'browser' else 'phone' end),
       'bench', now() + interval '30 days'
  from generate_series(1, :sessions) as n
 cross join lateral (select 'org_' || lpad((1 + n % :accounts)::text, 6, '0') as account_id) as o;

vacuum (analyze) account, chain_head, subscription, session;
checkpoint;
