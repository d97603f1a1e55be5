package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/internal/kit/db/pgtest"
)

// beTandem tells this test program to be tandem, for tests that kill the process.
const beTandem = "TANDEM_TEST_BE_TANDEM"

func TestMain(m *testing.M) {
	if os.Getenv(beTandem) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is tandem in a process of its own.
type process struct {
	cmd *exec.Cmd
	log *output // standard error
}

func (h *house) process(args ...string) *process {
	h.t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], append(append(args[:1:1], h.args...), args[1:]...)...), log: &output{lines: make(chan struct{}, 1<<20)}}
	p.cmd.Env = append(os.Environ(), beTandem+"=1", "TANDEM_LOG_LEVEL=warn", "GOMAXPROCS=2")
	p.cmd.Stderr = p.log
	h.t.Cleanup(func() {
		if p.cmd.Process != nil {
			_ = p.cmd.Process.Kill()
		}
	})
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()
}

// serve starts a server and gives where it answers.
func (h *house) serve() (p *process, at string) {
	h.t.Helper()
	p = h.process("serve", "--listen", "127.0.0.1:0")
	at, err := p.serves()
	if err != nil {
		h.t.Fatal(err)
	}
	return p, at
}

// serves starts the process and gives where it answers.
func (p *process) serves() (at string, err error) {
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := p.cmd.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if m := regexp.MustCompile(`serves (http://\S+)`).FindStringSubmatch(line); m != nil {
			go func() { _, _ = io.Copy(io.Discard, lines) }()
			return strings.Replace(m[1], "localhost", "127.0.0.1", 1), nil
		}
		if err != nil {
			return "", fmt.Errorf("the server says %q, %w: %s", line, err, p.log)
		}
	}
}

// caller speaks with the API.
type caller struct {
	t     testing.TB
	at    string
	token string
	kind  string
}

func (c *caller) try(method, path, key string, body []byte) (status int, answer map[string]any, err error) {
	r, err := http.NewRequest(method, c.at+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	if c.kind != "" {
		r.Header.Set("Content-Type", c.kind)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && len(text) > 0 && text[0] == '{' {
		err = json.Unmarshal(text, &answer)
	}
	return res.StatusCode, answer, err
}

func (c *caller) must(method, path string, body any) map[string]any {
	c.t.Helper()
	text, isText := body.([]byte)
	if !isText {
		text, _ = json.Marshal(body)
	}
	status, answer, err := c.try(method, path, "", text)
	if err != nil || status >= 300 {
		c.t.Fatalf("%s %s: %d %v, %v", method, path, status, answer, err)
	}
	return answer
}

// count is how many customers a filter finds.
func (c *caller) count(field, op, value string) int {
	c.t.Helper()
	filter := fmt.Sprintf(`{"field":%q,"op":%q,"value":%q}`, field, op, value)
	got := c.must("GET", "/customers?limit=1&total=exact&filter="+strings.NewReplacer("{", "%7B", "}", "%7D", `"`, "%22", " ", "%20").Replace(filter), nil)
	return int(got["total"].(float64))
}

// state is how far a job is.
func (c *caller) state(job string) (state string, done int) {
	c.t.Helper()
	j := c.must("GET", "/jobs/"+job, nil)
	return j["state"].(string), int(j["done"].(float64))
}

func kills() int {
	if os.Getenv("TANDEM_SOAK") == "1" {
		return 10
	}
	return 1
}

// killed is an installation whose server is killed while jobs run.
type killed struct {
	*house
	caller
	server *process
	struck int
}

// start starts the server anew.
func (k *killed) start() { k.server, k.caller.at = k.house.serve() }

// through kills the server again and again until a job has ended, and checks that it is done.
func (k *killed) through(job string, rows int) {
	k.house.t.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	left, next := kills(), 0
	for {
		state, done := k.state(job)
		switch {
		case state == "done":
			return
		case state == "failed" || state == "cancelled" || time.Now().After(deadline):
			k.house.t.Fatalf("the job is %s after %d rows: %s", state, done, k.server.log)
		case left > 0 && done >= next:
			k.server.kill()
			k.struck++
			left--
			next = done + rand.IntN(1+rows/(kills()+1))
			k.start()
		default:
			<-time.After(3 * time.Millisecond)
		}
	}
}

func (k *killed) wants(what string, want int, field, op, value string) {
	k.house.t.Helper()
	if got := k.count(field, op, value); got != want {
		k.house.t.Errorf("%s: %d customers, want %d", what, got, want)
	}
}

// Servers are killed in the middle of jobs; the next one goes on, and each row has been done exactly once.
func TestKilledServers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		rows := 300 * (3 + kills()) // three batches and more
		token := strings.TrimSpace(h.want("token", "create", "--name", "kill", "--role", "admin"))
		k := &killed{house: h, caller: caller{t: t, token: token}}
		k.start()
		start := func(path string, body any) string {
			t.Helper()
			return k.must("POST", path, body)["id"].(string)
		}
		k.through(start("/customers/bulk-create", map[string]any{"count": rows, "prefix": "K", "length": 10, "defaults": map[string]string{"province": "made"}}), rows)
		k.wants("mass create", rows, "province", "eq", "made")
		all := map[string]any{"field": "province", "op": "eq", "value": "made"}
		update := start("/customers/bulk-update", map[string]any{"filter": all, "changes": []any{map[string]any{"field": "city", "op": "set", "value": "Oslo"}}})
		k.through(update, rows)
		k.wants("bulk update", rows, "city", "eq", "Oslo")
		k.through(start("/jobs/"+update+"/undo", nil), rows)
		k.wants("bulk undo", 0, "city", "eq", "Oslo")
		imported := k.upload(rows)
		k.through(start("/imports/"+imported+"/run", nil), rows)
		k.wants("import", rows, "province", "eq", "imported")
		k.through(start("/imports/"+imported+"/undo", nil), rows)
		k.wants("import undo", 0, "province", "eq", "imported")
		k.through(start("/customers/bulk-delete", map[string]any{"filter": all}), rows)
		k.exports()
		k.server.kill()
		if out := h.want("check"); strings.Contains(out, "BROKEN") {
			t.Error(out)
		}
		t.Logf("%d servers killed", k.struck)
	})
}

