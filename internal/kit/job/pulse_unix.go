//go:build unix

package job

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const pulseSuffix = ".lock"

// pulse shows the other processes of this machine that this one lives: a locked file, which the kernel unlocks when the
// process ends, however it ends.
type pulse struct{ file *os.File }

func newPulse(dir, holder string) (*pulse, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("show that this process lives: %w", err)
	}
	f, err := os.OpenFile(pulsePath(dir, holder), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("show that this process lives: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil { // sweep of another process may hold it for a moment
		_ = f.Close()
		return nil, fmt.Errorf("show that this process lives: %w", err)
	}
	return &pulse{file: f}, nil
}

func (p *pulse) stop() {
	_ = os.Remove(p.file.Name())
	_ = p.file.Close()
}

// dead tells whether a process of this machine that showed itself has ended. false also when nothing is known of it.
func dead(dir, holder string) bool {
	f, err := os.OpenFile(pulsePath(dir, holder), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// sweep forgets every process of this machine that has ended.
func sweep(dir, self string) {
	names, err := filepath.Glob(pulsePath(dir, "*"))
	if err != nil {
		return
	}
	for _, name := range names {
		holder := strings.TrimSuffix(filepath.Base(name), pulseSuffix)
		if holder != self && dead(dir, holder) {
			forget(dir, holder)
		}
	}
}

func forget(dir, holder string) { _ = os.Remove(pulsePath(dir, holder)) }

func pulsePath(dir, holder string) string {
	return filepath.Join(dir, filepath.Base(holder)+pulseSuffix)
}
