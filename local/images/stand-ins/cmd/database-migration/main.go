// Command database-migration brings the database of the stand-ins to the schema that they need, and ends. Running it
// again changes nothing.
package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/once"
	"tradestream.local/stand-ins/internal/settings"
)

type config struct {
	database *pgxpool.Config
	wait     time.Duration
	delay    time.Duration
	fail     bool
}

func readConfig(lookup settings.Lookup) (config, error) {
	env := settings.New(lookup)
	c := config{
		database: database.Address(env),
		wait:     env.Seconds("DATABASE_WAIT_SECONDS", 60),
		delay:    env.Seconds("STAND_IN_DELAY_SECONDS", 0),
		fail:     env.OneOf("STAND_IN_FAIL", "", "1") != "",
	}
	return c, env.Err()
}

func main() {
	once.Main("database-migration", "the migration failed, nothing was changed", readConfig, migrate)
}

func migrate(ctx context.Context, config config, log *slog.Logger) error {
	pool, err := database.Open(ctx, config.database, 2, config.wait, log)
	if err != nil {
		return err
	}
	defer pool.Close()
	log.Info("migrating", "delay", config.delay.String())
	select {
	case <-ctx.Done():
		return errors.New("stopped by a signal")
	case <-time.After(config.delay):
	}
	from, to, err := database.Migrate(ctx, pool, func() error {
		if config.fail {
			return errors.New("failure on demand: STAND_IN_FAIL is set")
		}
		return nil
	})
	if err != nil {
		return err
	}
	log.Info("the schema is up to date", "from", from, "to", to)
	return nil
}
