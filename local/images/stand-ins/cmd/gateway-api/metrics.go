package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"tradestream.local/stand-ins/internal/logs"
)

type series struct {
	route string
	code  int
}

// metrics are the figures of /metrics.
type metrics struct {
	mutex    sync.Mutex
	requests map[series]uint64
	streams  atomic.Int64
	ready    atomic.Int64
}

func newMetrics() *metrics {
	return &metrics{requests: map[series]uint64{}}
}

func (m *metrics) setReady(ready bool) {
	var value int64
	if ready {
		value = 1
	}
	m.ready.Store(value)
}

// count adds each answered request under its route, not its path: a scanner must not make endless series.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &recorder{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(recorder, r)
		m.mutex.Lock()
		defer m.mutex.Unlock()
		m.requests[series{cmp.Or(r.Pattern, "other"), recorder.code}]++
	})
}

// showMetrics writes Prometheus' text format.
func (g *gateway) showMetrics(w http.ResponseWriter, r *http.Request) {
	g.check(r.Context()) // so that the ready figure is of now
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m := g.metrics
	fmt.Fprintf(w, "# HELP gateway_info What is running.\n# TYPE gateway_info gauge\ngateway_info{version=%q} 1\n", logs.Version())
	fmt.Fprintf(w, "# HELP gateway_ready Whether /ready passes.\n# TYPE gateway_ready gauge\ngateway_ready %d\n", m.ready.Load())
	fmt.Fprintf(w, "# HELP gateway_open_streams Event streams open now.\n# TYPE gateway_open_streams gauge\ngateway_open_streams %d\n",
		m.streams.Load())
	fmt.Fprint(w, "# HELP gateway_requests_total Requests answered.\n# TYPE gateway_requests_total counter\n")
	m.mutex.Lock()
	defer m.mutex.Unlock()
	lines := make([]string, 0, len(m.requests))
	for key, count := range m.requests {
		lines = append(lines, fmt.Sprintf("gateway_requests_total{route=%q,code=\"%d\"} %d\n", key.route, key.code, count))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprint(w, line)
	}
}

// recorder remembers the status code. Unwrap lets streams flush through it.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
