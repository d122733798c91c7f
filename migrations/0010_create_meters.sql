-- What is consumed: meters, the ledger that explains them, and what is remembered of requests.
--
-- Meters are no part of the change log, whose chain would cost more than the counting: the ledger is
-- their history. Only Usher's writer keeps one right, so a hand-typed correction goes through the
-- API; one that is typed all the same counts, if it raises `version`.

create function raise_version() returns trigger
language plpgsql as $$
begin
    -- Whoever forgets it would be overwritten by a writer that has the meter in memory.
    if new.version = old.version then
        new.version := old.version + 1;
    end if;
    return new;
end
$$;

-- One counter: of an account ('' the whole of it, 'user:…', 'session:…') and a feature. Limits are not
-- in it: they follow from the account and the catalog whenever it is read.
create table meter (
    account_id text not null references account on delete cascade,
    subject text not null default ''
        check (subject = '' or subject ~ '^(user|session):[A-Za-z0-9_.:-]{1,255}$'),
    feature_id text not null references feature,
    -- Goes up by one with every write, from a number that does not come again: where an account is
    -- deleted and made again, nobody takes the meter of its former life for this one.
    version bigint not null default 1 + floor(random() * 4e18)::bigint,
    at instant not null default clock_timestamp(),  -- the account's time of the last write
    used bigint not null default 0 check (used >= 0),  -- in the period
    overage bigint not null default 0 check (overage >= 0),  -- of it: found no balance
    previous bigint not null default 0 check (previous >= 0),  -- of a sliding window
    period_start instant,
    period_end instant,
    whole_at instant,    -- of a rate: when its burst is whole again
    source text,         -- what the limit came from
    seen_limit bigint,   -- the limit when it was last written; null: none
    detail jsonb,        -- credits, rolled amounts and holds, where there are any
    primary key (account_id, subject, feature_id)
) with (fillfactor = 50);  -- updates stay on their page (HOT)
create trigger raise_version before update on meter
    for each row when (new.version = old.version) execute function raise_version();
-- What the sweep looks for: a period that ended with something in it.
create index meter_period on meter (period_end, account_id, subject, feature_id)
    where period_end is not null;

-- How far the ledger is summed up by the hour. One row.
create table usage_rollup (
    only_row boolean primary key default true check (only_row),
    upto bigint not null default 0,  -- the first number of the ledger that is not summed up
    -- Added to the ids of this server's transactions, so that a ledger that was dumped and restored
    -- goes on above the numbers that it had on another server.
    shift bigint not null default 0
);
insert into usage_rollup default values;

-- The number of what this transaction adds to the ledger. Numbers below that of the oldest running
-- transaction come no more: sums up to there are final.
create function ledger_number() returns bigint
language sql
return pg_current_xact_id()::text::bigint + (select shift from usage_rollup);

-- The ledger: what every unit was, and which allowance or credit it was taken from. One row a
-- request, or one for several alike that were committed together. Added to, never rewritten.
create table meter_entry (
    account_id text not null,
    feature_id text not null,
    subject text not null,
    version bigint not null,    -- of the meter, behind it
    place int not null,         -- within that version
    at instant not null,        -- when it counts, by the account's time
    kind text not null check (kind in ('consume', 'record', 'reserve', 'settle', 'release', 'lapse',
        'refund', 'adjust', 'lease', 'reset')),
    user_id text,
    units bigint not null,      -- by which the usage of its time changed
    held bigint not null default 0,  -- by which what is held changed
    requests int not null default 1,
    -- Of a user's or session's meter beside the account's, which is told by a line of its own: not
    -- part of the account's usage.
    is_share boolean not null default false,
    parts jsonb,                -- [[slot, units], …]; null: all of it the plan's
    reference text,             -- the key, reservation or event it came with
    via text,                   -- the feature that drew on this one
    reason text,
    author text,
    recorded_at timestamptz not null default now(),
    number bigint not null default ledger_number()
) partition by range (at);
-- What a test clock made to be of another time than this.
create table meter_entry_rest partition of meter_entry default;
-- Newest first, of one feature; a user's are looked for among them.
create index meter_entry_account on meter_entry (account_id, feature_id, at);
-- What is not summed up yet. Grows at its end, where a transaction's rows are alike: small.
create index meter_entry_number on meter_entry (number);

