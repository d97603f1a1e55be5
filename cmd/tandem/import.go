package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"

	"tandem/internal/app"
)

// someWrong is the exit code of an import that ended well, but for rows that are wrong.
const someWrong exit = 3

type importCmd struct {
	Customers importCustomersCmd `cmd:"" help:"Import customers from a CSV or XLSX file. Exit codes: 0 every row is right; 3 some rows are wrong, the others are in; 1 refused or failed; 2 wrong command line."`
}

type importCustomersCmd struct {
	File      string            `arg:"" help:"CSV or XLSX file." type:"path"`
	Mode      string            `help:"create, update or upsert." enum:"create,update,upsert" default:"create"`
	Match     []string          `help:"Keys by which rows find their customers, in this order: reference, customer_id, email." placeholder:"KEY,..."`
	Preset    string            `help:"System the file comes from, when it is not recognised: astpp, magoware, newfies, connexcs, paragon, tandem." placeholder:"NAME"`
	Map       map[string]string `help:"What a column becomes, by its name or its number from 1: --map 'Client=name;3=city'. An empty field leaves it out." placeholder:"COLUMN=FIELD;..."`
	Set       map[string]string `help:"Value of new customers where the row has none: --set 'billing_type=postpaid;country=NO'." placeholder:"FIELD=VALUE;..."`
	Encoding  string            `help:"utf-8, windows-1252, utf-16le or utf-16be, when it is not recognised." placeholder:"NAME"`
	Separator string            `help:"One character, or tab, when it is not recognised." placeholder:"CHAR"`
	NoHeader  bool              `help:"The first row is a customer as well."`
	SkipRows  *int              `help:"Rows above the header, such as a title, when they are not recognised. Blank rows are not counted." placeholder:"N"`
	Sheet     string            `help:"Sheet of a workbook." placeholder:"NAME"`
	Country   string            `help:"Country in which national telephone numbers are read where the row has none." placeholder:"CODE"`
	NoGroups  bool              `help:"Do not make groups that rows name and that are missing."`
	DryRun    bool              `help:"Check only: nothing is imported."`
	Yes       bool              `help:"Do not ask." short:"y"`
	Errors    string            `help:"File to write the wrong rows to, with the reasons; corrected, it can be imported." type:"path" placeholder:"FILE"`
}

// Run imports.
func (cmd *importCustomersCmd) Run(ctx context.Context, std streams, g *globals) error {
	code := exit(0)
	err := with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		t := &importTool{cmd: cmd, std: std, json: g.JSON}
		var err error
		code, err = t.run(ctx, a)
		if errors.Is(err, app.ErrNoColumn) {
			return usageError{fmt.Errorf("--map: %w", err)}
		}
		return err
	})
	if err == nil && code != 0 {
		panic(code) // run ends with it
	}
	return err
}

// importTool is one run of the command.
type importTool struct {
	cmd  *importCustomersCmd
	std  streams
	json bool
}

func (t *importTool) run(ctx context.Context, a *app.App) (exit, error) {
	c := t.cmd
	bar := t.bar("Reading", true)
	f, err := a.OpenImport(ctx, app.ImportSpec{
		Path: c.File, Mode: c.Mode, Match: c.Match, Preset: c.Preset, Columns: c.Map, Defaults: c.Set, Encoding: c.Encoding,
		Separator: strings.NewReplacer("tab", "\t", `\t`, "\t").Replace(c.Separator), NoHeader: c.NoHeader, SkipRows: c.SkipRows, Sheet: c.Sheet, Country: c.Country, NoGroups: c.NoGroups,
	}, shown(bar))
	_ = bar.Finish() // only shown
	if err != nil {
		return 0, err
	}
	if !t.json {
		fmt.Fprintln(t.std.err, strings.TrimSuffix(fmt.Sprintf("%s: %s, columns of %s", c.File, f.Started.Format, f.Started.Preset), ", columns of "))
		for _, n := range f.Started.Notes {
			fmt.Fprintln(t.std.err, " ", n)
		}
	}
	ask := !c.DryRun && !c.Yes && !t.json && isTerminal(t.std.in) && isTerminal(t.std.err)
	if c.DryRun || ask {
		if err := t.follow(ctx, "Checking", f.Check); err != nil {
			return 0, err
		}
	}
	if ask {
		if goOn, err := t.ask(ctx, f); err != nil || !goOn {
			return 0, err
		}
	}
	failed := error(nil)
	if !c.DryRun {
		failed = t.follow(ctx, "Importing", f.Run)
	}
	code, err := t.tell(context.WithoutCancel(ctx), f, failed)
	return code, errors.Join(failed, err)
}

// follow shows how far a job is.
func (t *importTool) follow(ctx context.Context, what string, do func(context.Context, func(done, total int64)) error) error {
	bar := t.bar(what, false)
	err := do(ctx, shown(bar))
	_ = bar.Finish() // only shown
	return err
}

func shown(bar *progressbar.ProgressBar) func(done, total int64) {
	return func(done, total int64) {
		if total > 0 {
			bar.ChangeMax64(max(total, done, 1))
		}
		_ = bar.Set64(done) // only shown
	}
}

// bar is a progress bar on a terminal, and nothing elsewhere.
func (t *importTool) bar(what string, bytes bool) *progressbar.ProgressBar {
	return progressbar.NewOptions64(1, progressbar.OptionSetWriter(t.std.err), progressbar.OptionSetVisibility(!t.json && isTerminal(t.std.err)),
		progressbar.OptionSetDescription(fmt.Sprintf("%-10s", what)), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionShowBytes(bytes))
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ask tells what a check found and asks whether to go on.
func (t *importTool) ask(ctx context.Context, f *app.FileImport) (bool, error) {
	r, err := f.Report(ctx)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(t.std.err, "%s\nGo on? [y/N] ", r.Words(true))
	line, err := bufio.NewReader(t.std.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}

// tell prints what became of the rows, and writes the error file.
func (t *importTool) tell(ctx context.Context, f *app.FileImport, failed error) (exit, error) {
	r, err := f.Report(ctx)
	if err != nil {
		return 0, err
	}
	if failed != nil {
		r.Error = failed.Error()
	}
	if t.cmd.Errors != "" && r.Summary.Wrong > 0 {
		if err := f.WriteErrors(ctx, t.cmd.Errors); err != nil {
			return 0, err
		}
		r.Errors = t.cmd.Errors
	}
	if t.json {
		err = json.NewEncoder(t.std.out).Encode(r)
	} else {
		t.print(r)
	}
	if r.Summary.Wrong > 0 && failed == nil {
		return someWrong, err
	}
	return 0, err
}

func (t *importTool) print(r app.ImportReport) {
	fmt.Fprintf(t.std.out, "%s  %s\n", r.Import, r.Words(t.cmd.DryRun))
	for _, k := range r.Summary.Kept {
		fmt.Fprintf(t.std.out, "  %s of %d rows is kept, not applied until the ledger exists\n", k.Field, k.Rows)
	}
	for _, w := range r.Wrong {
		fmt.Fprintln(t.std.out, " ", w)
	}
	switch {
	case r.Errors != "":
		fmt.Fprintf(t.std.out, "Wrong rows, with the reasons: %s\n", r.Errors)
	case r.Summary.Wrong > int64(len(r.Wrong)):
		fmt.Fprintf(t.std.out, "  ... --errors FILE writes all %d wrong rows\n", r.Summary.Wrong)
	}
}
