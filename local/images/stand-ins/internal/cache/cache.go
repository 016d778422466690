// Package cache opens Redis with short limits: a service must rather say that Redis is away than wait for it.
package cache

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"tradestream.local/stand-ins/internal/settings"
)

// Address reads REDIS_URL. Its error does not repeat the text, which may hold a password.
func Address(env *settings.Reader) *redis.Options {
	const name = "REDIS_URL"
	text := env.Text(name)
	if text == "" {
		return nil
	}
	options, err := redis.ParseURL(text)
	if err != nil {
		env.AddError(name, "must be a redis://host:port or rediss://host:port address")
		return nil
	}
	options.DialTimeout = time.Second
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.MaxRetries = 1
	options.DisableIdentity = true // Debian's Redis 7.0 does not know these commands
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return options
}

// Open returns a client; it connects when first used.
func Open(options *redis.Options) *redis.Client {
	logging.Disable() // its own lines are not structured; what matters is logged by the services
	return redis.NewClient(options)
}

// Ping asks Redis for an answer within limit.
func Ping(ctx context.Context, client *redis.Client, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return client.Ping(ctx).Err()
}
