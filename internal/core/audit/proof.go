package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tandem/internal/kit/db"
)

// proofForm is how a file of the whole log with its proof calls itself.
const proofForm = "tandem-audit-1"

// proofLine is one line of such a file: the first tells the form and where the chain begins, each seal follows its
// entries, the last line is the head.
type proofLine struct {
	Form   string  `json:"form,omitempty"`
	Anchor *anchor `json:"anchor,omitempty"`
	Entry  *record `json:"entry,omitempty"`
	Seal   *seal   `json:"seal,omitempty"`
	Head   *Head   `json:"head,omitempty"`
}

// ErrNoProof says that a file holds neither the log with its head nor a head alone.
var ErrNoProof = errors.New("the file holds no head of an audit")

// ExportProof writes every sealed entry with the seals and the head, one JSON value on a line, as they are at one moment,
// and notes that it did. VerifyFile reads it.
func (s *Service) ExportProof(ctx context.Context, out io.Writer) (Head, error) {
	if err := wholeOnly(ctx); err != nil {
		return Head{}, err
	}
	if _, err := s.Seal(ctx); err != nil {
		return Head{}, err
	}
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
		return s.o.Audit.Record(ctx, tx, Entry{Action: ActionExport, Table: "audit_entries", Message: "Audit exported with its proof"})
	})
	if err != nil {
		return Head{}, err
	}
	var h Head
	err = s.o.DB.Snapshot(ctx, func(q db.Q) (err error) {
		h, err = s.writeProof(ctx, q, json.NewEncoder(out))
		return err
	})
	return h, err
}

func (s *Service) writeProof(ctx context.Context, q db.Q, out *json.Encoder) (Head, error) {
	h, err := s.head(ctx, q)
	if err != nil {
		return h, err
	}
	from, err := lastAnchor(ctx, q)
	if err != nil {
		return h, err
	}
	first := proofLine{Form: proofForm}
	if from.Seq > 0 {
		first.Anchor = &from
	}
	if err := out.Encode(first); err != nil {
		return h, err
	}
	after := from.LastID
	for seq := from.Seq; ; {
		var seals []seal
		if err := q.SelectContext(ctx, &seals, sqlSealsAfter, seq); err != nil {
			return h, fmt.Errorf("read the seals: %w", err)
		}
		for i := range seals {
			if err := writeSealed(ctx, q, out, after, &seals[i]); err != nil {
				return h, err
			}
			seq, after = seals[i].Seq, seals[i].LastID
		}
		if len(seals) == 0 {
			return h, out.Encode(proofLine{Head: &h})
		}
	}
}

func writeSealed(ctx context.Context, q db.Q, out *json.Encoder, after int64, sl *seal) error {
	var entries []record
	if err := q.SelectContext(ctx, &entries, sqlBetween, after, sl.LastID, sl.Entries+1); err != nil {
		return fmt.Errorf("read audit entries: %w", err)
	}
	for i := range entries {
		if err := out.Encode(proofLine{Entry: &entries[i]}); err != nil {
			return err
		}
	}
	return out.Encode(proofLine{Seal: sl})
}

// Proof is what a file of the log, or of a head alone, was found to be.
type Proof struct {
	Head    Head     `json:"head"`
	Whole   bool     `json:"whole"`   // the file holds the entries as well
	Entries int64    `json:"entries"` // in the file
	Broken  []string `json:"broken"`
	Note    string   `json:"note,omitempty"`
}

// VerifyFile checks a file that ExportProof wrote, or that holds a head alone, in bounded memory and without the
// database: each entry against its digest, each seal against its entries, the head against the last seal. Signatures are
// of this installation's key.
func (s *Service) VerifyFile(in io.Reader) (Proof, error) {
	r := fileVerifier{verifier: verifier{signer: s.o.Signer, previous: make([]byte, sha256.Size)}}
	lines := json.NewDecoder(in)
	for {
		var raw json.RawMessage
		err := lines.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.proof, fmt.Errorf("%w: %w", ErrNoProof, err)
		}
		if err := r.line(raw); err != nil {
			return r.proof, err
		}
	}
	if r.proof.Head.Hash == nil {
		return r.proof, fmt.Errorf("%w: it was cut off", ErrNoProof)
	}
	if r.proof.Whole {
		r.end()
	}
	r.proof.Broken = append([]string{}, r.broken...)
	return r.proof, nil
}

type fileVerifier struct {
	verifier
	proof   Proof
	pending []record // since the last seal
}

func (r *fileVerifier) line(raw []byte) error {
	var l proofLine
	if err := json.Unmarshal(raw, &l); err != nil {
		return fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	switch {
	case l.Form != "":
		if l.Form != proofForm {
			return fmt.Errorf("%w: it is of the form %q", ErrNoProof, l.Form)
		}
		r.proof.Whole = true
		if a := l.Anchor; a != nil {
			if !r.signer.Signed(anchorPurpose, a.signed(), a.Signature) {
				r.tell("the anchor at seal %d was not signed with the key of this installation", a.Seq)
			}
			r.seq, r.lastID, r.total, r.previous = a.Seq, a.LastID, a.Entries, a.Hash
		}
	case l.Entry != nil:
		if r.proof.Entries++; len(r.pending) > sealRoom {
			return fmt.Errorf("%w: more entries than a seal covers stand without one", ErrNoProof)
		}
		r.pending = append(r.pending, *l.Entry)
	case l.Seal != nil:
		r.sealed(l.Seal)
	case l.Head != nil:
		r.proof.Head = *l.Head
	default: // a head alone, as the API gives it
		if err := json.Unmarshal(raw, &r.proof.Head); err != nil || r.proof.Head.Hash == nil {
			return ErrNoProof
		}
	}
	return nil
}

func (r *fileVerifier) sealed(s *seal) {
	if s.Seq != r.seq+1 || !bytes.Equal(s.Previous, r.previous) {
		r.tell("seal %d does not continue the one before it", s.Seq)
	}
	for i := range r.pending {
		r.content(&r.pending[i])
	}
	if s.Entries != int64(len(r.pending)) || s.Total != r.total+s.Entries || !bytes.Equal(s.over(r.pending), s.Hash) {
		r.tell("seal %d does not match its entries: %s", s.Seq, span(s))
	}
	r.seq, r.lastID, r.total, r.previous, r.pending = s.Seq, s.LastID, s.Total, s.Hash, r.pending[:0]
}

func (r *fileVerifier) end() {
	h := r.proof.Head
	if len(r.pending) > 0 {
		r.tell("%d entries at the end are under no seal", len(r.pending))
	}
	if h.Seq != r.seq || h.Entries != r.total || !bytes.Equal(h.Hash, r.previous) {
		r.tell("the head is of seal %d, the entries end at seal %d", h.Seq, r.seq)
	}
	if !r.signer.Signed(headPurpose, h.signed(), h.Signature) {
		r.tell("the head was not signed with the key of this installation, or it was changed")
	}
}

// Older is the instant before which entries are retired when they are kept so many days; zero when for ever.
func Older(now time.Time, days int) time.Time {
	if days <= 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(days) * 24 * time.Hour)
}
