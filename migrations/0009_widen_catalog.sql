-- What quotas need of the catalog: limits of how many at once, and metered features that draw on the
-- pool of another. What plans say of them stands in `entitlement.settings`, as before.

alter table feature drop constraint feature_type_check;
alter table feature add constraint feature_type_check check
    (type in ('boolean', 'config', 'metered', 'level', 'seats', 'rate', 'concurrency'));

-- Deferred, since a feature may be written before the pool that it draws on.
alter table feature
    add column pool_id text constraint feature_pool_is_feature
        references feature deferrable initially deferred,
    add column cost bigint not null default 1
        constraint feature_cost check (cost between 1 and 1000000000),
    add constraint feature_draws check (pool_id is null or (type = 'metered' and pool_id <> feature_id)),
    add constraint feature_cost_of_pool check (pool_id is not null or cost = 1);

-- A pool is metered and draws on no other, at the end of whatever transaction changes either of the two.
-- What has left the catalog draws on nothing.
create function require_pool() returns trigger
language plpgsql as $$
declare
    drawer text := (
        select f.feature_id
          from feature f
          left join feature p on p.feature_id = f.pool_id and p.type = 'metered'
                             and p.pool_id is null and p.archived_at is null
         where f.pool_id is not null and f.archived_at is null and p.feature_id is null
         order by f.feature_id
         limit 1);
begin
    if drawer is not null then
        raise exception 'what feature % draws on is not a metered feature of the catalog without a '
                'pool of its own', drawer
            using errcode = 'check_violation', constraint = 'feature_pool_is_metered',
                  hint = 'set its pool_id to another, or to null and its cost to 1';
    end if;
    return null;
end
$$;
create constraint trigger require_pool
    after insert or update of type, pool_id, archived_at on feature
    deferrable initially deferred for each row execute function require_pool();
