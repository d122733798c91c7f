\set n random(1, :sessions)
\set a 1 + :n % :accounts
select s.expires_at, s.revoked_at, h.revision
  from session s
  join chain_head h on h.account_id = s.account_id
 where s.account_id = 'org_' || lpad(:a::text, 6, '0')
   and s.session_id = 'ses_' || left(md5(:n::text), 26) || '_org_' || lpad(:a::text, 6, '0');
