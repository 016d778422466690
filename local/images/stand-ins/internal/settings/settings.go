// Package settings reads a program's environment and gathers everything that is wrong with it, so that an operator
// fixes all of it in one go. Errors name variables and never show their values: most of them are secrets.
package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lookup is os.LookupEnv, or a map in tests.
type Lookup func(name string) (string, bool)

// Reader reads variables and remembers their errors until Err is asked.
type Reader struct {
	lookup Lookup
	errors []string
}

// New returns a Reader over an environment.
func New(lookup Lookup) *Reader {
	return &Reader{lookup: lookup}
}

// Text is a required variable that must not be empty.
func (r *Reader) Text(name string) string {
	value, found := r.lookup(name)
	switch {
	case !found:
		r.AddError(name, "is missing")
	case value == "":
		r.AddError(name, "is empty")
	}
	return value
}

// Present is a required variable that may be empty, which turns the feature behind it off.
func (r *Reader) Present(name string) string {
	value, found := r.lookup(name)
	if !found {
		r.AddError(name, "is missing")
	}
	return value
}

// Optional is a variable with a fallback for when it is missing or empty.
func (r *Reader) Optional(name, fallback string) string {
	if value, _ := r.lookup(name); value != "" {
		return value
	}
	return fallback
}

// Int is a required whole number from low to high.
func (r *Reader) Int(name string, low, high int) int {
	if text := r.Text(name); text != "" {
		return r.number(name, text, low, high)
	}
	return 0
}

// OptionalInt is a whole number from low to high with a fallback.
func (r *Reader) OptionalInt(name string, fallback, low, high int) int {
	if text := r.Optional(name, ""); text != "" {
		return r.number(name, text, low, high)
	}
	return fallback
}

// Seconds is an optional number of seconds, from 0 to an hour, with a fallback.
func (r *Reader) Seconds(name string, fallback int) time.Duration {
	return time.Duration(r.OptionalInt(name, fallback, 0, 3600)) * time.Second
}

// WebURL is a required absolute http or https address.
func (r *Reader) WebURL(name string) string {
	text := r.Text(name)
	if text != "" && !isWebURL(text) {
		r.AddError(name, "must be an absolute http:// or https:// address")
	}
	return text
}

// OneOf is an optional variable that must be one of the allowed values; without it, the first of them.
func (r *Reader) OneOf(name string, allowed ...string) string {
	value := r.Optional(name, allowed[0])
	if !slices.Contains(allowed, value) {
		known := slices.DeleteFunc(slices.Clone(allowed), func(text string) bool { return text == "" })
		r.AddError(name, "must be one of "+strings.Join(known, ", "))
	}
	return value
}

// AnyOf is an optional list of allowed values with commas between them.
func (r *Reader) AnyOf(name string, allowed ...string) []string {
	text := r.Optional(name, "")
	if text == "" {
		return nil
	}
	values := strings.Split(text, ",")
	if slices.ContainsFunc(values, func(value string) bool { return !slices.Contains(allowed, value) }) {
		r.AddError(name, "must be some of "+strings.Join(allowed, ", "))
	}
	return values
}

// AddError adds an error that a caller found, for example in a value that it parsed itself.
func (r *Reader) AddError(name, what string) {
	r.errors = append(r.errors, name+" "+what)
}

// Err is nil, or one error that names every error.
func (r *Reader) Err() error {
	if len(r.errors) == 0 {
		return nil
	}
	return fmt.Errorf("%d error(s) in the environment: %s", len(r.errors), strings.Join(r.errors, "; "))
}

func (r *Reader) number(name, text string, low, high int) int {
	value, err := strconv.Atoi(text)
	if err != nil || value < low || value > high {
		r.AddError(name, fmt.Sprintf("must be a whole number from %d to %d", low, high))
		return low
	}
	return value
}

func isWebURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
}
