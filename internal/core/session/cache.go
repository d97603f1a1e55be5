package session

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"

	"tandem/internal/core/access"
	"tandem/internal/core/identity"
)

const (
	// cacheLife is how long, in microseconds, a finding is believed: for as long may a change on another node go unseen.
	cacheLife = 2_000_000
	// cacheRoom bounds the memory.
	cacheRoom = 20_000
)

type digest = [sha256.Size]byte

// finding is what is known of a session or token. Times are microseconds since 1970.
type finding struct {
	principal access.Principal
	rowID     int64           // of a token
	person    identity.Person // whose session it is
	checkedAt int64
	validTo   int64
	seenAt    atomic.Int64 // when it was last used
	flushedAt atomic.Int64 // the last use that the database knows of
}

// cache remembers findings. The generation grows with every change of staff, sessions or tokens in this process, and
// a finding that was begun under an older one is not kept.
type cache struct {
	mu         sync.RWMutex
	found      map[digest]*finding
	generation uint64
}

func newCache() *cache { return &cache{found: map[digest]*finding{}} }

// get gives a finding that is still to be believed, and notes its use.
func (c *cache) get(d digest, now int64) (*finding, uint64) {
	c.mu.RLock()
	f, generation := c.found[d], c.generation
	c.mu.RUnlock()
	if f == nil || now-f.checkedAt >= cacheLife || now < f.checkedAt || now >= f.validTo {
		return nil, generation
	}
	f.seenAt.Store(now)
	return f, generation
}

// put keeps a finding that was begun under this generation. Of the one it replaces it takes over the last use.
func (c *cache) put(d digest, f *finding, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if old := c.found[d]; old != nil {
		f.flushedAt.Store(old.flushedAt.Load())
	}
	if len(c.found) >= cacheRoom {
		clear(c.found)
	}
	c.found[d] = f
}

// forget drops everything: something changed.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.found)
	c.generation++
}

// used gives the findings used since the database was last told, oldest findings included.
func (c *cache) used() map[digest]*finding {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := map[digest]*finding{}
	for d, f := range c.found {
		if f.seenAt.Load() > f.flushedAt.Load() {
			out[d] = f
		}
	}
	return out
}

// lastSeen is the last use that this process knows of; 0 when it knows none.
func (c *cache) lastSeen(d digest) int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if f := c.found[d]; f != nil {
		return f.seenAt.Load()
	}
	return 0
}
