package vapid

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"testing"
)

func pair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.Bytes()), base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
}

func TestPairs(t *testing.T) {
	private, public := pair(t)
	_, foreign := pair(t)
	zeros := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for name, c := range map[string]struct {
		private, public string
		want            error
	}{
		"a pair":                   {private, public, nil},
		"a padded pair":            {private + "=", public + "=", nil},
		"another's public key":     {private, foreign, ErrMismatch},
		"swapped":                  {public, private, ErrPrivate},
		"private key too short":    {private[:20], public, ErrPrivate},
		"private key of zeros":     {zeros, public, ErrPrivate},
		"private key is no text":   {"!" + private[1:], public, ErrPrivate},
		"public key too short":     {private, public[:40], ErrPublic},
		"public key off the curve": {private, public[:len(public)-4] + "AAAA", ErrPublic},
		"placeholders":             {"private", "public", ErrPrivate},
	} {
		if err := Check(c.private, c.public); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
