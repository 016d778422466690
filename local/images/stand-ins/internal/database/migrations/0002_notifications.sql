create table notifications (
    id bigint generated always as identity primary key,
    channel text not null check (channel in ('push', 'telegram', 'email')),
    body text not null,
    created_at timestamptz not null default now(),
    delivered_at timestamptz
);
create index notifications_pending on notifications (id) where delivered_at is null;
insert into notifications (channel, body) values ('push', 'Welcome to the stand-in'), ('email', 'Your first signal is ready');
