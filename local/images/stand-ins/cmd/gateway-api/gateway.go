package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"tradestream.local/stand-ins/internal/cache"
	"tradestream.local/stand-ins/internal/database"
	"tradestream.local/stand-ins/internal/logs"
	"tradestream.local/stand-ins/internal/serve"
)

const (
	probeLimit = time.Second // for each of PostgreSQL and Redis; a readiness probe has 3 s
	longestJob = 1000        // milliseconds of /api/work
)

type gateway struct {
	config    config
	log       *slog.Logger
	pool      *pgxpool.Pool
	redis     *redis.Client
	lifecycle *serve.Lifecycle
	metrics   *metrics
	started   time.Time
}

func (g *gateway) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", g.health)
	mux.HandleFunc("GET /ready", g.ready)
	mux.HandleFunc("GET /metrics", g.showMetrics)
	mux.HandleFunc("GET /api/status", g.status)
	mux.HandleFunc("GET /api/work", g.work)
	mux.HandleFunc("GET /api/signals/stream", g.stream)
	mux.HandleFunc("GET /auth/oauth/{provider}", g.authorize)
	mux.HandleFunc("POST /api/token", g.issueToken)
	mux.HandleFunc("GET /api/token/verify", g.verifyToken)
	mux.HandleFunc("POST /api/notifications/test", g.queueTest)
	mux.HandleFunc("GET /api/notifications/{id}", g.notification)
	return g.metrics.count(g.allowOrigins(mux))
}

// health says that the process is alive, and asks nobody: a dead database must not restart the pods.
func (g *gateway) health(w http.ResponseWriter, _ *http.Request) {
	if g.config.fails(failHealth) {
		answer(w, http.StatusInternalServerError, map[string]any{"status": "failing on demand"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"status": "ok"})
}

func (g *gateway) ready(w http.ResponseWriter, r *http.Request) {
	checks, ready := g.check(r.Context())
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, map[string]any{"ready": ready, "checks": checks})
}

// check asks PostgreSQL (with the schema's version) and Redis, both at once, and says how each is.
func (g *gateway) check(ctx context.Context) (map[string]string, bool) {
	redisError := make(chan error, 1)
	go func() { redisError <- cache.Ping(ctx, g.redis, probeLimit) }()
	limited, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	checks := map[string]string{
		"postgresql": verdict(database.RequireSchema(limited, g.pool)),
		"redis":      verdict(<-redisError),
		"server":     "ok",
	}
	switch {
	case g.lifecycle.Draining():
		checks["server"] = "draining"
	case g.config.fails(failReady) || g.config.fails(failHealth):
		checks["server"] = "failing on demand"
	}
	ready := true
	for _, state := range checks {
		ready = ready && state == "ok"
	}
	g.metrics.setReady(ready)
	return checks, ready
}

func verdict(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func (g *gateway) status(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*probeLimit)
	defer cancel()
	schema, err := database.SchemaVersion(ctx, g.pool)
	var signals, runs, visits int64
	if err == nil {
		err = g.pool.QueryRow(ctx, "select (select count(*) from signals), (select count(*) from notification_runs)").
			Scan(&signals, &runs)
	}
	if err == nil {
		visits, err = g.redis.Incr(ctx, "gateway:status-visits").Result()
	}
	if err != nil {
		g.log.Warn("status: " + err.Error())
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "PostgreSQL or Redis did not answer, see /ready"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"service": "gateway-api", "stand_in": true, "version": logs.Version(), "schema_version": schema,
		"pod": logs.Pod(), "uptime_seconds": int(time.Since(g.started).Seconds()),
		"signals": signals, "notification_runs": runs, "visits": visits,
		"sign_in": signInOn(g.config), "email": g.config.emailOn,
	})
}

// work burns CPU for ?ms= milliseconds, so that autoscaling has something to see.
func (g *gateway) work(w http.ResponseWriter, r *http.Request) {
	milliseconds, err := strconv.Atoi(r.URL.Query().Get("ms"))
	if err != nil || milliseconds < 1 || milliseconds > longestJob {
		answer(w, http.StatusBadRequest, map[string]any{"error": "ms must be a whole number from 1 to 1000"})
		return
	}
	rounds, sum := 0, sha256.Sum256(nil)
	for end := time.Now().Add(time.Duration(milliseconds) * time.Millisecond); time.Now().Before(end); rounds++ {
		if r.Context().Err() != nil {
			return
		}
		for range 100 {
			sum = sha256.Sum256(sum[:])
		}
	}
	answer(w, http.StatusOK, map[string]any{"ms": milliseconds, "rounds": rounds, "pod": logs.Pod()})
}

// allowOrigins lets browsers of the configured origins in, and nobody else's.
func (g *gateway) allowOrigins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" && slices.Contains(g.config.origins, origin) {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				header.Set("Access-Control-Allow-Methods", "GET, POST")
				header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that left does not want to hear of it
}
