// Command gotest runs `go test` and tells it shortly: a line per package, the
// whole output of what failed, and how many tests passed and failed.
// A skipped test counts as failed, because it says nothing.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a package that does not build
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// report gathers what the events say.
type report struct {
	out                     io.Writer
	passed, failed, skipped int
	output                  map[string]*strings.Builder // by package and test
	took                    []event                     // what passed, parts of tests too: a test of parallel parts takes no time of its own
}

func main() {
	// make check vets, every package at once.
	command := exec.Command("go", append([]string{"test", "-json", "-vet=off"}, arguments(os.Args[1:])...)...)
	command.Stderr = os.Stderr
	lines, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1)
	}
	found := &report{out: os.Stdout, output: map[string]*strings.Builder{}}
	readErr := found.read(lines)
	err = errors.Join(readErr, command.Wait())
	found.slowest(os.Stdout)
	fmt.Printf("Go tests: %d passed, %d failed\n", found.passed, found.failed+found.skipped)
	if err != nil || found.failed+found.skipped > 0 {
		os.Exit(1)
	}
}

// arguments leaves SQLite's engine, C in the clothes of Go, out of what the race detector watches: it finds nothing
// there that is ours, and makes the tests four times as slow. That package alone: of a generic function which two packages
// have, the linker takes one, and the detector would miss what it synchronizes.
func arguments(given []string) []string {
	if slices.Contains(given, "-race") {
		return append([]string{"-gcflags=modernc.org/sqlite/lib=-race=false"}, given...)
	}
	return given
}

func (r *report) read(lines io.Reader) error {
	scanner := bufio.NewReader(lines)
	for {
		line, err := scanner.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(r.out, "%s", line) // not an event: what go itself prints
			} else {
				r.take(e)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
			r.took = append(r.took, e)
		} else {
			fmt.Fprintf(r.out, "ok    %-50s %6.1f s\n", e.Package, e.Elapsed)
		}
		delete(r.output, key)
	case "skip":
		if e.Test != "" { // a package without tests is skipped as well, and is nothing to tell
			r.skipped++
			fmt.Fprintf(r.out, "SKIP  %s %s (a skipped test counts as failed)\n", e.Package, e.Test)
		}
		delete(r.output, key)
	case "fail":
		if e.Test != "" {
			r.failed++
		} else {
			fmt.Fprintf(r.out, "FAIL  %-50s %6.1f s\n", e.Package, e.Elapsed)
		}
		if said := r.output[key]; said != nil {
			fmt.Fprint(r.out, said.String())
		}
		delete(r.output, key)
	}
}

// slowest names the tests that a run waits for, when there are any worth a thought.
func (r *report) slowest(out io.Writer) {
	const shown, fromSeconds = 12, 10
	slices.SortFunc(r.took, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	for i, e := range r.took {
		if i == shown || e.Elapsed < fromSeconds {
			return
		}
		fmt.Fprintf(out, "slow  %-50s %6.1f s  %s\n", e.Package, e.Elapsed, e.Test)
	}
}
