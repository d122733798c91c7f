-- API keys, shown once and stored as a hash, and the answers kept for idempotency keys.

create table api_key (
    key_id text primary key check (is_name(key_id)),
    name text not null check (length(name) between 1 and 128),
    hash bytea not null unique check (octet_length(hash) = 32),  -- SHA-256 of the whole key
    scopes text[] not null check (
        scopes <@ array['check', 'usage', 'sessions', 'billing', 'product', 'catalog', 'audit', 'admin']
        and cardinality(scopes) >= 1),
    created_at instant not null default clock_timestamp(),
    expires_at instant,
    revoked_at instant
);
select track('api_key', 'configuration', 'key_id', 'hash');

-- Written in the transaction of the effect, so a crash between commit and reply loses nothing.
create table idempotency (
    caller text not null,  -- the API key that sent it
    operation text not null,
    key text not null check (length(key) between 1 and 255),
    fingerprint bytea not null,  -- SHA-256 of the request
    status int not null,
    answer jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (caller, operation, key)
);
create index idempotency_age on idempotency (created_at);
