package database

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var files embed.FS

// Any number serves as the key of the advisory lock, as long as nobody else uses it in this database.
const migrationLock = 7_426_001

// LatestVersion is the schema version that the programs of this build need: their number of migrations.
func LatestVersion() int {
	entries, err := files.ReadDir("migrations")
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return len(entries)
}

// Migrate brings the schema to LatestVersion in one transaction and returns the version found and the version left.
// An advisory lock makes a second migration at the same time wait. before runs ahead of the commit: its error rolls
// everything back.
func Migrate(ctx context.Context, pool *pgxpool.Pool, before func() error) (from, to int, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `create table if not exists schema_migrations (
			version integer primary key, name text not null, applied_at timestamptz not null default now())`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "select coalesce(max(version), 0) from schema_migrations").Scan(&from); err != nil {
			return err
		}
		if to, err = apply(ctx, tx, from); err != nil {
			return err
		}
		return before()
	})
	return from, to, err
}

// apply runs what is newer than version. A database that is already ahead is left as it is: an older release is
// being put back, and a schema never goes backwards.
func apply(ctx context.Context, tx pgx.Tx, version int) (int, error) {
	entries, err := files.ReadDir("migrations") // sorted by name, which starts with the number
	if err != nil {
		return 0, err
	}
	for ; version < len(entries); version++ {
		name := entries[version].Name()
		statements, err := files.ReadFile("migrations/" + name)
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, string(statements)); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		if _, err := tx.Exec(ctx, "insert into schema_migrations (version, name) values ($1, $2)", version+1, name); err != nil {
			return 0, err
		}
	}
	return version, nil
}
