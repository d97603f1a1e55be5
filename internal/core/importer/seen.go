package importer

import (
	"context"
	"fmt"
	"hash/maphash"

	"tandem/internal/kit/db"
)

// seen knows the keys that rows of the file had, with their lines: twelve bytes a key, and above a number of them a
// table. Keys are told apart by 64 bits of a hash: a million rows have two that only look alike once in 10^7 files, and only a
// dry run, or rows of one batch, would be told so.
type seen struct {
	importID int64
	max      int
	seed     maphash.Seed
	keys     []uint64 // open addressing; 0 is free
	lines    []uint32
	n        int
	over     map[uint64]int64 // not in the table yet
	fetched  map[uint64]int64 // of the table, for the batch in hand
	spilled  bool
}

func newSeen(importID int64, max int) *seen {
	const begin = 1024
	return &seen{importID: importID, max: max, seed: maphash.MakeSeed(), keys: make([]uint64, begin), lines: make([]uint32, begin), over: map[uint64]int64{}}
}

// key hashes what kind of key it is and its text.
func (s *seen) key(kind byte, text string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_ = h.WriteByte(kind)
	_, _ = h.WriteString(text)
	return max(h.Sum64(), 1)
}

// line is where the key was seen, 0 when nowhere.
func (s *seen) line(k uint64) int64 {
	mask := uint64(len(s.keys) - 1)
	for i := k & mask; s.keys[i] != 0; i = (i + 1) & mask {
		if s.keys[i] == k {
			return int64(s.lines[i])
		}
	}
	if n := s.over[k]; n != 0 {
		return n
	}
	return s.fetched[k]
}

func (s *seen) add(k uint64, line int64) {
	if s.n >= s.max {
		s.over[k] = line
		return
	}
	if s.n*4 >= len(s.keys)*3 {
		s.grow()
	}
	s.put(k, uint32(line))
	s.n++
}

func (s *seen) put(k uint64, line uint32) {
	mask := uint64(len(s.keys) - 1)
	i := k & mask
	for s.keys[i] != 0 && s.keys[i] != k {
		i = (i + 1) & mask
	}
	s.keys[i], s.lines[i] = k, line
}

func (s *seen) grow() {
	keys, lines := s.keys, s.lines
	s.keys, s.lines = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys))
	for i, k := range keys {
		if k != 0 {
			s.put(k, lines[i])
		}
	}
}

// fetch gets those of the keys that lie in the table, for the next batch.
func (s *seen) fetch(ctx context.Context, q db.Q, keys []uint64) error {
	s.fetched = nil
	if !s.spilled || len(keys) == 0 {
		return nil
	}
	list := make([]int64, len(keys))
	for i, k := range keys {
		list[i] = int64(k)
	}
	found, err := pairs(ctx, q, fmt.Sprintf(sqlKeys, numbers(list)), s.importID)
	if err != nil {
		return fmt.Errorf("look for keys of a check: %w", err)
	}
	s.fetched = make(map[uint64]int64, len(found))
	for k, line := range found {
		s.fetched[uint64(k)] = line
	}
	return nil
}

// spill moves what does not fit into memory to the table.
func (s *seen) spill(ctx context.Context, tx *db.Tx) error {
	rows := make([][]any, 0, len(s.over))
	for k, line := range s.over {
		rows = append(rows, []any{s.importID, int64(k), line})
	}
	if err := tx.Bulk(ctx, "import_keys", []string{"import_id", "key", "line"}, rows); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		s.spilled = s.spilled || len(s.over) > 0
		clear(s.over)
	})
	return nil
}
