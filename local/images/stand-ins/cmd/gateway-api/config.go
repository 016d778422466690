package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"tradestream.local/stand-ins/internal/cache"
	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/settings"
	"tradestream.local/stand-ins/internal/token"
)

// Failures for tests, switched on by STAND_IN_FAIL (docs/stand-ins.md).
const (
	failReady        = "ready"        // never ready, but alive
	failHealth       = "health"       // neither ready nor alive
	failCrash        = "crash"        // ends with exit code 1 at once
	failListen       = "listen"       // runs, but never listens
	failSignIn       = "sign-in"      // sign-in ends with an error
	failNotification = "notification" // a notification that it says it has queued is lost
)

// config is everything that the environment tells gateway-api.
type config struct {
	port          int
	database      *pgxpool.Config
	poolSize      int
	databaseWait  time.Duration
	redis         *redis.Options
	keys          token.Keys
	tokenLifetime time.Duration
	origins       []string
	tokensAMinute int
	signIn        map[string]string // provider: its client ID; none without credentials
	emailOn       bool
	drain, finish time.Duration
	fail          []string
}

// fails says whether a failure is switched on.
func (c config) fails(failure string) bool {
	return slices.Contains(c.fail, failure)
}

func readConfig(lookup settings.Lookup) (config, error) {
	env := settings.New(lookup)
	c := config{
		database:      database.Address(env),
		redis:         cache.Address(env),
		port:          env.OptionalInt("PORT", 8000, 1, 65535),
		poolSize:      env.Int("DATABASE_POOL_SIZE", 1, 1000),
		databaseWait:  env.Seconds("DATABASE_WAIT_SECONDS", 10),
		tokenLifetime: time.Duration(env.OptionalInt("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", 15, 1, 24*60)) * time.Minute,
		origins:       env.Origins("CORS_ORIGINS"),
		tokensAMinute: env.Int("RATE_LIMIT_PER_MINUTE", 1, 1_000_000),
		emailOn:       env.Present("RESEND_API_KEY") != "",
		drain:         env.Seconds("DRAIN_SECONDS", 5),
		finish:        env.Seconds("FINISH_SECONDS", 20),
		fail:          env.AnyOf("STAND_IN_FAIL", failReady, failHealth, failCrash, failListen, failSignIn, failNotification),
	}
	c.keys = readKeys(env)
	c.signIn = map[string]string{"google": readSignIn(env, "GOOGLE"), "github": readSignIn(env, "GITHUB")}
	env.WebURL("FRONTEND_URL")
	return c, env.Err()
}

func readKeys(env *settings.Reader) token.Keys {
	keys := token.Keys{
		Algorithm: env.OneOf("JWT_ALGORITHM", token.Algorithms...),
		Issuer:    env.WebURL("API_URL"),
		Current:   env.Text("JWT_SECRET"),
		Previous:  env.Optional("JWT_PREVIOUS_SECRET", ""),
	}
	if keys.Current != "" && len(keys.Current) < token.MinimumSecret {
		env.AddError("JWT_SECRET", fmt.Sprintf("must have at least %d bytes", token.MinimumSecret))
	}
	return keys
}

// readSignIn reads one provider's pair. Both empty turns that way of signing in off; half a pair is a mistake.
func readSignIn(env *settings.Reader, provider string) string {
	id, secret := env.Present(provider+"_CLIENT_ID"), env.Present(provider+"_CLIENT_SECRET")
	if (id == "") != (secret == "") {
		env.AddError(provider+"_CLIENT_ID and "+provider+"_CLIENT_SECRET", "must be both set or both empty")
	}
	return id
}
