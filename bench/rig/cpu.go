package rig

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPU is how much processor time this process and the database's server have had. Unlike the time by the clock it does
// not grow with what else the machine does.
func (s *Server) CPU() (time.Duration, error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0, err
	}
	own := time.Duration(use.Utime.Nano() + use.Stime.Nano())
	server, err := s.ServerCPU()
	return own + server, err
}

// ServerCPU is the processor time of all processes of PostgreSQL, ended ones included; 0 on SQLite.
func (s *Server) ServerCPU() (time.Duration, error) {
	if s.cluster == nil {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "pg", "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	var ticks int64
	for _, folder := range folders {
		pid := filepath.Base(folder)
		fields, err := stat(folder)
		if err != nil {
			continue // it ended
		}
		if pid == first {
			ticks += fields[11] + fields[12] + fields[13] + fields[14] // its own, and its ended children's
		} else if strconv.FormatInt(fields[1], 10) == first {
			ticks += fields[11] + fields[12]
		}
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	return time.Duration(ticks) * tick, nil
}

// stat is the numbers behind the name in /proc/PID/stat: the first is the state, given as 0, the second the parent.
func stat(folder string) ([]int64, error) {
	text, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return nil, err
	}
	_, rest, ok := strings.Cut(string(text), ") ")
	if !ok {
		return nil, fmt.Errorf("%s/stat has no name", folder)
	}
	var out []int64
	for _, f := range strings.Fields(rest) {
		n, _ := strconv.ParseInt(f, 10, 64) // the state is a letter
		out = append(out, n)
	}
	if len(out) < 15 {
		return nil, fmt.Errorf("%s/stat is short", folder)
	}
	return out, nil
}

// ProcessCPU is the processor time of another process.
func ProcessCPU(pid int) (time.Duration, error) {
	fields, err := stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return 0, err
	}
	return time.Duration(fields[11]+fields[12]) * 10 * time.Millisecond, nil
}
