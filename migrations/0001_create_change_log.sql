-- The change log: every mutation of an account, or of the configuration, is recorded here by the
-- triggers of the tables themselves, so a statement typed in psql counts as well.
--
-- Three tables, three purposes:
--   chain_head  the newest revision and hash of each chain. Its row is locked until the commit, so
--               within one account the order of revisions is the order of commits.
--   change      the evidence: before, after, who, why, hashed onto its predecessor. Never rewritten.
--   feed        the keys that changed, for the check path. Small, pruned, without history.

-- A time that decisions can compare and answers can write. 'infinity' is neither: "never" is null.
create domain instant as timestamptz
    check (value >= '0001-01-01 00:00:00+00' and value < '10000-01-01 00:00:00+00');

create table chain_head (
    account_id text primary key,  -- '' is the chain of the configuration
    revision bigint not null,
    at timestamptz not null,
    hash bytea not null
) with (fillfactor = 50);  -- updates stay on their page (HOT)

create table change (
    account_id text not null,
    revision bigint not null,
    at timestamptz not null,
    entity text not null,
    key jsonb not null,
    operation text not null check (operation in ('insert', 'update', 'delete', 'truncate')),
    actor text not null,
    reason text,
    request_id text,
    before jsonb,
    after jsonb,
    hash bytea not null,
    primary key (account_id, revision)
);

create table feed (
    account_id text not null,  -- '' the configuration, '*' everything (a truncate)
    session_id text,           -- null: the account itself changed
    revision bigint not null,
    -- Of the change: a decision is never made at an earlier time.
    at timestamptz not null default clock_timestamp(),
    txid xid8 not null default pg_current_xact_id()
);
create index feed_txid on feed (txid);

-- Feed rows of transactions below the floor are gone: who last looked before it starts afresh.
create table feed_floor (
    only_row boolean primary key default true check (only_row),
    floor xid8 not null
);
insert into feed_floor (floor) values ('0');

-- One field of a hash's preimage: its length first, so that no two lists of fields look alike.
create function length_prefixed(field bytea) returns bytea
language sql immutable strict parallel safe
return int4send(octet_length(field)) || field;

-- hash = sha256(previous hash, account, revision, microseconds, canonical body), each field
-- length-prefixed. jsonb prints its keys in one fixed order, which makes the body canonical.
create function change_hash(
    previous bytea, account_id text, revision bigint, at timestamptz, entity text, key jsonb,
    operation text, actor text, reason text, request_id text, before jsonb, after jsonb
) returns bytea
language sql immutable parallel safe
return sha256(
    length_prefixed(previous)
    || length_prefixed(convert_to(account_id, 'UTF8'))
    || int8send(revision)
    || int8send((extract(epoch from at) * 1000000)::bigint)
    || length_prefixed(convert_to(
        jsonb_build_object(
            'entity', entity, 'key', key, 'operation', operation, 'actor', actor,
            'reason', reason, 'request_id', request_id, 'before', before, 'after', after
        )::text,
        'UTF8'))
);

create function record_change(
    in_account text, in_session text, in_entity text, in_key jsonb, in_operation text,
    in_before jsonb, in_after jsonb
) returns void
language plpgsql as $$
declare
    head chain_head;
    stamp timestamptz;
    digest bytea;
    author text := coalesce(
        nullif(current_setting('usher.actor', true), ''), 'database:' || session_user);
    why text := nullif(current_setting('usher.reason', true), '');
    request text := nullif(current_setting('usher.request_id', true), '');
begin
    loop
        select * into head from chain_head where account_id = in_account for update;
        exit when found;
        insert into chain_head values (in_account, 0, 'epoch', '') on conflict do nothing;
    end loop;
    -- Taken under the lock; a wall clock that stepped back does not turn the order around.
    stamp := greatest(clock_timestamp(), head.at);
    digest := change_hash(head.hash, in_account, head.revision + 1, stamp, in_entity, in_key,
        in_operation, author, why, request, in_before, in_after);
    update chain_head set revision = head.revision + 1, at = stamp, hash = digest
     where account_id = in_account;
    insert into change values (in_account, head.revision + 1, stamp, in_entity, in_key,
        in_operation, author, why, request, in_before, in_after, digest);
    insert into feed (account_id, session_id, revision, at)
    values (in_account, in_session, head.revision + 1, stamp);
end
$$;

