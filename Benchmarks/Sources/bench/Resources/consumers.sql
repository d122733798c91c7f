-- psql -v accounts=N -v hot=N -v feature=ID: one session of every account but the hot one, in random
-- order, each asking for one unit of the feature. Ids are made as the seed made them.
set seed = 0.25;
select '{"session":"ses_' || left(md5(n::text), 26) || '_org_' || lpad(a::text, 6, '0')
       || '","feature":"' || :'feature' || '"}'
  from generate_series(1, :accounts) as n
 cross join lateral (select 1 + n % :accounts as a) as account
 where a <> :hot
 order by random();
