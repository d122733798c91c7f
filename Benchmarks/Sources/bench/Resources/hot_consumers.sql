-- psql -v hot=N -v feature=ID -v count=N: so many requests for one unit of
-- the hot account, by its sessions in turn.
select '{"session":"' || s.session_id || '","feature":"' || :'feature' || '"}'
  from generate_series(1, :count) as place
  join (select session_id, row_number() over (order by session_id) as number, count(*) over () as all
          from session
         where account_id = 'org_' || lpad(:hot::text, 6, '0')) as s
    on s.number = 1 + place % s.all
 order by place;
