package main

import (
	"context"
	"errors"
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

type fullDisk struct{}

// Write has no room.
func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// What cannot be told is no success: the token would be lost.
func TestAnOutputThatIsLost(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, args := range [][]string{{"version"}, {"migrate"}, {"user", "create", "--name", "A", "--email", "a@example.com"}, {"token", "create", "--name", "x", "--role", "admin"}, {"check"}} {
		told := newOutput()
		if code := run(context.Background(), append(args, "--data", data), streams{strings.NewReader(""), fullDisk{}, told}); code != 1 || !strings.Contains(told.String(), "no space left") {
			t.Errorf("%v: exit %d: %s", args, code, told)
		}
	}
}

// Nobody else on the machine reads the database, whoever made its folder.
func TestTheDatabaseIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, args: []string{"--data", data}}
	out, stop := h.serving("serve", "--listen", "127.0.0.1:0")
	out.await(t, `(serves http)`)
	defer stop()
	files, _ := filepath.Glob(filepath.Join(data, "*"))
	if len(files) < 4 {
		t.Errorf("%v", files)
	}
	for _, f := range files {
		if at, err := os.Stat(f); err != nil || at.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", f, at.Mode(), err)
		}
	}
}
