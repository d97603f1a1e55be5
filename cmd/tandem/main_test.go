package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// output is what a command writes, also while it runs.
type output struct {
	mu    sync.Mutex
	b     bytes.Buffer
	lines chan struct{}
}

func newOutput() *output { return &output{lines: make(chan struct{}, 1000)} }

// Write appends.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines <- struct{}{}
	return o.b.Write(p)
}

// String is everything written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await waits until the output matches and gives the first group.
func (o *output) await(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range o.lines {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
	}
	return ""
}

// house is an installation to run commands on.
type house struct {
	t    *testing.T
	args []string
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.PostgresURL(t) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{t: t, args: []string{"--data", t.TempDir()}}
			if at := url(); at != "" {
				h.args = append(h.args, "--database-url", at)
			}
			fn(t, h)
		})
	}
}

// run runs a command to its end.
func (h *house) run(stdin string, args ...string) (code int, out, errOut string) {
	h.t.Helper()
	o, e := newOutput(), newOutput()
	code = run(context.Background(), append(args, h.args...), streams{strings.NewReader(stdin), o, e})
	return code, o.String(), e.String()
}

// want runs a command that must succeed and gives its output.
func (h *house) want(args ...string) string {
	h.t.Helper()
	code, out, errOut := h.run("", args...)
	if code != 0 {
		h.t.Fatalf("%v: exit %d: %s", args, code, errOut)
	}
	return out
}

func TestHelpAndMistakes(t *testing.T) {
	t.Parallel()
	h := &house{t: t, args: nil}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"user", "create", "--help"}, {"backup", "--help"}} {
		if out := h.want(args...); !strings.Contains(out, "Usage: tandem") {
			t.Errorf("%v: %s", args, out)
		}
	}
	for _, args := range [][]string{{}, {"fly"}, {"serve", "--fly"}, {"token", "create"}, {"token", "create", "--name", "x", "--role", "owner"}, {"user", "create", "--email", "x"},
		{"serve", "--listen", "nowhere:x"}, {"version", "--config", filepath.Join(t.TempDir(), "missing.toml")}} {
		if code, _, errOut := h.run("", args...); code != 2 || errOut == "" {
			t.Errorf("%v: exit %d: %s", args, code, errOut)
		}
	}
	var v map[string]string
	if err := json.Unmarshal([]byte(h.want("version", "--json")), &v); err != nil || v["version"] == "" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestConfigurationFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "x.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{t: t}
	write("data = \"" + filepath.Join(folder, "there") + "\"\nlog_level = \"error\"\nsession-idle = \"1h\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\n")
	h.want("migrate", "--config", file)
	if _, err := os.Stat(filepath.Join(folder, "there", "tandem.db")); err != nil {
		t.Error(err)
	}
	h.want("migrate", "--config", file, "--data", filepath.Join(folder, "elsewhere")) // a flag goes before the file
	if _, err := os.Stat(filepath.Join(folder, "elsewhere", "tandem.db")); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"dta = 1", "data = ", "log_level = \"loud\"", "session_idle = \"soon\""} {
		write(wrong)
		if code, _, errOut := h.run("", "serve", "--config", file); code != 2 {
			t.Errorf("%s: exit %d: %s", wrong, code, errOut)
		}
	}
}

func TestPeopleAndTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		out := h.want("user", "create", "--name", "Ann", "--email", "ann@example.com")
		if !regexp.MustCompile(`(?s)^stf_\w{13} ann@example.com \(admin\)\nhttp://localhost:8000/set-password\?token=\S{22}\n$`).MatchString(out) {
			t.Errorf("%s", out)
		}
		if code, _, errOut := h.run("", "user", "create", "--name", "Ann", "--email", "ANN@example.com"); code != 1 || !strings.Contains(errOut, "email: Another staff user") {
			t.Errorf("exit %d: %s", code, errOut)
		}
		code, out, _ := h.run("a good long one\n", "user", "create", "--name", "Bob", "--email", "bob@example.com", "--role", "support", "--password-stdin", "--json")
		var bob map[string]string
		if err := json.Unmarshal([]byte(out), &bob); code != 0 || err != nil || bob["role"] != "support" || bob["password_link"] != "" {
			t.Errorf("exit %d: %s", code, out)
		}
		if code, _, _ := h.run("", "user", "create", "--name", "Carl", "--email", "c@example.com", "--password-stdin"); code != 2 {
			t.Errorf("exit %d without a password on standard input", code)
		}
		if list := h.want("user", "list"); strings.Count(list, "\n") != 2 {
			t.Errorf("%s", list)
		}
		if link := h.want("user", "link", "bob@example.com", "--public-url", "https://crm.example.net"); !strings.HasPrefix(link, "https://crm.example.net/set-password?token=") {
			t.Errorf("%s", link)
		}
		token := h.want("token", "create", "--role", "read_only", "--name", "ci", "--scope", "customer.read", "--expires", "1h")
		if !regexp.MustCompile(`^tdm_\S{43}\n$`).MatchString(token) {
			t.Errorf("%q is not a token alone", token)
		}
		if code, _, errOut := h.run("", "token", "create", "--role", "read_only", "--name", "ci", "--scope", "staff.write"); code != 1 {
			t.Errorf("exit %d: %s", code, errOut)
		}
	})
}

