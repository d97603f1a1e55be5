// Command imports measures the import of a CSV file of new customers against loading the same rows into the same tables
// and indexes, on empty databases. The import runs in a process of its own, whose peak of memory is told.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tandem/bench/rig"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

// childVariable holds, in the process that imports, what it is to do, as JSON.
const childVariable = "TANDEM_BENCH_IMPORT"

type task struct {
	Kind, Dir, Name string
	Config          db.Config
	N               int
}

// outcome is what the importing process tells.
type outcome struct {
	Upload, Run time.Duration
	CPU         time.Duration // of the process alone, while the job ran
	Peak        int64         // bytes
	Created     int64
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
	fmt.Printf("\n### Import, %d customers\n\n", f.N)
	fmt.Printf("| database | import s | rows/s | raw load s | raw rows/s | ratio by the clock | ratio of processor time | peak memory MB | upload s |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, kind := range f.Kinds() {
		s, err := rig.Start(ctx, kind, f.Dir)
		if err != nil {
			return err
		}
		err = one(ctx, s, kind, f)
		if err := errors.Join(err, s.Stop()); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func one(ctx context.Context, s *rig.Server, kind string, f rig.Flags) error {
	imported, err := s.Fresh(ctx, "import_ours")
	if err != nil {
		return err
	}
	defer func() { _ = imported.Close(); _ = s.Drop(ctx, "import_ours") }()
	server, err := s.ServerCPU()
	if err != nil {
		return err
	}
	o, err := spawn(ctx, s, kind, f)
	if err != nil {
		return err
	}
	after, err := s.ServerCPU()
	if err != nil {
		return err
	}
	cpu := o.CPU + after - server
	fmt.Fprintf(os.Stderr, "%s: imported %d in %s (%s processor time, of it %s in the database's server), peak %d MB\n", kind, o.Created, o.Run.Round(time.Second), cpu.Round(time.Millisecond), (after - server).Round(time.Millisecond), o.Peak>>20)
	if o.Created != int64(f.N) {
		return fmt.Errorf("%d customers were imported, not %d", o.Created, f.N)
	}
	raw, rawCPU, err := rawLoad(ctx, s, imported)
	if err != nil {
		return err
	}
	rate := func(d time.Duration) float64 { return float64(f.N) / d.Seconds() }
	fmt.Printf("| %s | %.1f | %.0f | %.1f | %.0f | %.2f | %.2f | %d | %.1f |\n", kind, o.Run.Seconds(), rate(o.Run), raw.Seconds(), rate(raw),
		o.Run.Seconds()/raw.Seconds(), cpu.Seconds()/rawCPU.Seconds(), o.Peak>>20, o.Upload.Seconds())
	return nil
}

// spawn imports in another process.
func spawn(ctx context.Context, s *rig.Server, kind string, f rig.Flags) (outcome, error) {
	c, err := s.Config("import_ours")
	if err != nil {
		return outcome{}, err
	}
	text, err := json.Marshal(task{Kind: kind, Dir: f.Dir, Name: "import_ours", Config: c, N: f.N})
	if err != nil {
		return outcome{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return outcome{}, err
	}
	var args []string
	if f.Profile != "" {
		args = append(args, "-cpuprofile", f.Profile+"."+kind)
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Env = append(os.Environ(), childVariable+"="+string(text))
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return outcome{}, fmt.Errorf("the importing process: %w", err)
	}
	var o outcome
	return o, json.Unmarshal(out, &o)
}

// child uploads the file and runs the import's job, and prints the outcome.
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
	dir := filepath.Join(t.Dir, "files")
	defer func() { _ = os.RemoveAll(dir) }()
	imports, jobs := h.Imports(dir)
	start := time.Now()
	m, err := imports.Upload(ctx, "customers.csv", "customers", rig.File(t.N))
	if err != nil {
		return err
	}
	o := outcome{Upload: time.Since(start)}
	none := &rig.Server{}
	before, err := none.CPU()
	if err != nil {
		return err
	}
	start = time.Now()
	j, err := imports.Run(ctx, m.ID)
	if err != nil {
		return err
	}
	if err := jobs.RunHere(ctx, j.ID, nil); err != nil {
		return err
	}
	o.Run = time.Since(start)
	after, err := none.CPU()
	if err != nil {
		return err
	}
	o.CPU = after - before
	if m, err = imports.Get(ctx, m.ID); err != nil {
		return err
	}
	o.Created = m.Report().Create
	if o.Peak, err = rig.Peak(os.Getpid()); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}
