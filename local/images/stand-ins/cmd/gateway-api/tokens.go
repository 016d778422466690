package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// issueToken signs a token for a made-up user. Here alone the rate limit counts: elsewhere it would disturb load tests.
func (g *gateway) issueToken(w http.ResponseWriter, r *http.Request) {
	count, err := g.countMinute(r.Context(), clientOf(r), time.Now())
	if err != nil {
		g.log.Warn("rate limit: " + err.Error())
		answer(w, http.StatusServiceUnavailable, map[string]any{"error": "Redis did not answer, see /ready"})
		return
	}
	limit := g.config.tokensAMinute
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(limit))
	w.Header().Set("X-RateLimit-Remaining", strconv.FormatInt(max(0, int64(limit)-count), 10))
	if count > int64(limit) {
		w.Header().Set("Retry-After", strconv.Itoa(60-time.Now().Second()))
		answer(w, http.StatusTooManyRequests, map[string]any{"error": "too many tokens in this minute"})
		return
	}
	text, err := g.config.keys.Issue("user-"+strings.ToLower(rand.Text()[:8]), time.Now(), g.config.tokenLifetime)
	if err != nil {
		g.log.Error("token: " + err.Error())
		answer(w, http.StatusInternalServerError, map[string]any{"error": "no token could be signed"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": text, "token_type": "bearer", "expires_in": int(g.config.tokenLifetime.Seconds()),
	})
}

func (g *gateway) verifyToken(w http.ResponseWriter, r *http.Request) {
	if subject, key, valid := g.bearer(w, r); valid {
		answer(w, http.StatusOK, map[string]any{"valid": true, "subject": subject, "signed_with": key})
	}
}

// bearer verifies the token of a request, and answers one that has none.
func (g *gateway) bearer(w http.ResponseWriter, r *http.Request) (subject, key string, valid bool) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		answer(w, http.StatusUnauthorized, map[string]any{"valid": false, "error": "send Authorization: Bearer TOKEN"})
		return "", "", false
	}
	subject, key, err := g.config.keys.Verify(text, time.Now())
	if err != nil {
		answer(w, http.StatusUnauthorized, map[string]any{"valid": false, "error": err.Error()})
	}
	return subject, key, err == nil
}

// countMinute counts a client's requests of the running minute in Redis, for all pods together.
func (g *gateway) countMinute(ctx context.Context, client string, now time.Time) (int64, error) {
	key := fmt.Sprintf("gateway:tokens:%s:%d", client, now.Unix()/60)
	pipeline := g.redis.TxPipeline()
	count := pipeline.Incr(ctx, key)
	pipeline.Expire(ctx, key, 2*time.Minute)
	_, err := pipeline.Exec(ctx)
	return count.Val(), err
}

// clientOf is the address of the connection: a header that names another one could be made up.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