func TestBackupRestoreAndCheck(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.want("user", "create", "--name", "Ann", "--email", "ann@example.com")
		file := filepath.Join(t.TempDir(), "tandem.backup")
		if out := h.want("backup", file); !strings.Contains(out, "rows of") {
			t.Errorf("%s", out)
		}
		if code, _, errOut := h.run("", "backup", file); code != 1 || !strings.Contains(errOut, "--force") {
			t.Errorf("exit %d: %s", code, errOut)
		}
		var sum map[string]any
		if err := json.Unmarshal([]byte(h.want("backup", file, "--force", "--json")), &sum); err != nil || sum["rows"].(float64) < 3 {
			t.Errorf("%v, %v", sum, err)
		}
		to := &house{t: t, args: []string{"--data", t.TempDir()}}
		to.want("restore", file)
		if got, want := to.want("user", "list"), h.want("user", "list"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if out := to.want("check"); !strings.Contains(out, "OK      audit chain") {
			t.Errorf("%s", out)
		}
		d, err := db.Open(context.Background(), db.Config{Path: filepath.Join(to.args[1], "tandem.db")})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("DROP TRIGGER audit_entries_no_update")
			if err == nil {
				_, err = tx.Exec("UPDATE audit_entries SET message = 'nothing happened'")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := to.run("", "check"); code != 1 || !strings.Contains(out, "BROKEN  audit chain\n        the content of entry aud_") {
			t.Errorf("exit %d: %s", code, out)
		}
		code, out, _ := to.run("", "check", "--json")
		var results []struct {
			Name   string
			OK     bool
			Broken []string
		}
		if err := json.Unmarshal([]byte(out), &results); code != 1 || err != nil || results[0].OK || len(results[0].Broken) == 0 {
			t.Errorf("exit %d: %s", code, out)
		}
	})
}

// serving starts a command that serves, and gives its output and how to stop it.
func (h *house) serving(args ...string) (out *output, stop func() int) {
	ctx, cancel := context.WithCancel(context.Background())
	out = newOutput()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, append(args, h.args...), streams{strings.NewReader(""), out, io.Discard}) }()
	return out, func() int { cancel(); return <-ended }
}

func TestFirstServe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		out, stop := h.serving("serve", "--listen", "127.0.0.1:0")
		link := out.await(t, `(http://localhost:\d+/setup\?token=\S+)`)
		at, token, _ := strings.Cut(link, "/setup?token=")
		body := fmt.Sprintf(`{"token":%q,"name":"Ann","email":"ann@example.com","password":"a good long one"}`, token)
		res, err := http.Post(at+"/api/v1/setup", "application/json", strings.NewReader(body))
		if err != nil || res.StatusCode != 201 {
			t.Fatalf("%+v, %v", res, err)
		}
		_ = res.Body.Close()
		if code := stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
		out, stop = h.serving("serve", "--listen", "127.0.0.1:0")
		out.await(t, `(serves http)`)
		if strings.Contains(out.String(), "setup") {
			t.Errorf("%s", out.String())
		}
		if code := stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
	})
}

func TestABusyPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	h := &house{t: t, args: []string{"--data", t.TempDir(), "--listen", l.Addr().String()}}
	if code, _, errOut := h.run("", "serve"); code != 1 || !strings.Contains(errOut, "in use") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	out, stop := h.serving("demo", "--customers", "10")
	at := out.await(t, `demo: (http://localhost:\d+)`)
	if !strings.Contains(out.String(), "is in use; the demo takes") || strings.HasSuffix(at, fmt.Sprint(l.Addr().(*net.TCPAddr).Port)) {
		t.Errorf("%s", out.String())
	}
	res, err := http.Post(at+"/api/v1/session", "application/json", strings.NewReader(`{"email":"demo@example.com","password":"tandem-demo"}`))
	if err != nil || res.StatusCode != 201 {
		t.Fatalf("%+v, %v", res, err)
	}
	_ = res.Body.Close()
	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	left, _ := filepath.Glob(filepath.Join(h.args[1], "*"))
	if len(left) != 0 {
		t.Errorf("the demo touched the data folder: %v", left)
	}
}
