-- Credits: extra allotments of a metered feature, with an expiry and a priority of their own. What is
-- left of one is kept with the account's meters; here is what was given, and it is never deleted.

create table credit (
    account_id text not null references account on delete cascade,
    credit_id text not null,  -- made by the trigger where it is left out
    feature_id text not null references feature,
    amount bigint not null check (amount between 1 and 9007199254740991),
    priority int not null default 100 check (priority between 0 and 255),  -- the lower is burnt first
    promotional boolean not null default false,   -- of equals, burnt before what was paid for
    from_at instant not null,                     -- the account's time where it is left out
    until_at instant,                             -- null: until it is used up or voided
    every text check (every in ('hour', 'day', 'week', 'month', 'year')),
    count int check (count between 1 and 1000),   -- so many of `every`; then it is whole again
    rollover_min bigint,                          -- what a reset of the feature lifts it to
    rollover_max bigint,                          -- what a reset of the feature leaves at most
    pending boolean not null default false,       -- not paid yet: it gives nothing
    voided_at instant,
    reason text check (length(reason) between 1 and 1024),
    author text not null
        default coalesce(nullif(current_setting('usher.actor', true), ''),
            'database:' || session_user),
    created_at instant not null default clock_timestamp(),
    primary key (account_id, credit_id),
    constraint credit_id_names_account
        check (credit_id ~ '^crd_[0-9a-hjkmnp-tv-z]{26}_' and substr(credit_id, 32) = account_id),
    constraint credit_window check (until_at > from_at),
    constraint credit_recurrence check ((every is null) = (count is null)),
    -- Where it is not said, what recurs keeps nothing over a reset, and anything else all.
    constraint credit_rollover check (coalesce(rollover_min, 0) between 0
        and coalesce(rollover_max, case when every is null then amount else 0 end)),
    constraint credit_rollover_of_amount check (rollover_max <= amount)
);
-- What may still give something, the earliest to end first: what decisions read.
create index credit_live on credit (account_id, until_at) where voided_at is null;
-- The list, newest first.
create index credit_created on credit (account_id, created_at desc, credit_id desc);

create trigger require_feature_type before insert or update of feature_id on credit
    for each row execute function require_feature_type('metered');

create function complete_credit() returns trigger
language plpgsql as $$
begin
    new.credit_id := coalesce(new.credit_id, 'crd_'
        || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26) || '_' || new.account_id);
    new.from_at := coalesce(new.from_at, account_now(new.account_id));
    if new.every is not null then new.count := coalesce(new.count, 1); end if;
    return new;
end
$$;
create trigger complete_credit before insert on credit
    for each row execute function complete_credit();

-- What was burnt of a credit is counted from what it was when it was given. One that is over, voided or
-- paid stays so: its meter has forgotten it, and would give all of it again.
create function keep_credit() returns trigger
language plpgsql as $$
declare
    passed timestamptz;
begin
    if (old.account_id, old.credit_id, old.feature_id, old.amount, old.from_at, old.every, old.count)
        is distinct from
        (new.account_id, new.credit_id, new.feature_id, new.amount, new.from_at, new.every, new.count)
    then
        raise exception 'what a credit gives, of what and from when, never changes'
            using errcode = 'check_violation', constraint = 'credit_stays',
                  hint = 'set voided_at, and create another';
    end if;
    passed := greatest(account_now(old.account_id), clock_timestamp());
    if (old.voided_at <= passed and new.voided_at is distinct from old.voided_at)
        or (old.until_at <= account_now(old.account_id)
            and new.until_at is distinct from old.until_at)
        or (new.pending and not old.pending)
    then
        raise exception 'a credit that is over, voided or paid stays so'
            using errcode = 'check_violation', constraint = 'credit_over_stays',
                  hint = 'create another';
    end if;
    return new;
end
$$;
create trigger keep_credit before update on credit
    for each row execute function keep_credit();

create function refuse_credit_delete() returns trigger
language plpgsql as $$
begin
    -- With its account it goes.
    if exists (select from account where account_id = old.account_id) then
        raise exception 'a credit is never deleted: what was burnt of it could not be explained'
            using errcode = 'check_violation', constraint = 'credit_is_kept',
                  hint = 'set voided_at';
    end if;
    return old;
end
$$;
create trigger refuse_credit_delete before delete on credit
    for each row execute function refuse_credit_delete();

select track('credit', 'account', 'account_id,credit_id');
