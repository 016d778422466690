package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request takes until its answer begins, so that a stream is as fast as its first event.
func TestDurationsEndWhereAnswersBegin(t *testing.T) {
	const slow = 60 * time.Millisecond
	m := newMetrics()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(slow)
		w.WriteHeader(http.StatusTeapot)
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("first"))
		time.Sleep(slow)
	})
	mux.HandleFunc("GET /silent", func(http.ResponseWriter, *http.Request) { time.Sleep(slow) })
	for _, path := range []string{"/slow", "/stream", "/silent", "/none/1", "/none/2"} {
		m.count(mux).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	shown := httptest.NewRecorder()
	m.showDurations(shown)
	for _, line := range []string{
		`gateway_request_duration_seconds_bucket{route="GET /slow",le="0.05"} 0`,
		`gateway_request_duration_seconds_bucket{route="GET /slow",le="10"} 1`,
		`gateway_request_duration_seconds_bucket{route="GET /silent",le="0.05"} 0`,
		`gateway_request_duration_seconds_bucket{route="GET /stream",le="0.05"} 1`,
		`gateway_request_duration_seconds_bucket{route="other",le="+Inf"} 2`,
		`gateway_request_duration_seconds_count{route="other"} 2`,
	} {
		if !strings.Contains(shown.Body.String(), line+"\n") {
			t.Errorf("%s is not in:\n%s", line, shown.Body)
		}
	}
	if m.requests[series{"GET /slow", http.StatusTeapot}] != 1 {
		t.Errorf("counted %v", m.requests)
	}
}