// upload brings a file of so many right rows.
func (k *killed) upload(rows int) string {
	k.house.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, _ := w.CreateFormFile("file", "k.csv")
	fmt.Fprint(part, "Reference,Name,Province\n")
	for i := range rows {
		fmt.Fprintf(part, "I%06d,Ina %d,imported\n", i, i)
	}
	_ = w.Close()
	c := k.caller
	c.kind = w.FormDataContentType()
	return c.must("POST", "/imports", body.Bytes())["id"].(string)
}

// exports kills the server while it sends an export: the reader is told that it is not whole.
func (k *killed) exports() {
	k.house.t.Helper()
	r, _ := http.NewRequest("GET", k.at+"/api/v1/customers/export?format=csv", nil)
	r.Header.Set("Authorization", "Bearer "+k.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 {
		k.house.t.Fatalf("%+v, %v", res, err)
	}
	k.server.kill()
	k.struck++
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	k.start()
}

// Commands that write everything at once are killed at any moment: what they leave is whole or not there.
func TestKilledCommands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.want("token", "create", "--name", "kill", "--role", "admin")
		if code, _, errOut := h.run("", "import", "customers", "../../testdata/customers/paragon-customers.tsv", "--yes", "--errors", filepath.Join(t.TempDir(), "e.csv")); code != 3 {
			t.Fatalf("exit %d: %s", code, errOut)
		}
		whole := filepath.Join(t.TempDir(), "whole")
		want := h.want("backup", whole)
		struck := 0
		after := func(limit time.Duration, h *house, args ...string) (ended bool) {
			p := h.process(args...)
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(rand.N(limit), func() { _ = p.cmd.Process.Kill() })
			err := p.cmd.Wait()
			timer.Stop()
			if err != nil && !strings.Contains(err.Error(), "killed") {
				t.Fatalf("%v: %v: %s", args, err, p.log)
			}
			if err != nil {
				struck++
			}
			return err == nil
		}
		for i := range 2 * kills() {
			file := filepath.Join(t.TempDir(), fmt.Sprint("b", i))
			ended := after(300*time.Millisecond, h, "backup", file)
			if _, err := os.Stat(file); err != nil {
				if ended {
					t.Error("a backup ended well and left no file")
				}
				continue
			}
			to := emptyHouse(t, h)
			if out := to.want("restore", file); strings.SplitN(out, " ", 2)[0] != strings.SplitN(want, " ", 2)[0] {
				t.Errorf("%s, want %s", out, want)
			}
		}
		for range 2 * kills() {
			to := emptyHouse(t, h)
			if !after(700*time.Millisecond, to, "restore", whole) {
				if code, _, errOut := to.run("", "restore", whole); code != 0 && !strings.Contains(errOut, "has rows") {
					t.Errorf("restored again: exit %d: %s", code, errOut)
				}
			}
			to.want("check")
			if got, want := to.want("user", "list"), h.want("user", "list"); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		for range 2 * kills() {
			to := emptyHouse(t, h)
			after(500*time.Millisecond, to, "migrate")
			to.want("migrate")
			to.want("check")
		}
		t.Logf("%d commands killed", struck)
	})
}

