package token

import (
	"strings"
	"testing"
	"time"
)

var (
	now  = time.Unix(1_800_000_000, 0)
	keys = Keys{Algorithm: "HS256", Issuer: "https://api.example", Current: strings.Repeat("new", 12)}
	old  = strings.Repeat("old", 12)
)

func issue(t *testing.T, keys Keys) string {
	t.Helper()
	text, err := keys.Issue("user-1", now, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAToken(t *testing.T) {
	for _, algorithm := range Algorithms {
		keys := keys
		keys.Algorithm = algorithm
		if subject, key, err := keys.Verify(issue(t, keys), now); subject != "user-1" || key != "current" || err != nil {
			t.Error(algorithm, subject, key, err)
		}
	}
}

func TestChangeOver(t *testing.T) {
	before, during := keys, keys
	before.Current, during.Previous = old, old
	text := issue(t, before)
	if _, key, err := during.Verify(text, now); key != "previous" || err != nil {
		t.Error("during the change-over:", key, err)
	}
	if _, _, err := keys.Verify(text, now); err == nil {
		t.Error("after the change-over the old key must not count")
	}
	if _, _, err := during.Verify(text, now.Add(time.Hour)); err == nil {
		t.Error("an expired token of the old key was accepted")
	}
}

func TestRefused(t *testing.T) {
	good := issue(t, keys)
	other := keys
	other.Issuer = "https://elsewhere.example"
	stronger := keys
	stronger.Algorithm = "HS512"
	const none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." // {"alg":"none","typ":"JWT"}
	for name, text := range map[string]string{
		"empty":             "",
		"no token":          "abc",
		"changed":           good[:len(good)-3] + "AAA",
		"foreign issuer":    issue(t, other),
		"another algorithm": issue(t, stronger),
		"unsigned":          none + strings.Split(good, ".")[1] + ".",
	} {
		if subject, _, err := keys.Verify(text, now); err == nil {
			t.Errorf("%s: accepted for %q", name, subject)
		}
	}
	if _, _, err := keys.Verify(good, now.Add(time.Hour)); err == nil {
		t.Error("expired: accepted")
	}
}
