// Command fill makes the databases of the other benchmarks ready, and tells how long a customer took.
package main

import (
	"context"
	"fmt"

	"tandem/bench/rig"
)

func main() { rig.Main(run) }

func run(ctx context.Context, f rig.Flags) error {
	for _, kind := range f.Kinds() {
		s, err := rig.Start(ctx, kind, f.Dir)
		if err != nil {
			return err
		}
		d, took, err := s.Filled(ctx, f.N)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d customers, %s, %.3f ms each\n", kind, f.N, took.Round(1e6), float64(took.Microseconds())/1000/float64(f.N))
		if err := d.Close(); err != nil {
			return err
		}
		if err := s.Stop(); err != nil {
			return err
		}
	}
	return nil
}
