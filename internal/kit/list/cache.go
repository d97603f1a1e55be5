package list

import "sync"

// planCacheSize is how many different queries keep their way.
const planCacheSize = 512

type planKey struct {
	sum           string
	limit, offset int
	sample        *sample
}

type plannedWay struct {
	way
	of int64 // rows of the table when it was planned
}

// planCache keeps the ways of recent queries. It is emptied when full: a sample does not live long either.
type planCache struct {
	mu   sync.Mutex
	ways map[planKey]plannedWay
}

func (c *planCache) get(k planKey) (plannedWay, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.ways[k]
	return w, ok
}

func (c *planCache) put(k planKey, w plannedWay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ways == nil || len(c.ways) >= planCacheSize {
		c.ways = make(map[planKey]plannedWay, planCacheSize)
	}
	c.ways[k] = w
}

func (c *planCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ways = nil
}
