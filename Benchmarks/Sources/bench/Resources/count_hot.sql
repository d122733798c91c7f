-- One unit of the hot counter, where there is one.
update meter
   set used = used + 1, version = version + 1
 where account_id = 'org_' || lpad(:hot::text, 6, '0') and subject = '' and feature_id = 'exports'
   and used + 1 <= seen_limit;
