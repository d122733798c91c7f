-- The rest of a subscription's life, as intervals and instants that are compared with the time of
-- the account: trials with their ending, pauses, changes that wait, billing periods, test clocks.

-- The time of an account: what a rehearsal froze it at, or the database's own.
alter table account
    add column clock_at instant,
    add column blocked_until instant,
    -- The zone before the last change of zone: a period that was announced in it keeps its end.
    add column previous_timezone text,
    add column timezone_changed_at instant,
    add constraint account_block check (blocked_until is null or blocked_until >= blocked_at),
    add constraint account_zone_change
        check ((previous_timezone is null) = (timezone_changed_at is null));

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
-- Not for rows that are there: what was taken before stays readable.
alter table account add constraint account_timezone check (is_timezone(timezone)) not valid;

create function note_zone_change() returns trigger
language plpgsql as $$
begin
    new.previous_timezone := old.timezone;
    new.timezone_changed_at := coalesce(new.clock_at, clock_timestamp());
    return new;
end
$$;
create trigger note_zone_change before update of timezone on account
    for each row when (old.timezone is distinct from new.timezone)
    execute function note_zone_change();

-- Of the plans of one family an account has one trial, ever; null: the plan is its own family.
alter table plan add column family text check (is_name(family));
alter table plan_version
    add column trial_at_end text check (trial_at_end in ('cancel', 'pause', 'fallback'));

alter table subscription
    add column trial_start instant,
    add column trial_at_end text check (trial_at_end in ('cancel', 'pause', 'fallback')),
    add column payment_method boolean not null default false,
    add column paused_from instant,
    add column paused_until instant,
    add column next_plan_id text references plan,
    add column next_version int,
    add column change_at instant,
    add column next_quantity bigint check (next_quantity between 1 and 1000000000),
    add column quantity_at instant,
    add column period_every text
        check (period_every in ('hour', 'day', 'week', 'month', 'quarter', 'year')),
    add column period_count int check (period_count between 1 and 1000),
    add foreign key (next_plan_id, next_version) references plan_version,
    add constraint subscription_trial check (trial_end >= trial_start),
    add constraint subscription_pause check (
        paused_until is null or (paused_from is not null and paused_until >= paused_from)),
    add constraint subscription_change check (
        (next_plan_id is null) = (change_at is null)
        and (next_version is null or next_plan_id is not null)
        and (change_at is null or cancel_at is null or change_at < cancel_at)),
    add constraint subscription_quantity_change
        check ((next_quantity is null) = (quantity_at is null)),
    add constraint subscription_interval check (
        period_count is null or period_every is not null);

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
create trigger note_trial after insert or update on subscription
    for each row when (new.trial_end is not null) execute function note_trial();

insert into trial_use (account_id, family, subscription_id, started_at)
select s.account_id, s.plan_id, s.subscription_id, coalesce(s.starts_at, s.created_at)
  from subscription s
 where s.trial_end is not null
 order by s.created_at
on conflict do nothing;
