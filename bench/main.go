// Command bench runs the benchmarks one after the other: every one, or those named, with the flags of each.
//
//	go run ./bench [-n 100000] [-db sqlite|postgres|both] [-dir FOLDER] [lists] [imports] [exports]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

var all = []string{"lists", "imports", "exports"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var names, flags []string
	for i, arg := range args {
		value := i > 0 && strings.HasPrefix(args[i-1], "-") && !strings.Contains(args[i-1], "=")
		if strings.HasPrefix(arg, "-") || value {
			flags = append(flags, arg)
			continue
		}
		if !slices.Contains(all, arg) {
			return fmt.Errorf("there is no figure %q: %s", arg, strings.Join(all, ", "))
		}
		names = append(names, arg)
	}
	if len(names) == 0 {
		names = all
	}
	for _, name := range names {
		command := exec.Command("go", append([]string{"run", "./bench/" + name}, flags...)...)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
