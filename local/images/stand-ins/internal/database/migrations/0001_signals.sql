create table signals (
    id bigint generated always as identity primary key,
    symbol text not null,
    action text not null check (action in ('buy', 'sell', 'hold')),
    score numeric(5, 2) not null,
    created_at timestamptz not null default now()
);
insert into signals (symbol, action, score) values ('BTC/USD', 'hold', 51.50), ('ETH/USD', 'buy', 63.25), ('SOL/USD', 'sell', 38.75);
