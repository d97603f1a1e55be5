package webhook_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// The variables by which this test program is told to be a node, for the test that kills one.
const (
	nodeURL  = "TANDEM_TEST_NODE_URL"
	nodePath = "TANDEM_TEST_NODE_PATH"
	nodeTime = "TANDEM_TEST_NODE_TIME"
)

func TestMain(m *testing.M) {
	if at := os.Getenv(nodeTime); at != "" {
		fmt.Fprintln(os.Stderr, serve(at))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serve is a node that tells webhooks until it is killed.
func serve(at string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: os.Getenv(nodeURL), Path: os.Getenv(nodePath), Readers: 4, Writers: 4})
	if err != nil {
		return err
	}
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return err
	}
	h, err := build(d, clock.NewManual(clock.Time(micros)))
	if err != nil {
		return err
	}
	go h.box.Run(ctx, slog.New(slog.DiscardHandler))
	h.Run(ctx)
	return nil
}

// A node is killed again and again after a receiver took a message and before the node could note it. Nothing is lost;
// what comes twice is the same under the same ID; and of one row nothing is overtaken.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url, path := "", ""
			var d *db.DB
			if kind == "postgres" {
				url = dbtest.PostgresURL(t)
				var err error
				if d, err = db.Open(t.Context(), db.Config{URL: url, Readers: 2, Writers: 2}); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = d.Close() })
			} else {
				d = dbtest.SQLite(t)
				path = d.Path()
			}
			c := manual()
			h, r := newHouse(t, d, c), newReceiver(t)
			h.make(r.URL, "*")
			const rows, changes, kills = 10, 4, 6
			for range changes {
				for row := range int64(rows) {
					h.change(audit.ActionUpdate, row+1)
				}
			}
			for kill := 1; kill <= kills; kill++ {
				killOne(t, r, url, path, c.Now(), kill*5)
				c.Advance(3 * time.Minute) // its leases end
			}
			h.work()
			wantAll(t, r.messages(), rows*changes)
		})
	}
}

// killOne starts a node and kills it when the receiver has so many messages, before the last of them is answered.
func killOne(t *testing.T, r *receiver, url, path string, at time.Time, messages int) {
	t.Helper()
	came, dead := make(chan bool), make(chan bool)
	var once sync.Once
	before := len(r.messages())
	r.answers(func(message, int) int {
		if len(r.messages()) >= max(messages, before+1) {
			once.Do(func() { close(came) })
			<-dead
		}
		return http.StatusOK
	})
	node := exec.Command(os.Args[0])
	node.Env = append(os.Environ(), nodeURL+"="+url, nodePath+"="+path, fmt.Sprintf("%s=%d", nodeTime, clock.Micros(at)))
	node.Stderr = os.Stderr
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Process.Kill() })
	select {
	case <-came:
	case <-dbtest.TooLate(t):
		t.Errorf("the node sent %d messages", len(r.messages()))
	}
	if err := node.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = node.Wait() // it says that it was killed
	close(dead)
	r.answers(func(message, int) int { return http.StatusOK })
}

func wantAll(t *testing.T, got []message, events int) {
	t.Helper()
	bodies, last := map[string]string{}, map[string]string{}
	for _, m := range got {
		if known, twice := bodies[m.id]; twice && known != m.body {
			t.Errorf("%s came with another body", m.id)
		}
		bodies[m.id] = m.body
		row := m.body[len(m.body)-len(`{"n":10}}`):]
		if m.id < last[row] {
			t.Errorf("%s came after %s", m.id, last[row])
		}
		last[row] = m.id
	}
	if len(bodies) != events {
		t.Errorf("%d events of %d arrived", len(bodies), events)
	}
	if len(got) == len(bodies) {
		t.Error("nothing came twice: no node was killed between sending and noting")
	}
	t.Logf("%d messages for %d events", len(got), events)
}
