package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tradestream.local/stand-ins/internal/logs"
)

const eventEvery = 500 * time.Millisecond

// stream sends numbered server-sent events until the client leaves or the server stops. A client that comes back
// with Last-Event-ID gets the numbers after it, so that a test sees whether one is missing.
func (g *gateway) stream(w http.ResponseWriter, r *http.Request) {
	g.metrics.streams.Add(1)
	defer g.metrics.streams.Add(-1)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // an nginx in between must pass events on at once
	out := http.NewResponseController(w)
	send := func(format string, values ...any) bool {
		_, err := fmt.Fprintf(w, format, values...)
		return err == nil && out.Flush() == nil
	}
	id, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	ticker := time.NewTicker(eventEvery)
	defer ticker.Stop()
	open := send("retry: 1000\n\n")
	for open {
		id++
		open = send("id: %d\ndata: {\"signal\":%d,\"pod\":%q,\"version\":%q}\n\n", id, id, logs.Pod(), logs.Version())
		select {
		case <-r.Context().Done():
			return
		case <-g.lifecycle.Stopping():
			send("event: bye\ndata: {\"reason\":\"the server stops, please reconnect\"}\n\n")
			return
		case <-ticker.C:
		}
	}
}