// emptyHouse is another installation on the same kind of database, without tables.
func emptyHouse(t *testing.T, h *house) *house {
	t.Helper()
	to := &house{t: t, args: []string{"--data", t.TempDir()}}
	if len(h.args) > 2 {
		to.args = append(to.args, "--database-url", pgtest.Database(t, ""))
	}
	return to
}

// Three nodes start at once on an empty PostgreSQL: one makes the tables and the first admin, all serve.
func TestThreeNodesStartAtOnce(t *testing.T) {
	t.Parallel()
	for range kills() {
		url := pgtest.Database(t, "")
		type node struct {
			at  string
			err error
		}
		started := make(chan node, 3)
		h := &house{t: t, args: []string{"--data", t.TempDir(), "--database-url", url}}
		for range 3 {
			p := h.process("serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
			p.cmd.Env = append(p.cmd.Env, "TANDEM_ADMIN_EMAIL=ann@example.com", "TANDEM_ADMIN_PASSWORD=a long enough one")
			go func() {
				at, err := p.serves()
				started <- node{at, err}
			}()
		}
		for range 3 {
			n := <-started
			if n.err != nil {
				t.Fatal(n.err)
			}
			for path, status := range map[string]int{"/readyz": 200, "/api/v1/setup": 200, "/": 200} {
				if res, err := http.Get(n.at + path); err != nil || res.StatusCode != status {
					t.Errorf("%s%s: %+v, %v", n.at, path, res, err)
				}
			}
			res, err := http.Post(n.at+"/api/v1/session", "application/json", strings.NewReader(`{"email":"ann@example.com","password":"a long enough one"}`))
			if err != nil || res.StatusCode != 201 {
				t.Errorf("%+v, %v", res, err)
			}
		}
		if out := h.want("user", "list"); strings.Count(out, "\n") != 1 {
			t.Errorf("%s", out)
		}
		if out := h.want("migrate"); !strings.Contains(out, "up to date") {
			t.Error(out)
		}
	}
}

// PostgreSQL goes away and comes back while people write and a job runs: the server recovers by itself, and nothing is
// lost or doubled.
func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("/tmp", "tandem-restart-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	folder = filepath.Join(folder, "pg")
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	cluster, err := pgtest.StartKept(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Stop() })
	h := &house{t: t, args: []string{"--data", t.TempDir(), "--database-url", cluster.URL}}
	token := strings.TrimSpace(h.want("token", "create", "--name", "x", "--role", "admin"))
	p, at := h.serve()
	c := &caller{t: t, at: at, token: token}
	rows := 4000
	job := c.must("POST", "/customers/bulk-create", map[string]any{"count": rows, "prefix": "R", "length": 9, "defaults": map[string]string{"province": "made"}})["id"].(string)
	done := make(chan int)
	go func() { done <- c.writes(200) }()
	for range kills() {
		if err := cluster.Stop(); err != nil {
			t.Fatal(err)
		}
		if res, err := http.Get(at + "/readyz"); err != nil || res.StatusCode != 503 {
			t.Errorf("/readyz: %+v, %v", res, err)
		}
		if cluster, err = pgtest.StartKept(context.Background(), folder); err != nil {
			t.Fatal(err)
		}
	}
	refused := <-done
	for deadline := time.Now().Add(2 * time.Minute); ; <-time.After(20 * time.Millisecond) {
		state, n := c.state(job)
		if state == "done" {
			break
		}
		if state == "failed" || time.Now().After(deadline) {
			t.Fatalf("the job is %s after %d rows: %s", state, n, p.log)
		}
	}
	for what, want := range map[string]int{"made": rows, "written": 200} {
		if got := c.count("province", "eq", what); got != want {
			t.Errorf("%s: %d customers, want %d", what, got, want)
		}
	}
	p.kill()
	if out := h.want("check"); strings.Contains(out, "BROKEN") {
		t.Error(out)
	}
	t.Logf("%d requests were refused meanwhile", refused)
}

// writes creates so many customers, each with a key of its own, sent until it is known to be there; it tells how often
// it was refused.
func (c *caller) writes(n int) (refused int) {
	deadline := time.Now().Add(3 * time.Minute)
	for i := range n {
		body := fmt.Appendf(nil, `{"name":"W%d","reference":"W%d","province":"written"}`, i, i)
		for {
			status, answer, err := c.try("POST", "/customers", fmt.Sprint("w", i), body)
			if err == nil && (status == 201 || answer["code"] == "idempotency_answer_lost") {
				break
			}
			refused++
			if err != nil || (status != 503 && status != 409) || time.Now().After(deadline) {
				c.t.Errorf("customer %d: %d %v, %v", i, status, answer, err)
				return refused
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	return refused
}
