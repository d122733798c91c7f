-- The rest of a subscription's life, as intervals and instants that are compared with the time of
-- the account: trials with their ending, pauses, changes that wait, billing periods, test clocks.

-- What the domain `instant` holds, as a check: a column of a domain with a constraint would have
-- every row written anew, with the table locked.
create function is_instant(candidate timestamptz) returns boolean
language sql immutable strict parallel safe
return candidate >= '0001-01-01 00:00:00+00' and candidate < '10000-01-01 00:00:00+00';

-- The time of an account: what a rehearsal froze it at, or the database's own.
alter table account
    add column clock_at timestamptz,
    add column blocked_until timestamptz,
    -- The zone before the last change of zone: a period that was announced in it keeps its end.
    add column previous_timezone text,
    add column timezone_changed_at timestamptz,
    add constraint account_instants check (is_instant(clock_at) and is_instant(blocked_until)
        and is_instant(timezone_changed_at)) not valid,
    add constraint account_block check (blocked_until is null or blocked_until >= blocked_at)
        not valid,
    add constraint account_zone_change
        check ((previous_timezone is null) = (timezone_changed_at is null)) not valid;

-- There are few, and a start asks whether there is any.
create index account_test_clock on account (account_id) where clock_at is not null;

create function account_now(in_account text) returns timestamptz
language sql volatile
return coalesce(
    (select a.clock_at from account a where a.account_id = in_account), clock_timestamp());

create function is_timezone(candidate text) returns boolean
language plpgsql stable strict as $$
begin
    perform clock_timestamp() at time zone candidate;
    return true;
exception when invalid_parameter_value then
    return false;
end
$$;

-- Asked when a zone is set, not whenever an account is written: a name that was taken before, and
-- that Postgres does not know, must not keep its account from being blocked.
create function complete_timezone() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.timezone = new.timezone then
        return new;
    end if;
    if not is_timezone(new.timezone) then
        raise exception '% is no time zone', new.timezone
            using errcode = 'check_violation', constraint = 'account_timezone',
                  hint = 'use an IANA name, such as Europe/Berlin';
    end if;
    if tg_op = 'UPDATE' then
        new.previous_timezone := old.timezone;
        new.timezone_changed_at := coalesce(new.clock_at, clock_timestamp());
    end if;
    return new;
end
$$;
create trigger complete_timezone before insert or update of timezone on account
    for each row execute function complete_timezone();

-- Of the plans of one family an account has one trial, ever; null: the plan is its own family.
alter table plan add column family text check (is_name(family));
alter table plan_version
    add column trial_at_end text check (trial_at_end in ('cancel', 'pause', 'fallback'));

alter table subscription
    add column trial_start timestamptz,
    add column trial_at_end text,
    add column payment_method boolean not null default false,
    add column paused_from timestamptz,
    add column paused_until timestamptz,
    add column next_plan_id text,
    add column next_version int,
    add column change_at timestamptz,
    add column next_quantity bigint,
    add column quantity_at timestamptz,
    add column period_every text,
    add column period_count int,
    add constraint subscription_instants check (is_instant(trial_start)
        and is_instant(paused_from) and is_instant(paused_until) and is_instant(change_at)
        and is_instant(quantity_at)) not valid,
    add constraint subscription_trial_at_end
        check (trial_at_end in ('cancel', 'pause', 'fallback')) not valid,
    add constraint subscription_next_plan_id_fkey
        foreign key (next_plan_id) references plan not valid,
    add constraint subscription_next_plan_id_next_version_fkey
        foreign key (next_plan_id, next_version) references plan_version not valid,
    add constraint subscription_next_quantity
        check (next_quantity between 1 and 1000000000) not valid,
    add constraint subscription_trial check (trial_end >= trial_start) not valid,
    add constraint subscription_pause check (
        paused_until is null or (paused_from is not null and paused_until >= paused_from))
        not valid,
    add constraint subscription_change check (
        (next_plan_id is null) = (change_at is null)
        and (next_version is null or next_plan_id is not null)
        and (change_at is null or cancel_at is null or change_at < cancel_at)) not valid,
    add constraint subscription_quantity_change
        check ((next_quantity is null) = (quantity_at is null)) not valid,
    add constraint subscription_interval check (
        period_every in ('hour', 'day', 'week', 'month', 'quarter', 'year')
        and period_count between 1 and 1000
        and (period_count is null or period_every is not null)) not valid;

-- Which subscription had the trial of a family; kept when the subscription is gone.
create table trial_use (
    account_id text not null references account on delete cascade,
    family text not null,
    subscription_id text not null,
    started_at instant not null,
    primary key (account_id, family)
);

create function note_trial() returns trigger
language plpgsql as $$
begin
    -- A plan that came when the trial was over had none.
    if tg_op = 'UPDATE' and old.trial_end is not distinct from new.trial_end
        and (old.plan_id = new.plan_id or new.trial_end <= account_now(new.account_id))
    then
        return null;
    end if;
    insert into trial_use (account_id, family, subscription_id, started_at)
    select new.account_id, coalesce(p.family, p.plan_id), new.subscription_id,
           coalesce(new.trial_start, new.starts_at, account_now(new.account_id))
      from plan p
     where p.plan_id = new.plan_id
    on conflict (account_id, family) do nothing;
    return null;
end
$$;
-- Named to fire after track_row, which locks the chain's head: all who write an account's rows take
-- the locks in one order.
create trigger tracked_trial after insert or update on subscription
    for each row when (new.trial_end is not null) execute function note_trial();

insert into trial_use (account_id, family, subscription_id, started_at)
select s.account_id, s.plan_id, s.subscription_id, coalesce(s.starts_at, s.created_at)
  from subscription s
 where s.trial_end is not null
 order by s.created_at
on conflict do nothing;
