package customer

import (
	"context"
	"fmt"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
)

// PrepareMany is Prepare for many new drafts at once: what is wrong with each, in their order.
func (s *Service) PrepareMany(ctx context.Context, drafts []*Draft) ([]*errs.Fields, error) {
	def, err := s.Defaults(ctx)
	if err != nil {
		return nil, err
	}
	sc := s.schema.Load()
	out := make([]*errs.Fields, len(drafts))
	for i, d := range drafts {
		d.fill(def)
		d.place(ctx)
		out[i] = sc.normalise(d, def.Country)
		refuseHidden(ctx, d, out[i])
		if d.Status == StatusClosed || d.Status == StatusPenalty {
			out[i].Add("status", "bad_status", "A new customer is active, inactive or pending.")
		}
	}
	return out, nil
}

// DraftText is a field's value in a draft, as SetField takes it; "" for fields that are no text.
func (s *Service) DraftText(d *Draft, name string) string {
	if f := s.schema.Load().byName[name]; f != nil {
		return f.get(d)
	}
	return ""
}

// Opening is a value given when a customer was made, that a later wing applies, such as an opening balance.
type Opening struct {
	CustomerID int64
	Field      string
	Value      string
}

// KeepOpenings keeps the opening values of customers that were made in this transaction by the job.
func (s *Service) KeepOpenings(ctx context.Context, tx *db.Tx, jobID int64, openings []Opening) error {
	rows := make([][]any, len(openings))
	for i, o := range openings {
		rows[i] = []any{o.CustomerID, o.Field, o.Value, jobID}
	}
	return tx.Bulk(ctx, "customer_openings", []string{"customer_id", "field", "value", "job_id"}, rows)
}

// DropOpenings forgets the opening values of customers that are taken back.
func (s *Service) DropOpenings(ctx context.Context, tx *db.Tx, ids []int64) error {
	if _, err := tx.ExecContext(ctx, sqlDropOpenings+"("+db.IDList(ids)+")"); err != nil {
		return fmt.Errorf("drop opening values: %w", err)
	}
	return nil
}

// Resellers finds open resellers by what a file says for one: customer ID, reference or name. A text that names several
// has several. Those outside the caller's place are not there.
func (s *Service) Resellers(ctx context.Context, q db.Q, texts []string) (map[string][]Ref, error) {
	out := make(map[string][]Ref, len(texts))
	for _, text := range texts {
		number, err := ParseNumber(text)
		if err != nil {
			number = "-"
		}
		var found []Ref
		rows, err := q.QueryContext(ctx, sqlResellers, number, fold.Key(text))
		if err != nil {
			return nil, fmt.Errorf("find resellers: %w", err)
		}
		for rows.Next() {
			var r Ref
			if err = rows.Scan(&r.ID, &r.Name); err != nil {
				break
			}
			found = append(found, r)
		}
		if closing := rows.Close(); err == nil {
			err = closing
		}
		if err == nil {
			err = rows.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("find resellers: %w", err)
		}
		for _, r := range found {
			seen, err := Visible(ctx, q, []int64{r.ID})
			if err != nil {
				return nil, err
			}
			if len(seen) > 0 {
				out[text] = append(out[text], r)
			}
		}
	}
	return out, nil
}
