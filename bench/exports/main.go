// Command exports measures the download of all customers as CSV and XLSX through HTTP: speed against a bare handler that
// streams the same rows of one SELECT with encoding/csv or excelize, and the peak of memory of the serving process at a
// tenth of the size and at the size.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"tandem/bench/rig"
	"tandem/internal/core/access"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

// childVariable holds, in the process that serves, what it is to do, as JSON.
const childVariable = "TANDEM_BENCH_EXPORT"

type task struct {
	Config db.Config
	Bare   bool
}

func main() {
	rig.Main(func(ctx context.Context, f rig.Flags) error {
		if text := os.Getenv(childVariable); text != "" {
			return child(ctx, text)
		}
		return run(ctx, f)
	})
}

func run(ctx context.Context, f rig.Flags) error {
	fmt.Printf("\n### Export, %d customers\n\n", f.N)
	fmt.Printf("| database | format | file MB | Tandem s | MB/s | bare s | ratio by the clock | ratio of processor time | peak MB at %d | peak MB | bare peak MB |\n|---|---|---|---|---|---|---|---|---|---|---|\n", f.N/10)
	for _, kind := range f.Kinds() {
		s, err := rig.Start(ctx, kind, f.Dir)
		if err != nil {
			return err
		}
		for _, format := range []string{"csv", "xlsx"} {
			if err = line(ctx, s, kind, format, f); err != nil {
				break
			}
		}
		if err := errors.Join(err, s.Stop()); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func line(ctx context.Context, s *rig.Server, kind, format string, f rig.Flags) error {
	var small, ours, bare got
	for _, ask := range []struct {
		out  *got
		n    int
		bare bool
	}{{&small, f.N / 10, false}, {&ours, f.N, false}, {&bare, f.N, true}} {
		d, _, err := s.Filled(ctx, ask.n)
		if err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
		if *ask.out, err = download(ctx, s, ask.n, format, ask.bare, f.Profile); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s, %s, %d, bare %v: %+v\n", kind, format, ask.n, ask.bare, *ask.out)
	}
	if format == "csv" && ours.lines != bare.lines {
		return fmt.Errorf("%d lines and %d lines", ours.lines, bare.lines)
	}
	mb := float64(ours.bytes) / 1e6
	fmt.Printf("| %s | %s | %.0f | %.1f | %.1f | %.1f | %.2f | %.2f | %d | %d | %d |\n", kind, format, mb, ours.took.Seconds(), mb/ours.took.Seconds(), bare.took.Seconds(),
		ours.took.Seconds()/bare.took.Seconds(), ours.cpu.Seconds()/bare.cpu.Seconds(), small.peak>>20, ours.peak>>20, bare.peak>>20)
	return nil
}

type got struct {
	took, cpu          time.Duration
	bytes, lines, peak int64
}

// download starts a process that serves, takes the file from it, and asks the kernel for its peak.
func download(ctx context.Context, s *rig.Server, n int, format string, bare bool, profile string) (g got, err error) {
	c, err := s.Config(s.Name(n))
	if err != nil {
		return g, err
	}
	text, err := json.Marshal(task{Config: c, Bare: bare})
	if err != nil {
		return g, err
	}
	self, err := os.Executable()
	if err != nil {
		return g, err
	}
	var args []string
	if profile != "" {
		args = []string{"-cpuprofile", fmt.Sprintf("%s.%s.%v", profile, format, bare)}
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Env = append(os.Environ(), childVariable+"="+string(text))
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return g, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return g, err
	}
	if err := command.Start(); err != nil {
		return g, err
	}
	defer func() { err = errors.Join(err, input.Close(), command.Wait()) }()
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return g, fmt.Errorf("the serving process did not begin: %w", err)
	}
	before, err := cpu(s, command.Process.Pid)
	if err != nil {
		return g, err
	}
	if err := take(ctx, strings.TrimSpace(address)+"/api/v1/customers/export?format="+format, &g); err != nil {
		return g, err
	}
	after, err := cpu(s, command.Process.Pid)
	if err != nil {
		return g, err
	}
	g.cpu = after - before
	g.peak, err = rig.Peak(command.Process.Pid)
	return g, err
}

func cpu(s *rig.Server, pid int) (time.Duration, error) {
	server, err := s.ServerCPU()
	if err != nil {
		return 0, err
	}
	own, err := rig.ProcessCPU(pid)
	return server + own, err
}

func take(ctx context.Context, address string, g *got) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer bench")
	start := time.Now()
	answer, err := rig.Client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, answer.Status)
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := answer.Body.Read(buf)
		g.bytes += int64(n)
		for _, c := range buf[:n] {
			if c == '\n' {
				g.lines++
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	g.took = time.Since(start)
	return nil
}

// everybody lets every token be the system's: what a token costs is measured with the lists.
type everybody struct{}

func (everybody) Session(context.Context, string) (access.Principal, error) {
	return access.System("bench"), nil
}

func (everybody) Token(context.Context, string) (access.Principal, error) {
	return access.System("bench"), nil
}

// child serves until its input ends.
func child(ctx context.Context, text string) error {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	d, err := db.Open(ctx, t.Config)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	h, err := rig.Build(ctx, d, clock.System{})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: &bare{q: d.Read(), postgres: d.Dialect() == db.Postgres}}
	if !t.Bare {
		s, err := rest.New(rest.Config{DB: d, Clock: h.Clock, Log: slog.New(slog.DiscardHandler), Identities: everybody{}}, rest.Customers(h.Customers, nil))
		if err != nil {
			return err
		}
		server = s.HTTPServer()
	}
	served, err := rig.Serve(server)
	if err != nil {
		return err
	}
	fmt.Println(served.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, served.Close())
}
