-- Grants: an explicit allow or deny of a feature, for an account, one of its users or one session,
-- in a window of time. Ended by its time alone, never deleted.

-- A session in memory holds what is its user's own: a change of that is a change of each of the
-- user's sessions, also of one that is over and that a test clock may bring back. By its name the
-- trigger fires after track_row, which locks the chain's head: so a session that another
-- transaction creates is either seen here, or reads what is written here.
create function feed_sessions() returns trigger
language plpgsql as $$
declare
    users text[] := '{}';
begin
    if tg_op <> 'INSERT' then users := users || old.user_id; end if;
    if tg_op <> 'DELETE' then users := users || new.user_id; end if;
    insert into feed (account_id, session_id, revision, at)
    select s.account_id, s.session_id, h.revision, h.at
      from session s
      join chain_head h using (account_id)
     where s.account_id = coalesce(new.account_id, old.account_id) and s.user_id = any (users);
    return null;
end
$$;

create table access_grant (
    account_id text not null references account on delete cascade,
    grant_id text not null,  -- made by the trigger where it is left out
    feature_id text not null references feature,
    effect text not null check (effect in ('allow', 'deny')),
    mode text not null default 'replace' check (mode in ('replace', 'stack')),
    value jsonb,                                  -- of a config feature
    limit_units bigint check (limit_units >= 0),  -- of a counted feature
    unlimited boolean not null default false,
    user_id text check (is_name(user_id)),        -- for this user alone
    session_id text,                              -- for this session alone
    from_at instant not null,                     -- the account's time where it is left out
    until_at instant,                             -- null: until somebody ends it
    reason text check (length(reason) between 1 and 1024),
    author text not null
        default coalesce(nullif(current_setting('usher.actor', true), ''),
            'database:' || session_user),
    created_at instant not null default clock_timestamp(),
    primary key (account_id, grant_id),
    foreign key (account_id, session_id) references session on delete cascade,
    constraint grant_id_names_account
        check (grant_id ~ '^grt_[0-9a-hjkmnp-tv-z]{26}_' and substr(grant_id, 32) = account_id),
    constraint grant_one_scope check (num_nonnulls(user_id, session_id) <= 1),
    constraint grant_one_amount check (num_nonnulls(value, limit_units) + unlimited::int <= 1),
    constraint grant_deny_is_bare check (effect = 'allow'
        or (value is null and limit_units is null and not unlimited and mode = 'replace')),
    constraint grant_window check (until_at >= from_at)
);
-- In the order in which a check reads them, which is bounded: denies first, then what ends last, so
-- that of many that ended long ago only the oldest are left out.
create index access_grant_account on access_grant
    (account_id, effect desc, until_at desc nulls first)
    where user_id is null and session_id is null;
create index access_grant_user on access_grant
    (account_id, user_id, effect desc, until_at desc nulls first) where user_id is not null;
create index access_grant_session on access_grant
    (account_id, session_id, effect desc, until_at desc nulls first)
    where session_id is not null;

-- Whether an amount is one of the feature's type. A grant of a counted feature must say how much:
-- one that is silent would otherwise read as unlimited.
create function grant_fits(
    type text, value_type text, value jsonb, limit_units bigint, unlimited boolean
) returns boolean
language sql immutable
return case type
    when 'boolean' then limit_units is null and not unlimited and coalesce(value, 'true') = 'true'
    when 'config' then limit_units is null and not unlimited and value is not null
        and jsonb_typeof(value) = case value_type
            when 'integer' then 'number' when 'number' then 'number' else value_type end
        and (value_type <> 'integer' or value::text ~ '^-?[0-9]+$')
    else value is null and (limit_units is not null or unlimited)
end;

create function complete_grant() returns trigger
language plpgsql as $$
declare
    held feature;
begin
    if tg_op = 'UPDATE' and (old.user_id, old.session_id) is distinct from
        (new.user_id, new.session_id)
    then
        raise exception 'a grant cannot move to another user or session'
            using errcode = 'check_violation', constraint = 'grant_scope_stays',
                  hint = 'end it and create another';
    end if;
    new.grant_id := coalesce(new.grant_id, 'grt_'
        || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26) || '_' || new.account_id);
    -- A deny is in force at once, also when the account's test clock, which runs ahead, is lifted.
    new.from_at := coalesce(new.from_at, case new.effect
        when 'deny' then least(account_now(new.account_id), clock_timestamp())
        else account_now(new.account_id) end);
    select * into held from feature where feature_id = new.feature_id;
    if not found or new.effect <> 'allow' then
        return new;
    end if;
    if not grant_fits(held.type, held.value_type, new.value, new.limit_units, new.unlimited) then
        raise exception 'the grant does not fit feature %, which is of type %',
                new.feature_id, held.type
            using errcode = 'check_violation', constraint = 'grant_fits_feature',
                  hint = 'a counted feature takes limit_units or unlimited, a config feature a '
                         'value of its type, a boolean one neither';
    end if;
    if held.type in ('seats', 'level') and num_nonnulls(new.user_id, new.session_id) > 0 then
        raise exception 'feature % is counted for the whole account', new.feature_id
            using errcode = 'check_violation', constraint = 'grant_of_account',
                  hint = 'leave user_id and session_id out';
    end if;
    return new;
end
$$;
create trigger complete_grant before insert or update on access_grant
    for each row execute function complete_grant();

select track('access_grant', 'account', 'account_id,grant_id');
create trigger tracked_user after insert or update or delete on access_grant
    for each row execute function feed_sessions();
