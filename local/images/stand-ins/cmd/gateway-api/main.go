// Command gateway-api is a stand-in for TradeStream's API: the same contract towards the cluster (environment,
// probes, metrics, streams, draining), with PostgreSQL and Redis behind it for real, but no trading inside.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"tradestream.local/stand-ins/internal/cache"
	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/logs"
	"tradestream.local/stand-ins/internal/serve"
)

func main() {
	log := logs.New("gateway-api")
	if err := run(log); err != nil {
		log.Error("gateway-api ended: " + err.Error())
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	config, err := readConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	if len(config.fail) > 0 {
		log.Warn("a failure is switched on", "STAND_IN_FAIL", config.fail)
	}
	switch {
	case config.fails(failCrash):
		return fmt.Errorf("crash on demand: STAND_IN_FAIL is %q", failCrash)
	case config.fails(failListen):
		time.Sleep(24 * time.Hour)
	}
	pool, err := database.Open(context.Background(), config.database, config.poolSize, config.databaseWait, log)
	if err != nil {
		return err
	}
	defer pool.Close()
	client := cache.Open(config.redis)
	defer client.Close()

	gateway := &gateway{
		config: config, log: log, pool: pool, redis: client,
		lifecycle: serve.NewLifecycle(config.drain, config.finish),
		metrics:   newMetrics(), started: time.Now(),
	}
	log.Info("configuration read", "pool", config.poolSize, "origins", config.origins, "sign_in", signInOn(config),
		"email", config.emailOn, "previous_jwt_secret", config.keys.Previous != "")
	return gateway.lifecycle.Run(fmt.Sprintf(":%d", config.port), gateway.handler(), log)
}
