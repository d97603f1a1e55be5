// Command tandem is customer management for communications providers: the server, and the tools to run it.
//
// Exit codes: 0 done; 1 refused, failed, or an invariant is broken; 2 the command line or the configuration is wrong; 3
// imported, but for rows that are wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"tandem/internal/app"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "dev"

// cli is the whole command line.
type cli struct {
	globals

	Serve   serveCmd   `cmd:"" help:"Serve the console and the API."`
	Demo    demoCmd    `cmd:"" help:"Serve on a throw-away database full of life-like data."`
	Import  importCmd  `cmd:"" help:"Import customers from a file."`
	Migrate migrateCmd `cmd:"" help:"Bring the tables to the newest version. Serve does it as well."`
	User    userCmd    `cmd:"" help:"Staff users."`
	Token   tokenCmd   `cmd:"" help:"API tokens."`
	Backup  backupCmd  `cmd:"" help:"Write everything to one file, also while serving. The secret key is not in it."`
	Restore restoreCmd `cmd:"" help:"Read a backup into an empty database, of either kind."`
	Check   checkCmd   `cmd:"" help:"Prove every invariant of the books and the audit; exit 1 when one is broken."`
	Audit   auditCmd   `cmd:"" help:"Take the proof of the audit away, and check it later."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams is where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// teller remembers that something could not be told: a token that nobody saw is no success.
type teller struct {
	w   io.Writer
	err error
}

// Write tells.
func (t *teller) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil && t.err == nil {
		t.err = err
	}
	return n, err
}

// exit is the code with which --help and --version end.
type exit int

// run is main without the process, for tests.
func run(ctx context.Context, args []string, std streams) (code int) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exit:
			code = int(e)
		default:
			panic(e)
		}
	}()
	told := &teller{w: std.out}
	std.out = told
	defer func() {
		if code == 0 && told.err != nil {
			code = fail(std, told.err)
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("tandem"), kong.Description("Customer management for communications providers.\n\nExit codes: 0 done; 1 refused, failed, or an invariant is broken; 2 the command line or the configuration is wrong; 3 imported, but for rows that are wrong."),
		kong.UsageOnError(), kong.Writers(std.out, std.err), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.Configuration(readTOML, "/etc/tandem/tandem.toml", "tandem.toml"),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(std), kong.Bind(&c.globals),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(std.err, "tandem:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(std.err, "tandem:", err)
		return 2
	}
	if err := parsed.Run(); err != nil {
		return fail(std, err)
	}
	return 0
}

// usageError is a mistake of the command line or the configuration.
type usageError struct{ error }

func fail(std streams, err error) int {
	var quiet silent
	if errors.As(err, &quiet) {
		return 1 // told already
	}
	fmt.Fprintln(std.err, "tandem:", err)
	var usage usageError
	var config app.ConfigError
	if errors.As(err, &usage) || errors.As(err, &config) {
		return 2
	}
	return 1
}

// silent says that a command failed and has told why.
type silent struct{}

// Error is for the log.
func (silent) Error() string { return "failed" }
