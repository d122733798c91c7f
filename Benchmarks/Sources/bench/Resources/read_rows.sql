\set n random(1, :sessions)
\set a 1 + :n % :accounts
select s.user_id, s.created_at, s.expires_at, s.revoked_at, a.blocked_at, h.revision,
       (select jsonb_agg(jsonb_build_array(u.plan_id, u.version, u.status, u.quantity, u.starts_at,
               u.trial_end, u.period_start, u.period_end, u.past_due_since, u.cancel_at, u.ended_at))
          from subscription u
         where u.account_id = s.account_id) as subscriptions
  from session s
  join account a on a.account_id = s.account_id
  join chain_head h on h.account_id = s.account_id
 where s.account_id = 'org_' || lpad(:a::text, 6, '0')
   and s.session_id = 'ses_' || left(md5(:n::text), 26) || '_org_' || lpad(:a::text, 6, '0');