-- Partitions of the ledger, a month each, from the one of an instant on.
--
-- Rows of a month that a test clock came to before are moved into it.
create function create_ledger_partitions(in_from timestamptz, in_months int) returns int
language plpgsql set timezone = 'UTC' as $$
declare
    first timestamptz := date_trunc('month', in_from);
    made int := 0;
    month timestamptz;
    until timestamptz;
    part text;
begin
    for step in 0 .. in_months loop
        month := first + make_interval(months => step);
        until := month + interval '1 month';
        part := 'meter_entry_' || to_char(month, 'YYYY_MM');
        continue when to_regclass(part) is not null;
        lock table meter_entry_rest in access exclusive mode;
        execute format('create table %I (like meter_entry including all)', part);
        execute format('with moved as (delete from meter_entry_rest where at >= %L and at < %L
            returning *) insert into %I select * from moved', month, until, part);
        execute format('alter table meter_entry attach partition %I for values from (%L) to (%L)',
            part, month, until);
        made := made + 1;
    end loop;
    return made;
end
$$;
select create_ledger_partitions(now(), 3);

-- Drops the months that are over before an instant, once they are summed up.
create function drop_ledger_partitions(in_before timestamptz) returns int
language plpgsql set timezone = 'UTC' as $$
declare
    dropped int := 0;
    is_needed boolean;
    part text;
begin
    for part in
        select c.relname
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'meter_entry'::regclass
           and c.relname ~ '^meter_entry_[0-9]{4}_[0-9]{2}$'
           and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= in_before
         order by c.relname
    loop
        execute format('select exists (select from %I where number >= (select upto from usage_rollup))',
            part) into is_needed;
        continue when is_needed;
        execute format('drop table %I', part);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;

-- Usage by the hour: what charts read, whatever the length of the ledger. Summed up behind the
-- writing, up to a number of the ledger below which nothing more comes.
create table usage_hour (
    account_id text not null,
    feature_id text not null,
    hour timestamptz not null,  -- its beginning, see usage_slot
    units bigint not null,
    requests bigint not null,
    primary key (account_id, feature_id, hour)
) with (fillfactor = 80);
-- The same by user, who is '' where none was named: apart, since there may be thousands in an hour.
create table usage_hour_user (
    account_id text not null,
    feature_id text not null,
    user_id text not null,
    hour timestamptz not null,
    units bigint not null,
    requests bigint not null,
    primary key (account_id, feature_id, user_id, hour)
) with (fillfactor = 80);
create index usage_hour_user_hour on usage_hour_user (account_id, feature_id, hour);
create index usage_hour_age on usage_hour using brin (hour);
create index usage_hour_user_age on usage_hour_user using brin (hour);

-- The piece of time that usage is summed up by: an hour of UTC; where the account's days begin within
-- one (India, Nepal, Newfoundland), a quarter of it, so that days are whole numbers of pieces.
create function usage_slot(at timestamptz, zone text, previous_zone text) returns timestamptz
language sql stable parallel safe
return date_bin(
    case when extract(minute from (at at time zone coalesce(zone, 'UTC')) - (at at time zone 'UTC')) = 0
          and extract(minute from (at at time zone coalesce(previous_zone, 'UTC'))
                                  - (at at time zone 'UTC')) = 0
         then interval '1 hour' else interval '15 minutes' end,
    at, timestamptz 'epoch');

-- A sum as a bigint; what is larger stays the largest there is.
create function saturated(sum numeric) returns bigint
language sql immutable parallel safe
return least(greatest(sum, -9223372036854775807), 9223372036854775807)::bigint;

-- Up to which instant the ends of periods were looked at. One row.
create table meter_sweep (
    only_row boolean primary key default true check (only_row),
    upto timestamptz not null default '0001-01-01 00:00:00+00'
);
insert into meter_sweep default values;

-- What was answered under a key, so that a repetition is answered alike and counts nothing.
create table consume_key (
    account_id text not null,
    -- Of 1 to 255 characters, behind the name of the call where it is not consume ('reserve k1').
    key text not null check (length(key) between 1 and 287),
    fingerprint bytea not null,
    answer text not null,
    takes jsonb,              -- {feature: [[subject, slot, units], …]}: where a refund goes back to
    refunded jsonb,           -- {feature: units} of it
    created_at timestamptz not null default now(),
    primary key (account_id, key)
);
create index consume_key_age on consume_key (created_at);

