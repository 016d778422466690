// Package once is the frame of a command that does one thing and ends.
package once

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"tradestream.local/stand-ins/internal/logs"
	"tradestream.local/stand-ins/internal/settings"
)

// Main reads the settings and does the work, which SIGTERM and SIGINT cut short. What goes wrong is logged behind the
// words of failure, and ends the process with status 1.
func Main[Config any](
	service string,
	failure string,
	read func(settings.Lookup) (Config, error),
	work func(context.Context, Config, *slog.Logger) error,
) {
	log := logs.New(service)
	if err := run(log, read, work); err != nil {
		log.Error(failure + ": " + err.Error())
		os.Exit(1)
	}
}

func run[Config any](
	log *slog.Logger,
	read func(settings.Lookup) (Config, error),
	work func(context.Context, Config, *slog.Logger) error,
) error {
	ctx, restore := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer restore()
	config, err := read(os.LookupEnv)
	if err != nil {
		return err
	}
	return work(ctx, config, log)
}
