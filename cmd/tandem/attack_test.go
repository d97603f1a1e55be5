package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the configuration is told before anything is made or answered.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	h := &house{t: t, args: []string{"--data", folder}}
	for _, args := range [][]string{
		{"serve", "--trusted-proxies", "junk"}, {"serve", "--public-url", "ftp://x"}, {"serve", "--admin-email", "a@example.com"}, {"serve", "--session-idle=-1h"},
		{"serve", "--session-life=-1h"}, {"serve", "--workers=-3"}, {"serve", "--database-url", "mysql://x"}, {"check", "--database-url", "mysql://x"},
		{"token", "create", "--name", "x", "--role", "admin", "--expires=-1h"},
	} {
		code, out, errOut := h.run("", args...)
		if code != 2 || out != "" || !strings.HasPrefix(errOut, "tandem: ") {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the data folder was made")
	}
}

// A command that only reads does not make an empty installation where there is none, and then say that all is well.
func TestReadingWhereNothingIs(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "wrong")
	h := &house{t: t, args: []string{"--data", folder}}
	for _, args := range [][]string{{"check"}, {"user", "list"}, {"user", "link", "a@example.com"}, {"backup", filepath.Join(t.TempDir(), "x")}} {
		if code, out, errOut := h.run("", args...); code != 1 || out != "" || !strings.Contains(errOut, "there is no database in "+folder) {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was made")
	}
	h.want("migrate")
	if code, _, errOut := h.run("", "backup", folder, "--force"); code != 1 || !strings.Contains(errOut, "is a folder") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

type panics struct{}

// Write is broken.
func (panics) Write([]byte) (int, error) { panic("a fault of ours") }

// A fault of ours is no success.
func TestAPanicIsNotSwallowed(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a panic ended as if all were well")
		}
	}()
	_ = run(context.Background(), []string{"version"}, streams{strings.NewReader(""), panics{}, newOutput()})
}
