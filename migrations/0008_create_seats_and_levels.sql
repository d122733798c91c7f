-- What is counted without being consumed: seats, assigned to users, and levels, which go up and
-- down. Neither resets. A limit that shrinks below them takes nothing away.

create function require_feature_type() returns trigger
language plpgsql as $$
declare
    held text := (select type from feature where feature_id = new.feature_id);
begin
    if held <> tg_argv[0] then
        raise exception 'feature % is of type %, not %', new.feature_id, held, tg_argv[0]
            using errcode = 'check_violation', constraint = tg_table_name || '_feature_type';
    end if;
    return new;
end
$$;

create table seat (
    account_id text not null references account on delete cascade,
    feature_id text not null references feature,
    user_id text not null check (is_name(user_id)),
    assigned_at instant not null default clock_timestamp(),
    author text not null
        default coalesce(nullif(current_setting('usher.actor', true), ''),
            'database:' || session_user),
    primary key (account_id, feature_id, user_id)
);
create index seat_user on seat (account_id, user_id);
create trigger require_feature_type before insert or update of feature_id on seat
    for each row execute function require_feature_type('seats');

-- How many are assigned: what a check reads, whatever the size of the list.
create table seat_count (
    account_id text not null references account on delete cascade,
    feature_id text not null,
    assigned bigint not null check (assigned >= 0),
    primary key (account_id, feature_id)
) with (fillfactor = 50);

create function count_seats(in_account text, in_feature text, in_difference int) returns void
language sql as $$
    insert into seat_count as c (account_id, feature_id, assigned)
    select in_account, in_feature, greatest(in_difference, 0)
     where exists (select from account where account_id = in_account)
    on conflict (account_id, feature_id) do update set assigned = c.assigned + in_difference
$$;

create function count_seat() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (old.account_id, old.feature_id) = (new.account_id, new.feature_id) then
        return null;
    end if;
    if tg_op <> 'INSERT' then perform count_seats(old.account_id, old.feature_id, -1); end if;
    if tg_op <> 'DELETE' then perform count_seats(new.account_id, new.feature_id, 1); end if;
    return null;
end
$$;
create function count_no_seats() returns trigger
language plpgsql as $$
begin
    delete from seat_count;
    return null;
end
$$;

create table level (
    account_id text not null references account on delete cascade,
    feature_id text not null references feature,
    value bigint not null,
    primary key (account_id, feature_id),
    constraint level_not_negative check (value >= 0)
);
create trigger require_feature_type before insert or update of feature_id on level
    for each row execute function require_feature_type('level');

select track('seat', 'account', 'account_id,feature_id,user_id');
create trigger tracked_user after insert or update or delete on seat
    for each row execute function feed_sessions();
select track('level', 'account', 'account_id,feature_id');
-- Named to fire after track_row, which locks the chain's head: whoever assigns a seat holds that
-- lock first, and two of them cannot wait for each other.
create trigger tracked_seat_count after insert or update or delete on seat
    for each row execute function count_seat();
create trigger tracked_seat_truncate after truncate on seat
    for each statement execute function count_no_seats();
