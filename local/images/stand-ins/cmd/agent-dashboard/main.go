// Command agent-dashboard is a stand-in for TradeStream's front end: one page that says so.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"os"
	"time"

	"tradestream.local/stand-ins/internal/logs"
	"tradestream.local/stand-ins/internal/serve"
	"tradestream.local/stand-ins/internal/settings"
)

//go:embed page.html
var page string

// Failures for tests, switched on by STAND_IN_FAIL (docs/stand-ins.md).
const (
	failReady = "ready" // answers 503 everywhere
	failCrash = "crash" // ends with exit code 1 at once
)

type config struct {
	port          int
	drain, finish time.Duration
	fail          string
}

func readConfig(lookup settings.Lookup) (config, error) {
	env := settings.New(lookup)
	return config{
		port:   env.OptionalInt("PORT", 80, 1, 65535),
		drain:  env.Seconds("DRAIN_SECONDS", 5),
		finish: env.Seconds("FINISH_SECONDS", 20),
		fail:   env.OneOf("STAND_IN_FAIL", "", failReady, failCrash),
	}, env.Err()
}

func main() {
	log := logs.New("agent-dashboard")
	if err := run(log); err != nil {
		log.Error("agent-dashboard ended: " + err.Error())
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	config, err := readConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	if config.fail == failCrash {
		return fmt.Errorf("crash on demand: STAND_IN_FAIL is %q", failCrash)
	}
	lifecycle := serve.NewLifecycle(config.drain, config.finish)
	handler, err := pages(lifecycle, config.fail == failReady)
	if err != nil {
		return err
	}
	return lifecycle.Run(fmt.Sprintf(":%d", config.port), handler, log)
}

// pages serves the page under every path, as a single-page application's server does, and /healthz.
func pages(lifecycle *serve.Lifecycle, failing bool) (http.Handler, error) {
	parsed, err := template.New("page").Parse(page)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	facts := map[string]string{"Version": logs.Version(), "Pod": logs.Pod(), "Started": time.Now().UTC().Format(time.RFC1123)}
	if err := parsed.Execute(&body, facts); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if lifecycle.Draining() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body.Bytes()) // a client that left does not want to hear of it
	})
	if failing {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "failing on demand", http.StatusServiceUnavailable)
		}), nil
	}
	return mux, nil
}
