create table notification_runs (
    id bigint generated always as identity primary key,
    pod text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    delivered integer not null default 0
);
