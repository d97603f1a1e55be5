package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const headPurpose = "audit head"

// Head is how far the chain reaches at a moment: who keeps one elsewhere can prove later that nothing before it was
// changed, removed or put in.
type Head struct {
	Seq       int64     `json:"seq"` // of the last seal
	Last      string    `json:"last_entry"`
	Entries   int64     `json:"entries"` // under seals, altogether, those retired as well
	Retired   int64     `json:"retired"` // of them, not there any more
	Hash      []byte    `json:"hash"`
	At        time.Time `json:"at"`
	Signature []byte    `json:"signature"` // with the key of the installation
}

func (h *Head) signed() []byte {
	lastID, err := id.Parse(Prefix, h.Last)
	if err != nil {
		lastID = 0
	}
	var out []byte
	for _, n := range []int64{h.Seq, lastID, h.Entries, h.Retired, clock.Micros(h.At)} {
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	return append(out, h.Hash...)
}

// wholeOnly is nil for who may take the whole audit: its chain tells how much there is beyond a place.
func wholeOnly(ctx context.Context) error {
	if err := access.Require(ctx, access.AuditExport); err != nil {
		return err
	}
	if access.From(ctx).Principal.HasPlace() {
		return errs.New(errs.KindForbidden, "whole_only", "The proof is of the whole audit, of which you see a part.")
	}
	return nil
}

// Head is how far the chain reaches now.
func (s *Service) Head(ctx context.Context) (Head, error) {
	if err := wholeOnly(ctx); err != nil {
		return Head{}, err
	}
	var h Head
	err := s.o.DB.Snapshot(ctx, func(q db.Q) (err error) {
		h, err = s.head(ctx, q)
		return err
	})
	return h, err
}

func (s *Service) head(ctx context.Context, q db.Q) (Head, error) {
	last, err := lastSeal(ctx, q)
	if err != nil {
		return Head{}, err
	}
	retired, err := lastAnchor(ctx, q)
	if err != nil {
		return Head{}, err
	}
	h := Head{Seq: last.Seq, Last: id.Format(Prefix, last.LastID), Entries: last.Total, Retired: retired.Entries, Hash: last.Hash,
		At: clock.Time(clock.Micros(s.o.Clock.Now()))}
	h.Signature = s.o.Signer.Sign(headPurpose, h.signed())
	return h, nil
}

// Since tells what does not fit between a head that was exported once and the chain as it is; note says what could not be
// compared any more.
func (s *Service) Since(ctx context.Context, q db.Q, h Head) (broken []string, note string, err error) {
	if !s.o.Signer.Signed(headPurpose, h.signed(), h.Signature) {
		broken = append(broken, "the head was not signed with the key of this installation, or it was changed")
	}
	if h.Seq == 0 {
		return broken, "", nil // before the first seal
	}
	retired, err := lastAnchor(ctx, q)
	if err != nil {
		return broken, "", err
	}
	if h.Seq < retired.Seq {
		return broken, fmt.Sprintf("what the head covers was retired, up to seal %d", retired.Seq), nil
	}
	var there seal
	err = q.GetContext(ctx, &there, sqlSeal, h.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return append(broken, fmt.Sprintf("seal %d of the head is missing: the audit was cut off behind it or put back to an older state", h.Seq)), "", nil
	}
	if err != nil {
		return broken, "", fmt.Errorf("read the seal of the head: %w", err)
	}
	if !bytes.Equal(there.Hash, h.Hash) || there.Total != h.Entries || id.Format(Prefix, there.LastID) != h.Last {
		broken = append(broken, fmt.Sprintf("seal %d is not the one of the head: the audit before it was changed", h.Seq))
	}
	return broken, "", nil
}
