package main

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"tradestream.local/stand-ins/internal/cache"
	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/settings"
	"tradestream.local/stand-ins/internal/vapid"
)

type config struct {
	database   *pgxpool.Config
	redis      *redis.Options
	wait       time.Duration
	telegramOn bool
	emailOn    bool
	hang       time.Duration
}

func readConfig(lookup settings.Lookup) (config, error) {
	env := settings.New(lookup)
	c := config{
		database:   database.Address(env),
		redis:      cache.Address(env),
		wait:       env.Seconds("DATABASE_WAIT_SECONDS", 15),
		telegramOn: env.Optional("TELEGRAM_BOT_TOKEN", "") != "",
		emailOn:    env.Present("RESEND_API_KEY") != "",
		hang:       env.Seconds("STAND_IN_HANG_SECONDS", 0),
	}
	private, public := env.Text("VAPID_PRIVATE_KEY"), env.Text("VAPID_PUBLIC_KEY")
	if private != "" && public != "" {
		if err := vapid.Check(private, public); err != nil {
			env.AddError("VAPID_PRIVATE_KEY and VAPID_PUBLIC_KEY", "do not make a pair: "+err.Error())
		}
	}
	return c, env.Err()
}
