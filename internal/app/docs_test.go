package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/session"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestExamplesOfTheGuidesWork sends every curl command of the guides to a real server. Bash itself takes the commands
// apart, so that quoting is read as a reader's shell reads it; curl need not be installed.
func TestExamplesOfTheGuidesWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a := open(t, c)
		defer func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}()
		_, word, err := a.Sessions.CreateToken(app.CommandLine(t.Context()), session.TokenInput{Name: "guide", Role: access.RoleAdmin}) // $TOKEN and $ADMIN
		if err != nil {
			t.Fatal(err)
		}
		somebody, err := a.Customers.Create(app.CommandLine(t.Context()), customer.Draft{Name: "Guide", Country: "NO"})
		if err != nil {
			t.Fatal(err)
		}
		server, _, err := a.Server("")
		if err != nil {
			t.Fatal(err)
		}
		ts := httptest.NewServer(server.HTTPServer().Handler)
		defer ts.Close()
		examples := 0
		for _, file := range []string{"../../README.md", "../../docs/integrators.md"} {
			for _, args := range curls(t, file, "TOKEN="+word, "ADMIN="+word, "CUSTOMER="+somebody.CustomerID) {
				examples++
				run(t, ts, args)
			}
		}
		if examples < 4 {
			t.Errorf("only %d examples were found", examples)
		}
	})
}

// curls gives the arguments of each curl command in the file's shell blocks.
func curls(t *testing.T, file string, variables ...string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		if !strings.HasPrefix(block[1], "curl ") {
			continue
		}
		script := "curl() { printf '%s\\0' \"$@\"; printf '\\0'; }\n" + block[1]
		cmd := exec.CommandContext(t.Context(), "bash", "-eu", "-c", script)
		cmd.Env = append(os.Environ(), variables...)
		words, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v in %s", file, err, block[1])
		}
		for _, command := range strings.Split(strings.TrimSuffix(string(words), "\x00\x00"), "\x00\x00") {
			out = append(out, strings.Split(command, "\x00"))
		}
	}
	return out
}

// run does what curl would with those arguments.
func run(t *testing.T, ts *httptest.Server, args []string) {
	t.Helper()
	method, body, target, get := "GET", "", "", false
	headers, query := http.Header{}, url.Values{}
	for i := 0; i < len(args); i++ {
		value := func() string { i++; return args[i] }
		switch args[i] {
		case "-s":
		case "-G":
			get = true
		case "-X":
			method = value()
		case "-o":
			value()
		case "-d":
			body = value()
		case "-H":
			name, text, _ := strings.Cut(value(), ": ")
			headers.Set(name, text)
		case "--data-urlencode":
			name, text, _ := strings.Cut(value(), "=")
			query.Set(name, text)
		default:
			target = args[i]
		}
	}
	target = strings.Replace(target, "http://localhost:8000", ts.URL, 1)
	if get {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = headers
	res, err := ts.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Errorf("%q answers %d %s, %v", args, res.StatusCode, answer, err)
	}
}
