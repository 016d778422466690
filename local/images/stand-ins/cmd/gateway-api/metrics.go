package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tradestream.local/stand-ins/internal/logs"
)

// metricsLimit is short enough for a scrape that ends after a second.
const metricsLimit = 300 * time.Millisecond

type series struct {
	route string
	code  int
}

// bounds of the histogram of durations, in seconds; what is slower counts in +Inf alone.
var bounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// durations is a histogram: each bucket counts what is not slower than its bound.
type durations struct {
	buckets [len(bounds)]uint64
	count   uint64
	sum     float64
}

func (d *durations) observe(seconds float64) {
	for i, bound := range bounds {
		if seconds <= bound {
			d.buckets[i]++
		}
	}
	d.count++
	d.sum += seconds
}

// metrics are the figures of /metrics.
type metrics struct {
	mutex     sync.Mutex
	requests  map[series]uint64
	durations map[string]*durations
	streams   atomic.Int64
	ready     atomic.Int64
}

func newMetrics() *metrics {
	return &metrics{requests: map[series]uint64{}, durations: map[string]*durations{}}
}

func (m *metrics) setReady(ready bool) {
	var value int64
	if ready {
		value = 1
	}
	m.ready.Store(value)
}

// count adds each answered request under its route, not its path: a scanner must not make endless series. A request takes
// until its answer begins: a stream of events may go on for hours.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &recorder{ResponseWriter: w, code: http.StatusOK}
		start := time.Now()
		next.ServeHTTP(recorder, r)
		recorder.begin() // an answer without a word has begun by now
		route := cmp.Or(r.Pattern, "other")
		m.mutex.Lock()
		defer m.mutex.Unlock()
		m.requests[series{route, recorder.code}]++
		if m.durations[route] == nil {
			m.durations[route] = &durations{}
		}
		m.durations[route].observe(recorder.began.Sub(start).Seconds())
	})
}

// showMetrics writes Prometheus' text format.
func (g *gateway) showMetrics(w http.ResponseWriter, r *http.Request) {
	// So that the ready figure is of now. The others are needed most while a server is away: they do not wait for it.
	limited, cancel := context.WithTimeout(r.Context(), metricsLimit)
	defer cancel()
	g.check(limited)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m := g.metrics
	fmt.Fprintf(w, "# HELP gateway_info What is running.\n# TYPE gateway_info gauge\ngateway_info{version=%q} 1\n", logs.Version())
	fmt.Fprintf(w, "# HELP gateway_ready Whether /ready passes.\n# TYPE gateway_ready gauge\ngateway_ready %d\n", m.ready.Load())
	fmt.Fprintf(w, "# HELP gateway_open_streams Event streams open now.\n# TYPE gateway_open_streams gauge\ngateway_open_streams %d\n",
		m.streams.Load())
	connections := g.pool.Stat()
	fmt.Fprintf(w, "# HELP gateway_database_connections_in_use Connections of the pool that work now.\n"+
		"# TYPE gateway_database_connections_in_use gauge\ngateway_database_connections_in_use %d\n", connections.AcquiredConns())
	fmt.Fprintf(w, "# HELP gateway_database_connections_max The most connections that the pool opens.\n"+
		"# TYPE gateway_database_connections_max gauge\ngateway_database_connections_max %d\n", connections.MaxConns())
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
	m.showDurations(w)
}

// showDurations is called with the mutex locked.
func (m *metrics) showDurations(w http.ResponseWriter) {
	const name = "gateway_request_duration_seconds"
	fmt.Fprintf(w, "# HELP %s Time until an answer began.\n# TYPE %s histogram\n", name, name)
	for _, route := range slices.Sorted(maps.Keys(m.durations)) {
		d := m.durations[route]
		for i, bound := range bounds {
			fmt.Fprintf(w, "%s_bucket{route=%q,le=\"%g\"} %d\n", name, route, bound, d.buckets[i])
		}
		fmt.Fprintf(w, "%s_bucket{route=%q,le=\"+Inf\"} %d\n", name, route, d.count)
		fmt.Fprintf(w, "%s_sum{route=%q} %g\n%s_count{route=%q} %d\n", name, route, d.sum, name, route, d.count)
	}
}

// recorder remembers the status code, and when the answer began. Unwrap lets streams flush through it.
type recorder struct {
	http.ResponseWriter
	code  int
	began time.Time
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.begin()
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(bytes []byte) (int, error) {
	r.begin()
	return r.ResponseWriter.Write(bytes)
}

func (r *recorder) begin() {
	if r.began.IsZero() {
		r.began = time.Now()
	}
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
