// Command notification-worker is a stand-in for TradeStream's worker: one run marks the pending notifications as
// delivered and ends. It delivers to its log only: nothing leaves the machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"tradestream.local/stand-ins/internal/cache"
	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/logs"
	"tradestream.local/stand-ins/internal/once"
)

const atMost = 100 // notifications a run

func main() {
	once.Main("notification-worker", "the run failed", readConfig, work)
}

func work(ctx context.Context, config config, log *slog.Logger) error {
	pool, err := database.Open(ctx, config.database, 2, config.wait, log)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := database.RequireSchema(ctx, pool); err != nil {
		return err
	}
	client := cache.Open(config.redis)
	defer client.Close()

	id, err := begin(ctx, pool)
	if err != nil {
		return err
	}
	log.Info("run started", "run", id, "telegram", config.telegramOn, "email", config.emailOn)
	if err := hang(ctx, config.hang, log); err != nil {
		return err
	}
	delivered, err := deliver(ctx, pool, log)
	if err != nil {
		return err
	}
	if err := finish(ctx, pool, client, id, delivered); err != nil {
		return err
	}
	log.Info("run finished", "run", id, "delivered", delivered)
	return nil
}

// begin records the run before its work, so that one that hangs or is killed is seen too.
func begin(ctx context.Context, pool *pgxpool.Pool) (id int64, err error) {
	err = pool.QueryRow(ctx, "insert into notification_runs (pod) values ($1) returning id", logs.Pod()).Scan(&id)
	return id, err
}

func hang(ctx context.Context, length time.Duration, log *slog.Logger) error {
	if length == 0 {
		return nil
	}
	log.Warn("hanging on demand", "STAND_IN_HANG_SECONDS", length.Seconds())
	select {
	case <-ctx.Done():
		return errors.New("stopped by a signal while hanging")
	case <-time.After(length):
		return nil
	}
}

// deliver takes pending notifications that no other run holds, and marks them as delivered.
func deliver(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) (int, error) {
	rows, err := pool.Query(ctx, `update notifications set delivered_at = clock_timestamp() where id in (
		select id from notifications where delivered_at is null order by id limit $1 for update skip locked)
		returning id, channel`, atMost)
	if err != nil {
		return 0, err
	}
	type notification struct {
		ID      int64
		Channel string
	}
	taken, err := pgx.CollectRows(rows, pgx.RowToStructByPos[notification])
	for _, one := range taken {
		log.Info("would deliver", "notification", one.ID, "channel", one.Channel)
	}
	return len(taken), err
}

func finish(ctx context.Context, pool *pgxpool.Pool, client *redis.Client, id int64, delivered int) error {
	if _, err := pool.Exec(ctx, "update notification_runs set finished_at = clock_timestamp(), delivered = $2 where id = $1",
		id, delivered); err != nil {
		return err
	}
	if err := client.HSet(ctx, "notifications:last-run", "id", id, "pod", logs.Pod(), "delivered", delivered,
		"finished_at", time.Now().UTC().Format(time.RFC3339)).Err(); err != nil {
		return fmt.Errorf("Redis did not take the record of the run: %w", err)
	}
	return nil
}
