-- The counters of pgbench, in the same table: one for each of the service's, with a limit that is
-- never reached.
insert into meter (account_id, subject, feature_id, used, period_start, period_end, source, seen_limit)
select account_id, subject, 'exports', 0, period_start, period_end, source, 1000000000000
  from meter
 where feature_id = 'api_calls' and subject = '';
vacuum (analyze) meter;
checkpoint;
