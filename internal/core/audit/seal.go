package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

const (
	// SealAfter is how old an entry is when it is sealed: older than any transaction that could still bring an entry
	// before it, clocks of several nodes that differ by up to a minute included.
	SealAfter = 2 * db.MaxWrite
	// sealRoom is how many entries one seal covers at most.
	sealRoom = 5000
)

// Seal links every entry that is old enough into the chain, and tells how many. Several nodes may call it at once.
func (s *Service) Seal(ctx context.Context) (sealed int, err error) {
	bound := id.Floor(s.o.Clock.Now().Add(-SealAfter)) - 1
	for {
		n, err := s.sealOnce(ctx, bound)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("seal the audit: %w", err)
		}
		if n < sealRoom {
			return sealed, nil
		}
	}
}

func (s *Service) sealOnce(ctx context.Context, bound int64) (int, error) {
	last, err := lastSeal(ctx, s.o.DB.Read())
	if err != nil {
		return 0, err
	}
	var entries []record
	if err := s.o.DB.Read().SelectContext(ctx, &entries, sqlBetween, last.LastID, bound, sealRoom); err != nil {
		return 0, err
	}
	if len(entries) == 0 {
		return 0, nil
	}
	next := seal{Seq: last.Seq + 1, At: clock.Micros(s.o.Clock.Now()), FirstID: entries[0].ID, LastID: entries[len(entries)-1].ID,
		Entries: int64(len(entries)), Total: last.Total + int64(len(entries)), Previous: last.Hash}
	next.Hash = next.over(entries)
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, sqlInsertSeal, next.Seq, next.At, next.FirstID, next.LastID, next.Entries, next.Total, next.Previous, next.Hash)
		return err
	})
	if db.UniqueViolation(err) != "" {
		return 0, nil // another node was first
	}
	return len(entries), err
}

func lastSeal(ctx context.Context, q db.Q) (seal, error) {
	last := seal{Hash: make([]byte, sha256.Size)}
	err := q.GetContext(ctx, &last, sqlLastSeal)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return seal{}, fmt.Errorf("read the last seal: %w", err)
	}
	return last, nil
}

// over is the seal's hash over itself, the seal before and its entries.
func (s *seal) over(entries []record) []byte {
	h := sha256.New()
	h.Write(s.Previous)
	for _, n := range []int64{s.Seq, s.At, s.FirstID, s.LastID, s.Entries, s.Total} {
		writeInt(h, n)
	}
	for i := range entries {
		h.Write(entries[i].digest())
	}
	return h.Sum(nil)
}

// digest covers an entry as it was written. One that was erased keeps it.
func (r *record) digest() []byte {
	if r.ErasedAt != 0 && len(r.ErasedProof) >= sha256.Size {
		return r.ErasedProof[:sha256.Size]
	}
	return r.over()
}

// over covers an entry as it is now: what it says by the digest of that.
func (r *record) over() []byte {
	h := sha256.New()
	for _, n := range []int64{r.ID, r.At, r.ActorID, r.RowID} {
		writeInt(h, n)
	}
	for _, text := range []string{r.ActorKind, r.ActorName, r.OnBehalfOf, r.IP, r.Verb, r.Action, r.Table, r.RequestID} {
		writeInt(h, int64(len(text)))
		h.Write([]byte(text))
	}
	h.Write(r.ContentDigest)
	return h.Sum(nil)
}

func writeInt(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// Lag is how long entries have waited to be sealed beyond what they must; 0 when none has.
func (s *Service) Lag(ctx context.Context) (time.Duration, error) {
	last, err := lastSeal(ctx, s.o.DB.Read())
	if err != nil {
		return 0, err
	}
	var oldest []record
	if err := s.o.DB.Read().SelectContext(ctx, &oldest, sqlBetween, last.LastID, int64(1)<<62, 1); err != nil {
		return 0, fmt.Errorf("look for entries without a seal: %w", err)
	}
	if len(oldest) == 0 {
		return 0, nil
	}
	return max(0, s.o.Clock.Now().Sub(clock.Time(oldest[0].At))-SealAfter), nil
}
