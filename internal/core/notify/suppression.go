package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// SuppressionPrefix begins the IDs of suppressed addresses at the API.
const SuppressionPrefix = "sup"

// SuppressionTable is the name under which changes of the suppression list stand in the audit.
const SuppressionTable = "email_suppressions"

// Reason says why nothing goes to an address.
type Reason string

// The reasons.
const (
	ReasonBounced Reason = "bounced" // a server said that there is no such address
	ReasonManual  Reason = "manual"  // somebody put it there
)

// Suppression is an address that nothing goes to.
type Suppression struct {
	ID        int64
	Address   string
	Reason    Reason
	Detail    string // what the server said, or a note
	EmailID   int64  // the mail that came back; 0: none
	CreatedAt time.Time
}

func suppressions() *list.Table {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Visible: true, Width: width}
	}
	reason := list.Field{Name: "reason", Label: "Reason", Type: list.TypeChoice, Key: "s.reason", Sortable: true, Filter: true, Visible: true, Width: 140,
		Choices: []list.Choice{{Value: string(ReasonBounced), Label: "Bounced"}, {Value: string(ReasonManual), Label: "Added by hand"}}}
	return &list.Table{Name: "suppressions", From: "email_suppressions s", ID: "s.id", Default: "-created_at", Unindexed: true, Keywords: []string{"address"}, Fields: []list.Field{
		text("address", "Address", "s.address_key", 280), reason, text("detail", "Why", "s.detail", 360),
		{Name: "created_at", Label: "Created", Type: list.TypeDate, Key: "s.created_at", Sortable: true, Filter: true, Visible: true, Width: 170},
	}}
}

// SuppressionList is the declaration of the list of suppressed addresses.
func (s *Service) SuppressionList() *list.Table { return s.stopped.Table() }

func scanSuppression(scan list.Scan) (Suppression, error) {
	var out Suppression
	var created int64
	err := scan(&out.ID, &out.Address, &out.Reason, &out.Detail, &out.EmailID, &created)
	out.CreatedAt = clock.Time(created)
	return out, err
}

// Suppressions is one page of the addresses that nothing goes to.
func (s *Service) Suppressions(ctx context.Context, q list.Query) ([]Suppression, list.Page, error) {
	if err := access.Require(ctx, access.EmailSuppressionRead); err != nil {
		return nil, list.Page{}, err
	}
	return list.Rows(ctx, s.stopped, q, suppressionColumns, scanSuppression)
}

// Suppression is one address that nothing goes to.
func (s *Service) Suppression(ctx context.Context, suppressionID int64) (Suppression, error) {
	if err := access.Require(ctx, access.EmailSuppressionRead); err != nil {
		return Suppression{}, err
	}
	return suppression(ctx, s.DB.Read(), suppressionID, "")
}

func suppression(ctx context.Context, q db.Q, suppressionID int64, lock string) (Suppression, error) {
	one, err := scanSuppression(q.QueryRowContext(ctx, sqlSuppression+lock, suppressionID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return one, errs.NotFound("suppressed address")
	}
	if err != nil {
		return one, fmt.Errorf("read the suppressed address: %w", err)
	}
	return one, nil
}

// Suppress puts an address on the list: nothing goes to it any more.
func (s *Service) Suppress(ctx context.Context, address, note string) (Suppression, error) {
	if err := access.Require(ctx, access.EmailSuppressionWrite); err != nil {
		return Suppression{}, err
	}
	address, note = strings.TrimSpace(address), strings.TrimSpace(note)
	var wrong errs.Fields
	checkAddress(&wrong, "address", address)
	if len([]rune(note)) > maxError || strings.ContainsFunc(note, unfit) {
		wrong.Add("detail", "bad_text", "A note is one line of up to %d characters.", maxError)
	}
	if err := wrong.Err(); err != nil {
		return Suppression{}, err
	}
	var out Suppression
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var there []string
		if err := tx.SelectContext(ctx, &there, sqlSuppressed, addressKey(address)); err != nil {
			return fmt.Errorf("look whether the address is suppressed: %w", err)
		}
		if len(there) > 0 {
			wrong.Add("address", "duplicate_email", "This address is on the list already.")
			return wrong.Err()
		}
		out = Suppression{ID: s.IDs.Next(), Address: address, Reason: ReasonManual, Detail: note, CreatedAt: s.Clock.Now()}
		return s.suppress(ctx, tx, out)
	})
	return out, err
}

func (s *Service) suppress(ctx context.Context, tx *db.Tx, one Suppression) error {
	if one.ID == 0 {
		one.ID = s.IDs.Next()
	}
	n, err := exec(ctx, tx, "suppress the address", sqlSuppress, one.ID, one.Address, addressKey(one.Address), string(one.Reason), one.Detail, one.EmailID, clock.Micros(s.Clock.Now()))
	if err != nil || n == 0 { // it is there already
		return err
	}
	return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: SuppressionTable, RowID: one.ID, RowName: one.Address, Message: "Address suppressed",
		Changes: []audit.Change{{Field: "address", New: one.Address}, {Field: "reason", New: string(one.Reason)}, {Field: "detail", New: one.Detail}}})
}

// Release takes an address off the list.
func (s *Service) Release(ctx context.Context, suppressionID int64) error {
	if err := access.Require(ctx, access.EmailSuppressionWrite); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		one, err := suppression(ctx, tx, suppressionID, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "release the address", sqlRelease, suppressionID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionDelete, Table: SuppressionTable, RowID: one.ID, RowName: one.Address, Message: "Address released",
			Changes: []audit.Change{{Field: "address", Old: one.Address}, {Field: "reason", Old: string(one.Reason)}}})
	})
}
