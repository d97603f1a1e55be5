package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

const (
	erasurePurpose = "audit erasure"
	// erasedValue stands for a value that was erased.
	erasedValue = "erased"
	// eraseRoom is how many entries are looked at before those that are erased are written.
	eraseRoom = 200
)

// Erasing is whose personal values go.
type Erasing struct {
	Customer int64 // whose entries are looked through
	// Whole is everything about the customer; else only what is about Contacts, which are some of its people.
	Whole    bool
	Contacts []int64
	// Rows is what else is theirs, by table: mails to them, and jobs about many of which they were one.
	Rows   map[string][]int64
	Name   string // what stands for the name of the record
	Person string // what stands for the name of a person
}

// erasedSigned is what the signature covers: the entry as it was, by its digest, and as it was left.
func (r *record) erasedSigned(was []byte) []byte {
	out := binary.BigEndian.AppendUint64(nil, uint64(r.ErasedAt))
	out = append(append(out, was...), r.over()...)
	return append(out, contentDigest(r.RowName, r.Message, r.Comment, r.Changes)...)
}

// erasedBy tells whether an entry was erased with this key, and was left as it is.
func (r *record) erasedBy(signer Signer) bool {
	if r.ErasedAt == 0 || len(r.ErasedProof) <= sha256.Size {
		return false
	}
	was, signature := r.ErasedProof[:sha256.Size], r.ErasedProof[sha256.Size:]
	return signer.Signed(erasurePurpose, r.erasedSigned(was), signature)
}

// ToErase is how many entries say something still that is to go.
func (s *Service) ToErase(ctx context.Context, q db.Q, e Erasing) (n int64, err error) {
	err = s.eachToErase(ctx, q, e, true, func(some []record) error {
		n += int64(len(some))
		return nil
	})
	return n, err
}

