// Package token signs and checks the JSON Web Tokens of gateway-api.
package token

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Algorithms are the HMAC algorithms that JWT_ALGORITHM may name; the first is the default.
var Algorithms = []string{"HS256", "HS384", "HS512"}

// MinimumSecret is the shortest key in bytes: RFC 7518 section 3.2 wants as many bits as the hash of HS256 has.
const MinimumSecret = 32

// Keys signs with Current. A token signed with Previous stays valid while a secret is being changed over.
type Keys struct {
	Algorithm string
	Issuer    string
	Current   string
	Previous  string // empty: no change-over
}

// Issue signs a token for subject that expires after lifetime.
func (k Keys) Issue(subject string, now time.Time, lifetime time.Duration) (string, error) {
	claims := jwt.RegisteredClaims{
		Issuer:    k.Issuer,
		Subject:   subject,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
	}
	return jwt.NewWithClaims(jwt.GetSigningMethod(k.Algorithm), claims).SignedString([]byte(k.Current))
}

// Verify returns the subject of a valid token, and whether the current or the previous key signed it.
func (k Keys) Verify(text string, now time.Time) (subject, key string, err error) {
	if subject, err = k.verifyWith(k.Current, text, now); err == nil {
		return subject, "current", nil
	}
	if k.Previous != "" && errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		if subject, err = k.verifyWith(k.Previous, text, now); err == nil {
			return subject, "previous", nil
		}
	}
	return "", "", err
}

func (k Keys) verifyWith(secret, text string, now time.Time) (string, error) {
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(text, &claims,
		func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{k.Algorithm}), // else a token could choose "none"
		jwt.WithIssuer(k.Issuer), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	return claims.Subject, err
}
