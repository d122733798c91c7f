-- Accounts and what hangs on them. Every primary key begins with account_id, and a session's id
-- carries its account, so a row is found without a global index (with Citus: distributed by it).

create table account (
    account_id text primary key check (is_name(account_id)),
    name text check (length(name) <= 1024),
    timezone text not null default 'UTC' check (length(timezone) between 1 and 64),
    attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
    blocked_at instant,
    blocked_reason text check (length(blocked_reason) <= 1024),
    created_at instant not null default clock_timestamp()
);

-- Which customer of a billing provider an account is.
create table account_customer (
    account_id text not null references account on delete cascade,
    source text not null check (is_name(source)),
    customer_id text not null check (customer_id ~ '^[A-Za-z0-9_.-]{1,255}$'),
    primary key (account_id, source),
    constraint account_customer_once unique (source, customer_id)
);

create table subscription (
    account_id text not null references account on delete cascade,
    subscription_id text not null check (length(subscription_id) between 1 and 255),
    plan_id text not null references plan,
    version int,  -- null: follows the plan
    status text not null check (status in ('scheduled', 'incomplete', 'incomplete_expired',
        'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled')),
    quantity bigint not null default 1 check (quantity between 1 and 1000000000),
    starts_at instant,
    trial_end instant,
    period_start instant,
    period_end instant,
    period_anchor instant,
    past_due_since instant,
    cancel_at instant,
    ended_at instant,
    source text not null default 'api' check (is_name(source)),
    provider_id text,  -- the provider's subscription; several rows when it has several items
    created_at instant not null default clock_timestamp(),
    primary key (account_id, subscription_id),
    foreign key (plan_id, version) references plan_version,
    constraint subscription_period check (period_end > period_start)
);
create index subscription_plan on subscription (plan_id, version);
create index subscription_provider on subscription (account_id, source, provider_id)
    where provider_id is not null;

create table session (
    account_id text not null references account on delete cascade,
    session_id text not null,
    user_id text not null check (is_name(user_id)),
    device jsonb not null default '{}' check (jsonb_typeof(device) = 'object'),
    source text check (is_name(source)),
    created_at instant not null default clock_timestamp(),
    expires_at instant not null,
    revoked_at instant,
    revoked_reason text check (length(revoked_reason) <= 1024),
    primary key (account_id, session_id),
    constraint session_id_names_account
        check (session_id ~ '^ses_[0-9a-hjkmnp-tv-z]{26}_' and substr(session_id, 32) = account_id)
);
create index session_by_user on session (account_id, user_id);

select track('account', 'account', 'account_id');
select track('account_customer', 'account', 'account_id,source');
select track('subscription', 'account', 'account_id,subscription_id');
select track('session', 'account', 'account_id,session_id');