-- Row trigger of every table that decisions depend on.
--   argument 1: 'account' or 'configuration', the chain the row belongs to
--   argument 2: the columns of its key, comma separated
--   argument 3: columns that the log must not show (hashes of secrets), comma separated, optional
create function track_row() returns trigger
language plpgsql set timezone = 'UTC' as $$
declare
    hidden text[] := string_to_array(coalesce(tg_argv[2], ''), ',');
    old_row jsonb;
    new_row jsonb;
    whole jsonb;
    parts jsonb;
    chain text := '';
begin
    if tg_op <> 'INSERT' then old_row := to_jsonb(old); end if;
    if tg_op <> 'DELETE' then new_row := to_jsonb(new); end if;
    if tg_op = 'UPDATE' and old_row = new_row then
        return null;
    end if;
    whole := coalesce(new_row, old_row);
    if tg_argv[0] = 'account' then
        chain := whole ->> 'account_id';
        if tg_op = 'UPDATE' and old_row ->> 'account_id' <> chain then
            raise exception 'a % cannot move to another account', tg_table_name
                using errcode = 'check_violation',
                      hint = 'delete it from one account and insert it into the other';
        end if;
    end if;
    if tg_op = 'UPDATE' and old_row ->> 'session_id' <> new_row ->> 'session_id' then
        raise exception 'a session cannot change its id'
            using errcode = 'check_violation', hint = 'revoke it and create another';
    end if;
    select jsonb_object_agg(name, whole -> name) into parts
      from unnest(string_to_array(tg_argv[1], ',')) as name;
    -- A table's name comes with a collation of its own, which would pass to every text in the
    -- call; the index of chain_head has the default one, and would not be used.
    perform record_change(chain, whole ->> 'session_id', tg_table_name::text collate "default",
        parts, lower(tg_op),
        old_row - hidden, new_row - hidden);
    return null;
end
$$;

-- Statement trigger for `truncate`, which fires no row trigger: everything may have changed.
create function track_truncate() returns trigger
language plpgsql as $$
begin
    perform record_change('', null, tg_table_name::text collate "default", '{}', 'truncate',
        null, null);
    insert into feed (account_id, revision, at) values ('*', 0, clock_timestamp());
    return null;
end
$$;

-- Has both triggers made for one table, so that no migration can forget one.
create function track(in_table regclass, in_chain text, in_key text, in_hidden text default '')
returns void
language plpgsql as $$
begin
    execute format(
        'create trigger track_row after insert or update or delete on %s '
        'for each row execute function track_row(%L, %L, %L)',
        in_table, in_chain, in_key, in_hidden);
    execute format(
        'create trigger track_truncate after truncate on %s '
        'for each statement execute function track_truncate()', in_table);
end
$$;

-- History is added to, never rewritten.
create function refuse_rewrite() returns trigger
language plpgsql as $$
begin
    raise exception 'the change log is append-only'
        using errcode = 'insufficient_privilege',
              hint = 'a correction is a change of its own';
end
$$;
create trigger refuse_rewrite before update or delete or truncate on change
    for each statement execute function refuse_rewrite();

-- The first break in one chain, or no row. A row deleted, edited, inserted or moved changes a hash;
-- a cut tail no longer meets the head.
create function verify_chain(in_account text)
returns table (revision bigint, problem text)
language sql stable as $$
    with linked as (
        select c.*, row_number() over w as place,
               coalesce(lag(c.hash) over w, ''::bytea) as previous
          from change c
         where c.account_id = in_account
        window w as (order by c.revision)
    ), broken as (
        select l.revision, 'revision ' || l.place || ' is missing' as problem
          from linked l
         where l.revision <> l.place
        union all
        select l.revision, 'the hash does not match the recorded change'
          from linked l
         where l.hash is distinct from change_hash(l.previous, l.account_id, l.revision, l.at,
               l.entity, l.key, l.operation, l.actor, l.reason, l.request_id, l.before, l.after)
        union all
        select h.revision, 'the newest change is not the one the chain ends with'
          from chain_head h
          left join linked l on l.revision = h.revision
         where h.account_id = in_account and h.revision > 0
           and (l.hash is distinct from h.hash
                or exists (select from linked later where later.revision > h.revision))
        union all
        select min(l.revision), 'the chain has no head'
          from linked l
         where not exists (select from chain_head h where h.account_id = in_account)
        having count(*) > 0
    )
    select revision, problem from broken order by revision, problem limit 1
$$;
