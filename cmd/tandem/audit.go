package main

import (
	"context"
	"errors"
	"fmt"

	"tandem/internal/app"
)

type auditCmd struct {
	Head   auditHeadCmd   `cmd:"" help:"Write how far the audit reaches to a small file. Keep it elsewhere."`
	Export auditExportCmd `cmd:"" help:"Write every sealed entry with its proof to a file."`
	Verify auditVerifyCmd `cmd:"" help:"Prove the audit from a file of head or export: exit 1 when something was changed, removed or put in since."`
}

type auditHeadCmd struct {
	File  string `arg:"" help:"File to write." type:"path"`
	Force bool   `help:"Replace the file when there is one."`
}

// Run writes the head.
func (cmd *auditHeadCmd) Run(ctx context.Context, std streams, g *globals) error {
	return withPresent(ctx, std, g, func(ctx context.Context, a *app.App) error {
		h, err := a.AuditHead(ctx, cmd.File, cmd.Force)
		return printProof(std, g, "The head of", cmd.File, h, err)
	})
}

type auditExportCmd struct {
	File  string `arg:"" help:"File to write." type:"path"`
	Force bool   `help:"Replace the file when there is one."`
}

// Run writes the log with its proof.
func (cmd *auditExportCmd) Run(ctx context.Context, std streams, g *globals) error {
	return withPresent(ctx, std, g, func(ctx context.Context, a *app.App) error {
		h, err := a.AuditExport(ctx, cmd.File, cmd.Force)
		return printProof(std, g, "The log with", cmd.File, h, err)
	})
}

func printProof(std streams, g *globals, what, file string, h app.AuditHead, err error) error {
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(std.out, h)
	}
	fmt.Fprintf(std.out, "%s %d sealed entries was written to %s\n", what, h.Entries, file)
	return nil
}

type auditVerifyCmd struct {
	File    string `arg:"" help:"File that tandem audit head or export wrote, or that the console gave." type:"existingfile"`
	Offline bool   `help:"Check the file alone, not the database against it. The secret key is needed all the same."`
}

// Run proves the audit.
func (cmd *auditVerifyCmd) Run(ctx context.Context, std streams, g *globals) error {
	check := func(ctx context.Context, a *app.App) error {
		found, err := a.AuditVerify(ctx, cmd.File, cmd.Offline)
		if err != nil {
			return err
		}
		if g.JSON {
			err = printJSON(std.out, found)
		} else {
			for _, r := range found.Results {
				printResult(std, r)
			}
			if found.Note != "" {
				fmt.Fprintln(std.out, "        "+found.Note)
			}
		}
		if err == nil && !found.OK() {
			return silent{}
		}
		return err
	}
	if cmd.Offline {
		a, err := app.KeyOnly(g.config(std))
		if err != nil {
			return err
		}
		return check(ctx, a)
	}
	err := withPresent(ctx, std, g, check)
	if errors.Is(err, app.ErrNoProof) {
		return usageError{err}
	}
	return err
}
