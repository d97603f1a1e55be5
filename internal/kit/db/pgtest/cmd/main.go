// Command pgtest starts the throw-away PostgreSQL that the tests share.
//
//	pgtest run -- go test ./...   runs a command with TANDEM_TEST_PG_URL set, then removes the cluster
//	pgtest start                  prints the URL and keeps the cluster until Ctrl-C or the end of its input
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"tandem/internal/kit/db/pgtest"
)

const usage = "usage: pgtest run -- COMMAND [ARGUMENT...] | pgtest start"

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	var command []string
	switch {
	case len(args) == 1 && args[0] == "start":
	case len(args) > 2 && args[0] == "run" && args[1] == "--":
		command = args[2:]
	default:
		return 2, errors.New(usage)
	}
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt, syscall.SIGTERM)

	cluster, err := pgtest.Start(context.Background())
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := cluster.Stop(); stopErr != nil {
			code, err = 1, errors.Join(err, stopErr)
		}
	}()
	if command == nil {
		fmt.Printf("export %s='%s'\n", pgtest.URLVariable, cluster.URL)
		ended := make(chan struct{})
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(ended) }()
		select {
		case <-interrupt:
		case <-ended:
		}
		return 0, nil
	}
	return runCommand(command, cluster.URL, interrupt)
}

// runCommand runs the command to its end and returns its exit code. A signal
// is passed on, so that the cluster outlives the tests that use it.
func runCommand(command []string, address string, interrupt <-chan os.Signal) (int, error) {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.Env = append(os.Environ(), pgtest.URLVariable+"="+address)
	if err := child.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case received := <-interrupt:
			_ = child.Process.Signal(received)
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return max(exit.ExitCode(), 1), nil // the command has said itself what was wrong
			}
			if err != nil {
				return 1, err
			}
			return 0, nil
		}
	}
}
