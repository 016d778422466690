package settings

import (
	"slices"
	"strings"
	"testing"
)

func environment(values map[string]string) Lookup {
	return func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	}
}

func TestAllErrorsAreNamedAtOnceWithoutValues(t *testing.T) {
	env := New(environment(map[string]string{"EMPTY": "", "NUMBER": "canary-1", "BIG": "5000", "SITE": "canary-2", "MODE": "canary-3", "MODES": "a,canary-4"}))
	env.Text("ABSENT")
	env.Text("EMPTY")
	env.Present("ALSO_ABSENT")
	env.Int("NUMBER", 1, 10)
	env.OptionalInt("BIG", 1, 1, 10)
	env.WebURL("SITE")
	env.OneOf("MODE", "", "a", "b")
	env.AnyOf("MODES", "a", "b")
	text := env.Err().Error()
	for _, want := range []string{
		"8 error(s)", "ABSENT is missing", "EMPTY is empty", "ALSO_ABSENT is missing", "NUMBER must be a whole number from 1 to 10",
		"BIG must be a whole number from 1 to 10", "SITE must be an absolute http:// or https:// address", "MODE must be one of a, b",
		"MODES must be some of a, b",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if strings.Contains(text, "canary") || strings.Contains(text, "5000") {
		t.Errorf("a value is in %q", text)
	}
}

func TestGoodValues(t *testing.T) {
	env := New(environment(map[string]string{"TEXT": "x", "OFF": "", "NUMBER": "10", "SITE": "https://api.example.org/v1", "WAIT": "0", "MODES": "a,c"}))
	if env.Text("TEXT") != "x" || env.Present("OFF") != "" || env.Int("NUMBER", 1, 10) != 10 ||
		env.WebURL("SITE") == "" || env.Seconds("WAIT", 5) != 0 || env.Seconds("ABSENT", 5).Seconds() != 5 ||
		env.Optional("OFF", "fallback") != "fallback" || env.OneOf("ABSENT", "first", "second") != "first" ||
		env.AnyOf("ABSENT", "a") != nil || !slices.Equal(env.AnyOf("MODES", "a", "b", "c"), []string{"a", "c"}) {
		t.Error("a good value was read wrongly")
	}
	if err := env.Err(); err != nil {
		t.Error(err)
	}
}

func TestOrigins(t *testing.T) {
	three := []string{"https://a.example", "https://b.example", "http://localhost:3000"}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"comma-separated":     {"https://a.example,https://b.example,http://localhost:3000", three},
		"with spaces":         {" https://a.example , https://b.example/ ,http://localhost:3000 ", three},
		"JSON array":          {`["https://a.example", "https://b.example","http://localhost:3000"]`, three},
		"one":                 {"https://a.example", three[:1]},
		"empty JSON array":    {"[]", []string{}},
		"broken JSON":         {`["https://a.example"`, nil},
		"JSON of numbers":     {"[1]", nil},
		"no scheme":           {"a.example", nil},
		"other scheme":        {"ftp://a.example", nil},
		"with a path":         {"https://a.example/path", nil},
		"with a query":        {"https://a.example?x", nil},
		"with a user":         {"https://u@a.example", nil},
		"an empty part":       {"https://a.example,,https://b.example", nil},
		"star is no origin":   {"*", nil},
		"empty":               {"", nil},
		"semicolon-separated": {"https://a.example;https://b.example/x", nil},
	} {
		env := New(environment(map[string]string{"CORS_ORIGINS": c.text}))
		got := env.Origins("CORS_ORIGINS")
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if refused := env.Err() != nil; refused != (c.want == nil) {
			t.Errorf("%s: refused is %v", name, refused)
		}
	}
}
