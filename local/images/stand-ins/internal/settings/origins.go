package settings

import (
	"encoding/json"
	"strings"
)

// Origins is a required list of browser origins, as comma-separated text or as a JSON array: deployments of
// gateway-api use either. An origin is scheme and host, and a port where it is not the scheme's own.
func (r *Reader) Origins(name string) []string {
	text := strings.TrimSpace(r.Text(name))
	if text == "" {
		return nil
	}
	var origins []string
	if strings.HasPrefix(text, "[") {
		if json.Unmarshal([]byte(text), &origins) != nil {
			r.AddError(name, "starts like a JSON array but is not one of texts")
			return nil
		}
	} else {
		origins = strings.Split(text, ",")
	}
	for index, origin := range origins {
		origins[index] = strings.TrimSuffix(strings.TrimSpace(origin), "/")
		if scheme, rest, _ := strings.Cut(origins[index], "://"); !isWebURL(origins[index]) ||
			strings.ContainsAny(scheme+rest, "/?#@ ") {
			r.AddError(name, "must hold origins such as https://example.org only")
			return nil
		}
	}
	return origins
}
