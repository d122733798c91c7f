-- The catalog: features, plans and add-ons with their versions, and the provider's prices for them.
-- Small, the same for every account (with Citus: reference tables), in the configuration's chain.

create function is_name(candidate text) returns boolean
language sql immutable strict parallel safe
return candidate ~ '^[A-Za-z0-9_.:-]{1,128}$';

create table feature (
    feature_id text primary key check (is_name(feature_id)),
    type text not null check (type in ('boolean', 'config', 'metered', 'level', 'seats', 'rate')),
    value_type text check (value_type in ('integer', 'number', 'string', 'boolean')),
    combine text not null check (combine in ('any', 'sum', 'max', 'min', 'first')),
    name text check (length(name) <= 1024),
    unit text check (length(unit) <= 128),
    disabled_at instant,  -- off for everybody from then on
    archived_at instant,  -- no longer in the catalog's files
    constraint feature_value_type check ((type = 'config') = (value_type is not null))
);

create table plan (
    plan_id text primary key check (is_name(plan_id)),
    kind text not null check (kind in ('plan', 'addon')),
    name text check (length(name) <= 1024),
    description text check (length(description) <= 1024),
    is_default boolean not null default false,
    version int not null check (version >= 1),  -- what subscriptions follow
    archived_at instant,
    constraint plan_default_is_a_plan check (not is_default or kind = 'plan')
);
create unique index plan_one_default on plan (is_default) where is_default;

create table plan_version (
    plan_id text not null references plan on delete cascade,
    version int not null check (version >= 1),
    trial_days int check (trial_days between 1 and 730),
    trial_then text references plan,
    grace_days int not null default 7 check (grace_days between 0 and 90),
    created_at instant not null default clock_timestamp(),
    primary key (plan_id, version)
);
alter table plan add constraint plan_current_version
    foreign key (plan_id, version) references plan_version deferrable initially deferred;

create table entitlement (
    plan_id text not null,
    version int not null,
    feature_id text not null references feature,
    value jsonb,           -- of a boolean or config feature
    limit_units bigint check (limit_units >= 0),  -- of a counted feature
    unlimited boolean not null default false,
    settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    primary key (plan_id, version, feature_id),
    foreign key (plan_id, version) references plan_version on delete cascade,
    constraint entitlement_one_kind
        check (num_nonnulls(value, limit_units) + unlimited::int = 1)
);

create table plan_price (
    source text not null check (is_name(source)),
    price_id text not null check (length(price_id) between 1 and 255),
    plan_id text not null references plan on delete cascade,
    primary key (source, price_id)
);

select track('feature', 'configuration', 'feature_id');
select track('plan', 'configuration', 'plan_id');
select track('plan_version', 'configuration', 'plan_id,version');
select track('entitlement', 'configuration', 'plan_id,version,feature_id');
select track('plan_price', 'configuration', 'source,price_id');
