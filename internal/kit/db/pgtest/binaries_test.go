package pgtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissingServerIsAnErrorThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := newestServer([]string{t.TempDir()})
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Fatalf("error %v", err)
	}
}

// Not parallel: a program written while another test forks is "text file busy".
func TestNewestServerWinsAndOldOnesAreRefused(t *testing.T) {
	root, err := os.MkdirTemp("/tmp", "tandem-servers-") // t.TempDir is closed to the server's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	folders := map[string]string{}
	for _, version := range []string{"9.6.24", "14.9", "15.4 (Debian 15.4-1)", "16devel", "17.0", "nonsense"} {
		folder := filepath.Join(root, strings.Fields(version)[0])
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
			script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
			if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		folders[version] = folder
	}
	all := []string{folders["9.6.24"], folders["15.4 (Debian 15.4-1)"], folders["17.0"], folders["16devel"], folders["nonsense"]}
	if got, err := newestServer(all); err != nil || got != folders["17.0"] {
		t.Errorf("newest: %s, %v", got, err)
	}
	if got, err := newestServer([]string{folders["14.9"], folders["9.6.24"]}); !errors.Is(err, ErrMissing) {
		t.Errorf("old servers: %s, %v", got, err)
	}
}
