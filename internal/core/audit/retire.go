package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// Signer signs with the installation's own key.
type Signer interface {
	Sign(purpose string, data []byte) []byte
	Signed(purpose string, data, signature []byte) bool
}

const (
	anchorPurpose = "audit anchor"
	// dropRoom is how many entries one transaction removes: others write between two of them.
	dropRoom = 2000
	// retireStep is how much time has to be over before another anchor is made.
	retireStep = 24 * time.Hour
)

// signed is what the signature of an anchor covers.
func (a *anchor) signed() []byte {
	out := make([]byte, 0, 4*8+sha256.Size)
	for _, n := range []int64{a.Seq, a.At, a.LastID, a.Entries} {
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	return append(out, a.Hash...)
}

// lastAnchor is the newest; without one everything is there from the beginning.
func lastAnchor(ctx context.Context, q db.Q) (anchor, error) {
	begin := anchor{Hash: make([]byte, sha256.Size)}
	err := q.GetContext(ctx, &begin, sqlLastAnchor)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return anchor{}, fmt.Errorf("read the last anchor: %w", err)
	}
	return begin, nil
}

// Retire removes the entries from before an instant and gives how many. A signed anchor takes their place first, so that
// the chain goes on from it; then they go in small pieces. What a process that died left over goes with the next call.
// Only entries under a seal go, and a day's at least.
func (s *Service) Retire(ctx context.Context, before time.Time) (removed int64, err error) {
	if err := s.anchor(ctx, before); err != nil {
		return 0, fmt.Errorf("retire audit entries: %w", err)
	}
	last, err := lastAnchor(ctx, s.o.DB.Read())
	if err != nil || last.Seq == 0 {
		return 0, err
	}
	for _, piece := range []struct {
		query string
		bound int64
		count *int64
	}{{sqlDropEntries, last.LastID, &removed}, {sqlDropSeals, last.Seq, new(int64)}} {
		for {
			n, err := s.drop(ctx, piece.query, piece.bound)
			*piece.count += n
			if err != nil {
				return removed, fmt.Errorf("retire audit entries: %w", err)
			}
			if n < dropRoom {
				break
			}
		}
	}
	return removed, nil
}

func (s *Service) drop(ctx context.Context, query string, bound int64) (n int64, err error) {
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		result, err := tx.ExecContext(ctx, query, bound, dropRoom)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}

// anchor makes an anchor of the last seal whose entries are all from before the instant.
func (s *Service) anchor(ctx context.Context, before time.Time) error {
	if before.IsZero() {
		return nil
	}
	last, err := lastAnchor(ctx, s.o.DB.Read())
	if err != nil {
		return err
	}
	var at seal
	err = s.o.DB.Read().GetContext(ctx, &at, sqlSealBefore, id.Floor(before))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	step := id.Floor(before.Add(retireStep)) - id.Floor(before)
	if at.Seq <= last.Seq || last.Seq > 0 && at.LastID-last.LastID < step {
		return nil
	}
	next := anchor{Seq: at.Seq, At: clock.Micros(s.o.Clock.Now()), LastID: at.LastID, Entries: at.Total, Hash: at.Hash}
	next.Signature = s.o.Signer.Sign(anchorPurpose, next.signed())
	ctx = access.With(ctx, access.Call{Principal: access.System("retention"), Verb: "JOB"})
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlInsertAnchor, next.Seq, next.At, next.LastID, next.Entries, next.Hash, next.Signature); err != nil {
			return err
		}
		return s.o.Audit.Record(ctx, tx, Entry{Action: ActionDelete, Table: "audit_entries", Message: "Audit entries retired",
			Changes: []Change{{Field: "retired", Old: last.Entries, New: next.Entries}, {Field: "before", New: before.UTC().Format(time.RFC3339)}, {Field: "seal", New: next.Seq}}})
	})
	if db.UniqueViolation(err) != "" {
		return nil // another node was first
	}
	return err
}

// anchors checks the anchors, and begins the walk behind the last of them.
func (v *verifier) anchors(ctx context.Context) error {
	var all []anchor
	if err := v.q.SelectContext(ctx, &all, sqlAnchors); err != nil {
		return fmt.Errorf("read the anchors: %w", err)
	}
	for i := range all {
		a := &all[i]
		if !v.signer.Signed(anchorPurpose, a.signed(), a.Signature) {
			v.tell("the anchor at seal %d was not signed with the key of this installation", a.Seq)
		}
		if a.Seq <= v.seq || a.LastID <= v.lastID || a.Entries <= v.total {
			v.tell("the anchor at seal %d does not continue the one before it", a.Seq)
		}
		v.seq, v.lastID, v.total, v.previous = a.Seq, a.LastID, a.Entries, a.Hash
	}
	if len(all) == 0 {
		return nil
	}
	var last seal
	err := v.q.GetContext(ctx, &last, sqlSeal, v.seq)
	if errors.Is(err, sql.ErrNoRows) {
		v.tell("seal %d, at which the anchor stands, is missing", v.seq)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the seal of the anchor: %w", err)
	}
	if !bytes.Equal(last.Hash, v.previous) || last.LastID != v.lastID || last.Total != v.total {
		v.tell("seal %d is not the one that the anchor stands for", v.seq)
	}
	return nil
}