-- Events that were taken, by what makes them unique (CloudEvents: source and id).
create table usage_event (
    account_id text not null,
    source text not null check (source <> ''),
    event_id text not null check (event_id <> ''),
    created_at timestamptz not null default now(),
    primary key (account_id, source, event_id),
    -- The key of an index has at most 2,704 bytes.
    constraint usage_event_name check (octet_length(source) + octet_length(event_id) <= 1024)
);
create index usage_event_age on usage_event (created_at);

-- What was asked for an account that is gone is nothing to another one of its name. Behind the
-- deletion of the meters, which waits for whoever is counting on them.
create function forget_requests() returns trigger
language plpgsql as $$
begin
    delete from consume_key k using gone where k.account_id = gone.account_id;
    delete from usage_event e using gone where e.account_id = gone.account_id;
    return null;
end
$$;
create trigger forget_requests after delete on account referencing old table as gone
    for each statement execute function forget_requests();

-- Units set aside until they are settled, released, or their time is over; and leases, which are
-- released or lapse. What is held now is in the meter; this tells whose it is, and how it ended.
create table reservation (
    account_id text not null references account on delete cascade,
    reservation_id text not null,
    feature_id text not null,
    session_id text,
    user_id text,
    units bigint not null check (units > 0),
    -- [[subject, feature, units of it for each], …]: what it is held on, whatever a call would be
    -- counted on by now; the feature's own meter first.
    meters jsonb not null check (jsonb_array_length(meters) > 0),
    state text not null check (state in ('held', 'settled', 'released')),
    settled_units bigint check (settled_units >= 0),
    expires_at instant not null,
    created_at instant not null,
    settled_at instant,
    primary key (account_id, reservation_id),
    constraint reservation_id_names_account
        check (reservation_id ~ '^(rsv|lea)_[0-9a-hjkmnp-tv-z]{26}_' and substr(reservation_id, 32) = account_id),
    constraint reservation_settled check ((state = 'settled') = (settled_units is not null))
);
-- The leases of an account that hold; those that lapsed are before them, until they are forgotten.
create index reservation_lease on reservation (account_id, expires_at)
    where state = 'held' and reservation_id like 'lea\_%';

create index reservation_age on reservation (expires_at);

-- What others are to be told: written with the change itself, delivered behind it.
create table outbox (
    outbox_id bigint generated always as identity primary key,
    account_id text not null,
    kind text not null check (kind in ('quota.threshold', 'quota.exhausted', 'quota.reset')),
    feature_id text not null,
    subject text not null,
    body jsonb not null,
    at instant not null,  -- the account's time
    created_at timestamptz not null default clock_timestamp(),
    delivered_at timestamptz
);
create index outbox_account on outbox (account_id, outbox_id);
create index outbox_age on outbox using brin (created_at);
create index outbox_waiting on outbox (outbox_id) where delivered_at is null;

-- A writer that has meters in memory writes them as if nobody else did, and ends the whole
-- transaction where somebody had: it then reads them with a lock and starts over.
create function require_count(counted bigint, expected bigint, what text) returns void
language plpgsql as $$
begin
    if counted <> expected then
        raise exception '% of % % are as they were known', counted, expected, what
            using errcode = case what when 'keys' then 'UM002' else 'UM001' end;
    end if;
end
$$;

-- Instants travel as microseconds.
create function moment(microseconds bigint) returns timestamptz
language sql stable parallel safe
return to_timestamp(0) + microseconds * interval '1 microsecond';

-- Since when a subscription is held, by the account's time: no period that ended before left anything
-- to roll over, and quotas count from it where no date of the provider's says better.
alter table subscription
    add column held_since timestamptz,
    add constraint subscription_held_since check (is_instant(held_since)) not valid;

create function note_held_since() returns trigger
language plpgsql as $$
begin
    new.held_since := coalesce(new.held_since, new.trial_start, new.starts_at,
        account_now(new.account_id));
    return new;
end
$$;
create trigger note_held_since before insert on subscription
    for each row execute function note_held_since();
