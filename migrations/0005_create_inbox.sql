-- Webhooks in. An event never changes state by what it says: it marks its subject dirty, and what the
-- provider answers when asked about the subject is applied.

create table inbox (
    inbox_id bigint generated always as identity primary key,
    source text not null check (is_name(source)),
    event_key text not null check (length(event_key) between 1 and 255),
    event_type text not null check (length(event_type) <= 255),
    subject_kind text,
    subject_id text,
    generation bigint,  -- subject.wanted after this event
    state text not null check (state in ('pending', 'applied', 'ignored', 'unlinked', 'dead')),
    last_error text,
    body bytea not null,
    body_hash bytea not null,
    conflicts int not null default 0,  -- deliveries under the same id with another body
    received_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint inbox_once unique (source, event_key)
);
create index inbox_subject on inbox (source, subject_kind, subject_id, generation);
create index inbox_body_age on inbox (settled_at) where body <> '';
create index inbox_state on inbox (state, inbox_id);

-- What has to be fetched. `wanted` counts the reasons to fetch, `done` how many of them are behind us;
-- the lease keeps two workers from fetching at once, its token stops one that lost it.
create table subject (
    source text not null check (is_name(source)),
    kind text not null check (kind in ('subscription', 'customer')),
    id text not null check (id ~ '^[A-Za-z0-9_.-]{1,255}$'),
    wanted bigint not null default 0,
    done bigint not null default 0 check (done <= wanted),
    attempts int not null default 0,
    next_at timestamptz not null default clock_timestamp(),  -- 'infinity': a dead letter
    lease_token uuid,
    lease_until timestamptz,
    customer_id text,  -- as the provider last said
    unlinked boolean not null default false,  -- its customer belongs to no account yet
    last_error text,
    verified_at timestamptz,
    primary key (source, kind, id)
);
create index subject_due on subject (source, next_at) where wanted > done;
create index subject_unlinked on subject (source, customer_id) where unlinked;
