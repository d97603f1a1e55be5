// Package id makes and prints identifiers.
//
// Inside, a row is known by an int64 that grows with time: 41 bits of milliseconds since 2024, 10 bits of
// node, 12 bits of sequence. It keeps indexes small and rows of one import next to each other. Outside, it
// is an opaque string with the prefix of its type, such as cus_01hx3k9v2m4qz.
package id

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"tandem/internal/kit/clock"
)

const (
	sequenceBits = 12
	nodeBits     = 10
	alphabet     = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32
	digits       = 13
)

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// Source makes identifiers that are unique in an installation and grow with time. Safe for concurrent use.
type Source struct {
	clock clock.Clock
	node  int64
	mu    sync.Mutex
	last  int64
}

// NewSource gives a source for this process. The node number is drawn at random: two processes that draw the
// same one and make an identifier in the same millisecond and place are stopped by the primary key.
func NewSource(c clock.Clock) *Source {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return &Source{clock: c, node: int64(binary.BigEndian.Uint16(b[:])) & (1<<nodeBits - 1)}
}

// Next is a new identifier. Within one source it is greater than every one before, also when the clock steps back.
func (s *Source) Next() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	tick := (s.clock.Now().UnixMilli() - epoch) << sequenceBits
	if tick <= s.last {
		tick = s.last + 1
	}
	s.last = tick
	ms, seq := tick>>sequenceBits, tick&(1<<sequenceBits-1)
	return ms<<(nodeBits+sequenceBits) | s.node<<sequenceBits | seq
}

// Floor is below every identifier made at t or later, and above those made in the milliseconds before, as far as the
// clocks of the nodes agree.
func Floor(t time.Time) int64 { return (t.UnixMilli() - epoch) << (nodeBits + sequenceBits) }

// Format prints n with the prefix of its type: Format("cus", n) gives cus_ and 13 characters.
func Format(prefix string, n int64) string {
	var b [digits]byte
	u := uint64(n)
	for i := digits - 1; i >= 0; i-- {
		b[i] = alphabet[u&31]
		u >>= 5
	}
	return prefix + "_" + string(b[:])
}

// Parse reads what Format printed. It refuses another prefix, another length and every other spelling.
func Parse(prefix, s string) (int64, error) {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != digits {
		return 0, fmt.Errorf("not an identifier that begins with %s_", prefix)
	}
	var u uint64
	for i := 0; i < digits; i++ {
		v := strings.IndexByte(alphabet, rest[i])
		if v < 0 {
			return 0, fmt.Errorf("not an identifier that begins with %s_", prefix)
		}
		u = u<<5 | uint64(v)
	}
	if int64(u) < 0 || Format(prefix, int64(u)) != s {
		return 0, fmt.Errorf("not an identifier that begins with %s_", prefix)
	}
	return int64(u), nil
}
