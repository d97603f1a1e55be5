package main

import (
	"context"
	"fmt"
	"runtime"

	"tandem/internal/app"
	"tandem/internal/kit/archive"
	"tandem/internal/kit/check"
)

type migrateCmd struct{}

// Run migrates.
func (*migrateCmd) Run(ctx context.Context, std streams, g *globals) error {
	n, err := app.Migrate(ctx, g.config(std))
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(std.out, map[string]int{"applied": n})
	}
	if n == 0 {
		fmt.Fprintln(std.out, "The tables are up to date.")
		return nil
	}
	fmt.Fprintf(std.out, "%d migrations applied.\n", n)
	return nil
}

type backupCmd struct {
	File  string `arg:"" help:"File to write." type:"path"`
	Force bool   `help:"Replace the file when there is one."`
}

// Run writes the backup.
func (cmd *backupCmd) Run(ctx context.Context, std streams, g *globals) error {
	sum, err := app.Backup(ctx, g.config(std), cmd.File, cmd.Force)
	if err != nil {
		return err
	}
	return printSummary(std, g, "written to "+cmd.File, sum)
}

type restoreCmd struct {
	File string `arg:"" help:"File that tandem backup wrote." type:"path"`
}

// Run reads the backup.
func (cmd *restoreCmd) Run(ctx context.Context, std streams, g *globals) error {
	sum, err := app.Restore(ctx, g.config(std), cmd.File)
	if err != nil {
		return err
	}
	return printSummary(std, g, "read from "+cmd.File, sum)
}

func printSummary(std streams, g *globals, what string, sum archive.Summary) error {
	if g.JSON {
		return printJSON(std.out, sum)
	}
	fmt.Fprintf(std.out, "%d rows of %d tables %s\nsha256 %s\n", sum.Rows, sum.Tables, what, sum.SHA256)
	return nil
}

type checkCmd struct{}

// Run checks.
func (*checkCmd) Run(ctx context.Context, std streams, g *globals) error {
	return withPresent(ctx, std, g, func(ctx context.Context, a *app.App) error {
		results := []check.Result{}
		broken := false
		err := check.All(ctx, a.DB, a.Checks(), func(r check.Result) {
			results = append(results, r)
			broken = broken || !r.OK
			if !g.JSON {
				printResult(std, r)
			}
		})
		if err != nil {
			return err
		}
		if g.JSON {
			if err := printJSON(std.out, results); err != nil {
				return err
			}
		}
		if broken {
			return silent{}
		}
		return nil
	})
}

func printResult(std streams, r check.Result) {
	if r.OK {
		fmt.Fprintf(std.out, "OK      %s\n", r.Name)
		return
	}
	fmt.Fprintf(std.out, "BROKEN  %s\n", r.Name)
	for _, b := range r.Broken {
		fmt.Fprintf(std.out, "        %s\n", b)
	}
}

type versionCmd struct{}

// Run prints the version.
func (*versionCmd) Run(std streams, g *globals) error {
	if g.JSON {
		return printJSON(std.out, map[string]string{"version": version, "go": runtime.Version()})
	}
	fmt.Fprintf(std.out, "tandem %s (%s)\n", version, runtime.Version())
	return nil
}
