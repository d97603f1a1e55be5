package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// Verify is Verify with the key of this installation.
func (s *Service) Verify(ctx context.Context, q db.Q) (broken []string, err error) {
	return Verify(ctx, q, s.o.Signer)
}

// Prefix begins the IDs of audit entries in the API.
const Prefix = "aud"

// maxBroken is how many broken links are told one by one.
const maxBroken = 100

// Verify walks the chain of seals and every entry under it, and tells what does not fit: entries that were changed,
// removed, put in or moved, and seals that were. What was retired is stood for by anchors, which the signer has to know.
// It reads in bounded memory. q should be a snapshot.
func Verify(ctx context.Context, q db.Q, signer Signer) (broken []string, err error) {
	v := verifier{q: q, signer: signer, previous: make([]byte, sha256.Size)}
	if err := v.anchors(ctx); err != nil {
		return v.broken, err
	}
	for {
		var seals []seal
		if err := q.SelectContext(ctx, &seals, sqlSealsAfter, v.seq); err != nil {
			return v.broken, fmt.Errorf("read the seals: %w", err)
		}
		for i := range seals {
			if err := v.seal(ctx, &seals[i]); err != nil {
				return v.broken, err
			}
		}
		if len(seals) == 0 || len(v.broken) >= maxBroken {
			break
		}
	}
	if len(v.broken) < maxBroken {
		err = v.unsealed(ctx)
	}
	return v.broken, err
}

type verifier struct {
	q        db.Q
	signer   Signer
	seq      int64
	lastID   int64
	total    int64
	previous []byte
	broken   []string
}

func (v *verifier) tell(format string, args ...any) {
	if len(v.broken) < maxBroken {
		v.broken = append(v.broken, fmt.Sprintf(format, args...))
	}
}

func (v *verifier) seal(ctx context.Context, s *seal) error {
	if s.Seq != v.seq+1 {
		v.tell("seal %d follows seal %d: seals are missing", s.Seq, v.seq)
	}
	if !bytes.Equal(s.Previous, v.previous) {
		v.tell("seal %d does not continue the one before it", s.Seq)
	}
	entries, err := v.between(ctx, v.lastID, s.LastID, s.Entries+1)
	if err != nil {
		return err
	}
	if s.Total != v.total+s.Entries {
		v.tell("seal %d counts %d entries in all instead of %d", s.Seq, s.Total, v.total+s.Entries)
	}
	if n := int64(len(entries)); n != s.Entries {
		v.tell("seal %d covers %d entries, of which %d are there: %s", s.Seq, s.Entries, n, span(s))
	} else if !bytes.Equal(s.over(entries), s.Hash) {
		v.tell("seal %d does not match its entries: %s", s.Seq, span(s))
	}
	v.seq, v.lastID, v.total, v.previous = s.Seq, s.LastID, s.Total, s.Hash
	return nil
}

func span(s *seal) string {
	return fmt.Sprintf("something was changed, removed, put in or moved from %s to %s", id.Format(Prefix, s.FirstID), id.Format(Prefix, s.LastID))
}

// between reads entries and checks each one's content against its own digest.
func (v *verifier) between(ctx context.Context, after, to, limit int64) ([]record, error) {
	var entries []record
	if err := v.q.SelectContext(ctx, &entries, sqlBetween, after, to, limit); err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	for i := range entries {
		v.content(&entries[i])
	}
	return entries, nil
}

// content checks what an entry says against its digest, and of an erased one the signature over what was left.
func (v *verifier) content(r *record) {
	switch {
	case r.ErasedAt != 0 || len(r.ErasedProof) > 0:
		if !r.erasedBy(v.signer) {
			v.tell("entry %s was erased without the key of this installation, or changed after it was erased", id.Format(Prefix, r.ID))
		}
	case !bytes.Equal(r.ContentDigest, contentDigest(r.RowName, r.Message, r.Comment, r.Changes)):
		v.tell("the content of entry %s was changed", id.Format(Prefix, r.ID))
	}
}

// unsealed checks the content of the entries that have no seal yet.
func (v *verifier) unsealed(ctx context.Context) error {
	for after := v.lastID; ; {
		entries, err := v.between(ctx, after, int64(1)<<62, sealRoom)
		if err != nil || len(entries) == 0 {
			return err
		}
		after = entries[len(entries)-1].ID
	}
}