// Erase takes personal values out of entries, in small transactions, and gives how many it changed. The entries stay: who
// did what to which row when, and which fields changed. The chain stays as it was. It may be called again at any time. It
// asks for no permission: the caller has.
func (s *Service) Erase(ctx context.Context, e Erasing) (n int64, err error) {
	write := func(some []record) error {
		n += int64(len(some))
		return s.o.DB.Write(ctx, func(tx *db.Tx) error {
			for i := range some {
				if err := s.erase(ctx, tx, &some[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	// As whom staff acted is told by the name of a contact, which the entries about the contact know as long as they are there.
	if err := s.eachToErase(ctx, s.o.DB.Read(), e, false, write); err != nil {
		return n, err
	}
	return n, s.eachToErase(ctx, s.o.DB.Read(), e, true, write)
}

func (s *Service) erase(ctx context.Context, tx *db.Tx, r *record) error {
	_, err := tx.ExecContext(ctx, sqlErase, r.ActorName, fold.Key(r.ActorName), r.OnBehalfOf, r.IP, r.RowName, fold.Key(r.RowName), r.Comment, r.Changes,
		r.ErasedAt, r.ErasedProof, r.ID)
	if err != nil {
		return fmt.Errorf("erase an audit entry: %w", err)
	}
	return nil
}

// eachToErase hands over entries as they are to be left, where that is not how they are. content is false for who acted
// alone.
func (s *Service) eachToErase(ctx context.Context, q db.Q, e Erasing, content bool, fn func([]record) error) error {
	names, err := s.names(ctx, q, e)
	if err != nil {
		return err
	}
	look := func(entries []record) error {
		var some []record
		for i := range entries {
			left := e.leave(&entries[i], content, names)
			if left == nil {
				continue
			}
			left.ErasedAt = clock.Micros(s.o.Clock.Now())
			was := entries[i].digest()
			left.ErasedProof = slices.Concat(was, s.o.Signer.Sign(erasurePurpose, left.erasedSigned(was)))
			some = append(some, *left)
		}
		if len(some) == 0 {
			return nil
		}
		return fn(some)
	}
	if err := pages(ctx, q, look, sqlAboutAfter, e.Customer); err != nil {
		return err
	}
	for table, rows := range e.Rows {
		for some := range slices.Chunk(rows, 500) {
			if err := pages(ctx, q, look, fmt.Sprintf(sqlOfRows, numbers(some)), table); err != nil {
				return err
			}
		}
	}
	return nil
}

// pages hands over the entries of a query that goes by ID.
func pages(ctx context.Context, q db.Q, fn func([]record) error, query string, first any) error {
	for after := int64(0); ; {
		var entries []record
		if err := q.SelectContext(ctx, &entries, query, first, after, eraseRoom); err != nil {
			return fmt.Errorf("read audit entries: %w", err)
		}
		if len(entries) == 0 {
			return nil
		}
		after = entries[len(entries)-1].ID
		if err := fn(entries); err != nil {
			return err
		}
	}
}

// numbers is our own numbers as SQL.
func numbers(ids []int64) string {
	text, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 { // numbers only
		return "0"
	}
	return strings.Trim(string(text), "[]")
}

// names is as what the contacts stood in entries: staff that act for one are noted with it.
func (s *Service) names(ctx context.Context, q db.Q, e Erasing) (map[string]bool, error) {
	out := map[string]bool{}
	if e.Whole {
		return out, nil
	}
	err := pages(ctx, q, func(entries []record) error {
		for i := range entries {
			if r := &entries[i]; r.Table == contactsTable && slices.Contains(e.Contacts, r.RowID) && r.RowName != e.Name {
				out[r.RowName] = true
			}
		}
		return nil
	}, sqlAboutAfter, e.Customer)
	return out, err
}

// contactsTable is the table whose rows are contacts.
const contactsTable = "contacts"

// leave is the entry as it is to be left; nil: as it is.
func (e *Erasing) leave(r *record, content bool, names map[string]bool) *record {
	left := *r
	if r.ActorKind == string(access.KindContact) && slices.Contains(e.Contacts, r.ActorID) {
		left.ActorName, left.IP = e.Person, ""
	}
	if r.OnBehalfOf != "" && (e.Whole && r.CustomerID == e.Customer || names[r.OnBehalfOf]) {
		left.OnBehalfOf = e.Person
	}
	if content && e.about(r) && r.Action != string(ActionErase) {
		if r.RowName != "" {
			left.RowName = e.Name
		}
		left.Comment, left.Changes = "", eraseValues(r.Changes)
	}
	if left.ActorName == r.ActorName && left.IP == r.IP && left.OnBehalfOf == r.OnBehalfOf && left.RowName == r.RowName && left.Comment == r.Comment && left.Changes == r.Changes {
		return nil
	}
	return &left
}

func (e *Erasing) about(r *record) bool {
	return e.Whole && r.CustomerID == e.Customer || r.Table == contactsTable && slices.Contains(e.Contacts, r.RowID) || slices.Contains(e.Rows[r.Table], r.RowID)
}

// telling is the fields whose values say nothing about a person, and stay.
var telling = []string{"kind", "status", "billing_type", "currency", "reseller", "role", "state", "customer", "customers", "failed_tries", "counted_by", "why",
	"email_verified", "mobile_verified"}

// eraseValues is changes without their values: which fields they were stays, and whether there was a value.
func eraseValues(raw string) string {
	var changes []Change
	if json.Unmarshal([]byte(raw), &changes) != nil {
		return "[]" // cannot be: we wrote it
	}
	for i := range changes {
		if c := &changes[i]; !slices.Contains(telling, c.Field) {
			c.Old, c.New = eraseValue(c.Old), eraseValue(c.New)
		}
	}
	text, err := json.Marshal(changes)
	if err != nil || bytes.Equal(text, []byte("null")) {
		return "[]"
	}
	return string(text)
}

func eraseValue(v any) any {
	if v == nil || v == "changed" {
		return v
	}
	return erasedValue
}
