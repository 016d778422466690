package main

import (
	"maps"
	"strings"
	"testing"
)

// good is what the deployment gives gateway-api, with a mark in each secret.
var good = map[string]string{
	"DATABASE_URL":          "postgresql://postgres:canary-db%2F@tradestream-postgresql:5432/tradestream",
	"DATABASE_POOL_SIZE":    "10",
	"REDIS_URL":             "redis://:canary-redis@tradestream-redis-master:6379",
	"JWT_SECRET":            "canary-jwt-0123456789-0123456789-0123456789",
	"JWT_ALGORITHM":         "HS256",
	"GOOGLE_CLIENT_ID":      "canary-google-id",
	"GOOGLE_CLIENT_SECRET":  "canary-google",
	"GITHUB_CLIENT_ID":      "",
	"GITHUB_CLIENT_SECRET":  "",
	"RESEND_API_KEY":        "canary-resend",
	"API_URL":               "https://api.tradestream.io",
	"FRONTEND_URL":          "https://tradestream.io",
	"CORS_ORIGINS":          "https://tradestream.io,http://localhost:3000",
	"RATE_LIMIT_PER_MINUTE": "60",
}

func read(values map[string]string) (config, error) {
	return readConfig(func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	})
}

func TestGoodConfig(t *testing.T) {
	c, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	if c.port != 8000 || c.poolSize != 10 || c.database.ConnConfig.Password != "canary-db/" || c.redis.Password != "canary-redis" ||
		c.signIn["google"] == "" || c.signIn["github"] != "" || !c.emailOn || len(c.origins) != 2 || c.tokensAMinute != 60 ||
		c.drain.Seconds() != 5 || c.tokenLifetime.Minutes() != 15 || c.keys.Previous != "" {
		t.Errorf("read wrongly: %+v", c)
	}
}

func TestEachVariableIsRequired(t *testing.T) {
	for name := range good {
		values := maps.Clone(good)
		delete(values, name)
		_, err := read(values)
		optional := name == "JWT_ALGORITHM"
		if optional && err != nil {
			t.Errorf("without %s: %v", name, err)
		}
		if !optional && (err == nil || !strings.Contains(err.Error(), name)) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestEveryErrorAtOnceAndNoValue(t *testing.T) {
	bad := map[string]string{
		"DATABASE_URL": "canary://db", "DATABASE_POOL_SIZE": "canary", "REDIS_URL": "canary", "JWT_SECRET": "canary-short",
		"JWT_ALGORITHM": "canary", "GOOGLE_CLIENT_ID": "canary", "GOOGLE_CLIENT_SECRET": "", "API_URL": "canary",
		"FRONTEND_URL": "canary", "CORS_ORIGINS": "[canary", "RATE_LIMIT_PER_MINUTE": "0", "PORT": "canary", "STAND_IN_FAIL": "canary",
	}
	_, err := read(bad)
	if err == nil {
		t.Fatal("accepted")
	}
	for name := range bad {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	for _, missing := range []string{"GITHUB_CLIENT_ID is missing", "GITHUB_CLIENT_SECRET is missing", "RESEND_API_KEY is missing"} {
		if !strings.Contains(err.Error(), missing) {
			t.Errorf("%q is not in: %v", missing, err)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a value is in: %v", err)
	}
}

func TestADatabaseAddressThatIsNotEncoded(t *testing.T) {
	values := maps.Clone(good)
	values["DATABASE_URL"] = "postgresql://postgres:canary/db#x%@host/tradestream"
	if _, err := read(values); err == nil || strings.Contains(err.Error(), "canary") {
		t.Error(err)
	}
}
