package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// queueTest queues a notification for the worker, for whoever has a valid token, and leads to what is known of it.
func (g *gateway) queueTest(w http.ResponseWriter, r *http.Request) {
	if _, _, valid := g.bearer(w, r); !valid {
		return
	}
	insert := "insert into notifications (channel, body) values ('push', 'Test') returning id"
	if g.config.fails(failNotification) {
		insert = "select 0::bigint"
	}
	var id int64
	if err := g.pool.QueryRow(r.Context(), insert).Scan(&id); err != nil {
		g.unavailable(w, err)
		return
	}
	http.Redirect(w, r, "/api/notifications/"+strconv.FormatInt(id, 10), http.StatusSeeOther)
}

// notification says whether one is queued or delivered; any pod knows.
func (g *gateway) notification(w http.ResponseWriter, r *http.Request) {
	if _, _, valid := g.bearer(w, r); !valid {
		return
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	state := "queued"
	if err == nil {
		delivered := false
		query := "select delivered_at is not null from notifications where id = $1"
		err = g.pool.QueryRow(r.Context(), query, id).Scan(&delivered)
		if delivered {
			state = "delivered"
		}
	}
	switch {
	case err == nil:
		answer(w, http.StatusOK, map[string]any{"id": id, "state": state})
	case errors.Is(err, pgx.ErrNoRows) || errors.Is(err, strconv.ErrSyntax) || errors.Is(err, strconv.ErrRange):
		answer(w, http.StatusNotFound, map[string]any{"error": "no such notification"})
	default:
		g.unavailable(w, err)
	}
}

func (g *gateway) unavailable(w http.ResponseWriter, err error) {
	g.log.Warn("notifications: " + err.Error())
	answer(w, http.StatusServiceUnavailable, map[string]any{"error": "PostgreSQL did not answer, see /ready"})
}
