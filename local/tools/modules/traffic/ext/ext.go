// Package ext is where builds of Traefik add fields to its dynamic configuration; this one adds none.
package ext

// HTTP would add to the HTTP configuration.
type HTTP struct{}

// Router would add to a router.
type Router struct{}
