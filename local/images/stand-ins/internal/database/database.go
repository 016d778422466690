// Package database opens PostgreSQL and owns the schema that the stand-ins share.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"tradestream.local/stand-ins/internal/settings"
)

const retryEvery = 500 * time.Millisecond

// Address reads DATABASE_URL. Its error does not repeat the text, which holds a password.
func Address(env *settings.Reader) *pgxpool.Config {
	const name = "DATABASE_URL"
	text := env.Text(name)
	if text == "" {
		return nil
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil || !(strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")) {
		env.AddError(name, "must be a postgresql://user:password@host:port/database address, percent-encoded")
		return nil
	}
	config.ConnConfig.ConnectTimeout = 2 * time.Second
	// The files that the address names are renewed while this runs. Between two of them the old pair still serves.
	config.BeforeConnect = func(_ context.Context, connection *pgx.ConnConfig) error {
		if renewed, err := pgx.ParseConfig(text); err == nil {
			connection.TLSConfig = renewed.TLSConfig
		}
		return nil
	}
	return config
}

// Open connects with at most size connections. It tries again for up to wait while the server is away or starting;
// what no waiting fixes (a wrong password, a database that does not exist) it returns at once.
func Open(ctx context.Context, config *pgxpool.Config, size int, wait time.Duration, log *slog.Logger) (*pgxpool.Pool, error) {
	config.MaxConns = int32(size)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(wait)
	for {
		if err = pool.Ping(ctx); err == nil {
			return pool, nil
		}
		if hopeless(err) || ctx.Err() != nil || time.Now().Add(retryEvery).After(deadline) {
			pool.Close()
			return nil, fmt.Errorf("no connection to PostgreSQL at %s:%d within %s: %w",
				config.ConnConfig.Host, config.ConnConfig.Port, wait, err)
		}
		log.Info("waiting for PostgreSQL", "host", config.ConnConfig.Host)
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// SchemaVersion is the version that the migration left in the database. It fails where it never ran.
func SchemaVersion(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	var version int
	err := pool.QueryRow(ctx, "select coalesce(max(version), 0) from schema_migrations").Scan(&version)
	return version, err
}

// RequireSchema fails unless the database has the schema that this program was built for, or a later one.
func RequireSchema(ctx context.Context, pool *pgxpool.Pool) error {
	version, err := SchemaVersion(ctx, pool)
	var refused *pgconn.PgError
	const undefinedTable = "42P01"
	if errors.As(err, &refused) && refused.Code == undefinedTable {
		return fmt.Errorf("the database has no schema, version %d is wanted: run the migration", LatestVersion())
	}
	if err == nil && version < LatestVersion() {
		return fmt.Errorf("the schema has version %d, version %d is wanted: run the migration", version, LatestVersion())
	}
	return err
}

// hopeless tells errors that stay: class 28 is a refused login, 3D000 an unknown database.
func hopeless(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (strings.HasPrefix(refused.Code, "28") || refused.Code == "3D000")
}
