package rig

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Served is a handler behind a real socket.
type Served struct {
	URL    string
	server *http.Server
}

// Serve listens on a free port of this machine.
func Serve(s *http.Server) (*Served, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { _ = s.Serve(l) }()
	return &Served{URL: "http://" + l.Addr().String(), server: s}, nil
}

// Close stops listening.
func (s *Served) Close() error { return s.server.Close() }

// Client keeps its connections.
var Client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}}

// Get asks once and reads the answer to its end into buf.
func Get(ctx context.Context, address, token string, buf *bytes.Buffer) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	buf.Reset()
	start := time.Now()
	answer, err := Client.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(buf, answer.Body)
	took := time.Since(start)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answered %s: %.300s (%v)", address, answer.Status, buf.String(), err)
	}
	return took, nil
}

// Times is how long requests took.
type Times []time.Duration

// At is a quantile, 0.5 for the median.
func (t Times) At(q float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Clone(t)
	slices.Sort(sorted)
	return sorted[int(q*float64(len(sorted)-1))]
}

// Pair is two ways to the same answer, asked in turn.
type Pair struct{ Ours, Bare Times }

// Ratio is of the medians.
func (p Pair) Ratio() float64 { return ratio(p.Ours.At(0.5), p.Bare.At(0.5)) }

// Quiet is the ratio of the lower quartiles: what else the machine does reaches the quicker requests least.
func (p Pair) Quiet() float64 { return ratio(p.Ours.At(0.25), p.Bare.At(0.25)) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

// Millis prints a duration.
func Millis(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.2f", ms)
}

// Peak is the most memory that a process had, in bytes, from the kernel.
func Peak(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kb int64
			_, err := fmt.Sscanf(rest, "%d kB", &kb)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("no VmHWM in /proc/%d/status", pid)
}
