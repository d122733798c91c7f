-- One unit of a random counter, where there is one: what an app writes that counts in its database.
-- It raises the version itself, which spares it the trigger.
\set a random(1, :accounts)
update meter
   set used = used + 1, version = version + 1
 where account_id = 'org_' || lpad(:a::text, 6, '0') and subject = '' and feature_id = 'exports'
   and used + 1 <= seen_limit;
