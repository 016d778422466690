// Package vapid checks the key pair that browsers want of a sender of push messages (RFC 8292).
package vapid

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"strings"
)

// Errors of Check; none of them shows key material.
var (
	ErrPrivate  = errors.New("the private key is not the base64url text of 32 bytes that make a P-256 key")
	ErrPublic   = errors.New("the public key is not the base64url text of an uncompressed P-256 point (65 bytes)")
	ErrMismatch = errors.New("the public key does not belong to the private key")
)

// Check returns nil for a real, matching P-256 pair in base64url (with or without padding).
func Check(private, public string) error {
	raw, err := decode(private)
	if err != nil {
		return ErrPrivate
	}
	key, err := ecdh.P256().NewPrivateKey(raw) // refuses a wrong length and scalars out of range
	if err != nil {
		return ErrPrivate
	}
	point, err := decode(public)
	if err != nil {
		return ErrPublic
	}
	if _, err = ecdh.P256().NewPublicKey(point); err != nil {
		return ErrPublic
	}
	if !bytes.Equal(key.PublicKey().Bytes(), point) {
		return ErrMismatch
	}
	return nil
}

func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}
