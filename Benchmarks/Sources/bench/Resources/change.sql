-- One acknowledged change: an active subscription of a random account gets another quantity.
\set a 20 * random(0, :accounts / 20 - 1) + random(9, 12)
update subscription
   set quantity = 1 + quantity % 9
 where account_id = 'org_' || lpad(:a::text, 6, '0')
   and subscription_id = 'sub_main';
