package main

import (
	"crypto/rand"
	"net/http"
	"net/url"
)

// Where each provider asks its users.
var authorizePages = map[string]string{
	"google": "https://accounts.google.com/o/oauth2/v2/auth",
	"github": "https://github.com/login/oauth/authorize",
}

// authorize begins a sign-in: it sends the browser to the provider. Nothing answers what comes back.
func (g *gateway) authorize(w http.ResponseWriter, r *http.Request) {
	provider := r.PathValue("provider")
	client := g.config.signIn[provider]
	if g.config.fails(failSignIn) {
		answer(w, http.StatusInternalServerError, map[string]any{"error": "failing on demand"})
		return
	}
	if client == "" {
		answer(w, http.StatusBadRequest, map[string]any{"error": "no such provider, or it has no credentials"})
		return
	}
	query := url.Values{
		"client_id": {client}, "response_type": {"code"}, "scope": {"openid email"}, "state": {rand.Text()},
		"redirect_uri": {g.config.keys.Issuer + "/auth/oauth/" + provider + "/callback"},
	}
	http.Redirect(w, r, authorizePages[provider]+"?"+query.Encode(), http.StatusTemporaryRedirect)
}

// signInOn says of each provider whether it has credentials.
func signInOn(c config) map[string]bool {
	on := map[string]bool{}
	for provider, client := range c.signIn {
		on[provider] = client != ""
	}
	return on
}
