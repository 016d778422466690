// Package logs makes the structured log that every stand-in writes: one JSON object a line on standard output.
package logs

import (
	"log/slog"
	"os"
)

// Version is what the image says it is; the images v1.0.0 and v1.0.1 differ in nothing else.
func Version() string {
	if version := os.Getenv("STAND_IN_VERSION"); version != "" {
		return version
	}
	return "unknown"
}

// Pod is the name of the pod (its host name), or of this machine.
func Pod() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// New returns the log of a service. Callers never log values of settings.
func New(service string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, nil)).
		With("service", service, "stand_in", true, "version", Version(), "pod", Pod())
}
