// Package serve runs an HTTP server whose end nobody notices: it drains before it stops.
package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// Lifecycle of a server: serving, then draining (from SIGTERM on), then stopping (no new connections).
type Lifecycle struct {
	draining atomic.Bool
	stopping chan struct{}
	// DrainFor is how long new requests are still served after SIGTERM: proxies need a moment to hear of it.
	DrainFor time.Duration
	// FinishWithin bounds the wait for open requests after that.
	FinishWithin time.Duration
}

// NewLifecycle returns a Lifecycle in the serving state.
func NewLifecycle(drainFor, finishWithin time.Duration) *Lifecycle {
	return &Lifecycle{stopping: make(chan struct{}), DrainFor: drainFor, FinishWithin: finishWithin}
}

// Draining is true from SIGTERM on: readiness must then fail.
func (l *Lifecycle) Draining() bool { return l.draining.Load() }

// Stopping is closed when open streams should end. Not earlier: a client that reconnects at once must not come
// back to this server, and it cannot once the proxies send it elsewhere.
func (l *Lifecycle) Stopping() <-chan struct{} { return l.stopping }

// Run serves on address until SIGTERM or SIGINT, drains, and returns nil after a clean end. A second signal ends
// the process at once.
func (l *Lifecycle) Run(address string, handler http.Handler, log *slog.Logger) error {
	signalled, restore := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer restore()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           l.leaveWhenDraining(handler),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.Info("listening", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return err
	case <-signalled.Done():
	}
	restore()
	l.draining.Store(true)
	log.Info("draining: not ready, still serving", "seconds", l.DrainFor.Seconds())
	time.Sleep(l.DrainFor)
	close(l.stopping)
	finish, cancel := context.WithTimeout(context.Background(), l.FinishWithin)
	defer cancel()
	if err := server.Shutdown(finish); err != nil {
		return errors.Join(errors.New("requests were still open at the end of the grace period"), err, server.Close())
	}
	log.Info("stopped, no request was cut off")
	return nil
}

// leaveWhenDraining tells clients with kept-alive connections to open a new one, which reaches another server.
func (l *Lifecycle) leaveWhenDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.Draining() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
