-- Flags in flagd's format, and what they share. Small, the same for every account (with Citus: reference
-- tables), in the configuration's chain: a flip is in force at the next check, like any other change.

create table flag (
    flag_id text primary key check (is_name(flag_id)),
    -- Goes up by one with every definition, also over a deletion: it is the trigger's to set.
    version int not null default 1 check (version >= 1),
    definition jsonb not null check (jsonb_typeof(definition) = 'object'),
    killed_at instant,  -- switched off for everybody, whatever the definition says
    changed_at instant not null default clock_timestamp()
);

-- Every definition that ever was, also of flags that are gone: what a revert goes back to. Added to,
-- never rewritten.
create table flag_version (
    flag_id text not null check (is_name(flag_id)),
    version int not null check (version >= 1),
    definition jsonb,  -- null: deleted
    author text not null,
    reason text,
    at instant not null default clock_timestamp(),
    primary key (flag_id, version)
);

create function number_flag() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.flag_id <> old.flag_id then
            raise exception 'a flag cannot change its key'
                using errcode = 'check_violation', hint = 'make another flag';
        end if;
        if new.definition = old.definition then
            new.version := old.version;
            return new;
        end if;
    end if;
    new.version := 1 + coalesce((select max(version) from flag_version where flag_id = new.flag_id), 0);
    new.changed_at := clock_timestamp();
    return new;
end
$$;
create trigger number_flag before insert or update on flag
    for each row execute function number_flag();

create function keep_flag_version() returns trigger
language plpgsql as $$
declare
    flag_key text := case when tg_op = 'DELETE' then old.flag_id else new.flag_id end;
begin
    if tg_op = 'UPDATE' and new.version = old.version then return null; end if;
    insert into flag_version (flag_id, version, definition, author, reason)
    values (flag_key,
        case when tg_op = 'DELETE'
             then 1 + (select max(version) from flag_version where flag_id = flag_key)
             else new.version end,
        case when tg_op <> 'DELETE' then new.definition end,
        coalesce(nullif(current_setting('usher.actor', true), ''), 'database:' || session_user),
        nullif(current_setting('usher.reason', true), ''));
    return null;
end
$$;
create trigger keep_flag_version after insert or update or delete on flag
    for each row execute function keep_flag_version();
create trigger refuse_rewrite before update or delete or truncate on flag_version
    for each statement execute function refuse_rewrite();

-- What the rules of all flags share: named rules (flagd's $evaluators), segments, and metadata. One row.
create table flag_shared (
    only_row boolean primary key default true check (only_row),
    evaluators jsonb not null default '{}' check (jsonb_typeof(evaluators) = 'object'),
    segments jsonb not null default '{}' check (jsonb_typeof(segments) = 'object'),
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object')
);
insert into flag_shared default values;

select track('flag', 'configuration', 'flag_id');
select track('flag_shared', 'configuration', 'only_row');

-- The flag that says whether a feature is out. One that is not there (yet) says no.
alter table feature add column gate text check (is_name(gate));
