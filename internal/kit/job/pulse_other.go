//go:build !unix

package job

// pulse is not to be had here: dead workers are told by their lease.
type pulse struct{}

func newPulse(_, _ string) (*pulse, error) { return &pulse{}, nil }

func (p *pulse) stop() {}

func dead(_, _ string) bool { return false }

func sweep(_, _ string) {}

func forget(_, _ string) {}
