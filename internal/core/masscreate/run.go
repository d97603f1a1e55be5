package masscreate

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/tabular"
)

const (
	batchRows = 500
	// lookMost is how many numbers one transaction looks at before it ends with what it found, where most are taken.
	lookMost  = 10 * batchRows
	raceTries = 20 // of a batch that lost its numbers to another one
)

// mark is the checkpoint: the next place of the walk, and what is made.
type mark struct {
	File  int64  `json:"file"`
	Place uint64 `json:"place"`
	Made  int64  `json:"made"`
}

func (s *Service) run(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Payload(&p); err != nil {
		return err
	}
	if err := require(ctx); err != nil {
		return err
	}
	var at mark
	begun, err := run.Checkpoint(&at)
	if err == nil && !begun {
		err = s.begin(ctx, run, &p, &at)
	}
	if err != nil {
		return err
	}
	walk := newPermutation(p.Key, size(p.Digits))
	for at.Made < int64(p.Count) {
		if at.Place >= walk.size {
			return errs.New(errs.KindConflict, "only_n_left", "Others took numbers meanwhile: %d customers were made, and no number of that form is left.", at.Made)
		}
		if err := s.step(ctx, run, &p, &walk, &at); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the result file.
func (s *Service) begin(ctx context.Context, run *job.Run, p *payload, at *mark) error {
	header := []string{"customer_id", "reference", "name"}
	if p.Tokens {
		header = append(header, "setup_token")
	}
	text, err := lines([][]string{header}, true)
	if err != nil {
		return err
	}
	next := *at
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if next.File, err = s.o.Files.Begin(ctx, tx, "customers-"+run.Job().PublicID()+".csv"); err != nil {
			return err
		}
		if _, err := s.o.Files.Append(ctx, tx, next.File, text); err != nil {
			return err
		}
		if err := run.SetFile(ctx, tx, next.File, true); err != nil {
			return err
		}
		if err := run.SetResult(ctx, tx, p.result(0)); err != nil {
			return err
		}
		return run.Save(ctx, tx, next, job.Progress{})
	})
	if err == nil {
		*at = next
	}
	return err
}

func (p *payload) result(made int64) Result {
	r := Result{Created: made}
	for _, o := range p.Openings {
		r.Kept = append(r.Kept, Kept{o.Field, o.Value, made, "Kept with each customer, and not applied until there is a ledger."})
	}
	return r
}

func lines(rows [][]string, first bool) ([]byte, error) {
	var b bytes.Buffer
	w := tabular.NewCSVWriter(&b, tabular.CSVOptions{BOM: first})
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// step makes one batch in one transaction, again when another one took its numbers.
func (s *Service) step(ctx context.Context, run *job.Run, p *payload, walk *permutation, at *mark) error {
	want := min(batchRows, p.Count-int(at.Made))
	numbers, err := s.o.Customers.Reserve(ctx, want)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		var next mark
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			next = *at
			references, err := s.draw(ctx, tx, p, walk, want, &next.Place)
			if err != nil {
				return err
			}
			if err := s.make(ctx, tx, run, p, references, numbers, &next); err != nil {
				return err
			}
			if err := run.SetResult(ctx, tx, p.result(next.Made)); err != nil {
				return err
			}
			return run.Save(ctx, tx, next, job.Progress{Done: next.Made, Total: int64(p.Count)})
		})
		switch {
		case err == nil:
			*at = next
			return nil
		case db.UniqueViolation(err) == "" || try == raceTries:
			return err
		}
	}
}

// draw walks on until it has so many free numbers, or has looked at many.
func (s *Service) draw(ctx context.Context, tx *db.Tx, p *payload, walk *permutation, want int, place *uint64) ([]string, error) {
	var free []string
	for looked := 0; len(free) < want && looked < lookMost && *place < walk.size; {
		some := make([]string, 0, want-len(free))
		for len(some) < cap(some) && *place < walk.size {
			some = append(some, fmt.Sprintf("%s%0*d", p.Prefix, p.Digits, walk.at(*place)))
			*place++
		}
		looked += len(some)
		keys := make([]string, len(some))
		for i, n := range some {
			keys[i] = fold.Key(n)
		}
		taken, err := s.o.Customers.Find(ctx, tx, "reference", keys)
		if err != nil {
			return nil, err
		}
		for i, n := range some {
			if taken[keys[i]] == 0 {
				free = append(free, n)
			}
		}
	}
	slices.Sort(free) // two jobs that want the same numbers take them in the same order, and do not lock each other out
	return free, nil
}

// make makes customers with these references, and all that goes with them.
func (s *Service) make(ctx context.Context, tx *db.Tx, run *job.Run, p *payload, references []string, numbers []int64, next *mark) error {
	if len(references) == 0 {
		return nil
	}
	like, wrong, err := s.prepare(ctx, tx, *p)
	if err == nil {
		err = wrong.Err()
	}
	if err != nil {
		return err
	}
	drafts := make([]*customer.Draft, len(references))
	for i, reference := range references {
		d := like
		d.Reference, d.Custom, d.Groups = reference, maps.Clone(like.Custom), slices.Clone(like.Groups)
		if strings.TrimSpace(p.Draft.Name) == "" {
			d.Name = reference
		}
		drafts[i] = &d
	}
	created, err := s.o.Customers.InsertMany(ctx, tx, drafts, numbers[:len(drafts)], "Customer made by mass create")
	if err != nil {
		return err
	}
	ids := make([]int64, len(created))
	for i, c := range created {
		ids[i] = c.ID
	}
	if err := s.keepOpenings(ctx, tx, run.ID(), p.Openings, ids); err != nil {
		return err
	}
	var tokens []string
	if p.Tokens {
		if tokens, err = s.o.Customers.SetupTokens(ctx, tx, ids, TokenValid); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, run, drafts, created, tokens, next)
}

func (s *Service) keepOpenings(ctx context.Context, tx *db.Tx, jobID int64, openings []customer.Opening, ids []int64) error {
	var all []customer.Opening
	for _, n := range ids {
		for _, o := range openings {
			o.CustomerID = n
			all = append(all, o)
		}
	}
	return s.o.Customers.KeepOpenings(ctx, tx, jobID, all)
}

// tell adds the lines of the result file and the rows of the job, which hold no secret.
func (s *Service) tell(ctx context.Context, tx *db.Tx, run *job.Run, drafts []*customer.Draft, created []customer.Created, tokens []string, next *mark) error {
	cells, rows := make([][]string, len(created)), make([]job.Row, len(created))
	for i, c := range created {
		next.Made++
		cells[i] = []string{c.CustomerID, drafts[i].Reference, drafts[i].Name}
		if tokens != nil {
			cells[i] = append(cells[i], tokens[i])
		}
		rows[i] = job.Row{Line: next.Made, RowID: id.Format(customer.Prefix, c.ID), Name: drafts[i].Name + " (" + c.CustomerID + ")", Outcome: "created"}
	}
	text, err := lines(cells, false)
	if err != nil {
		return err
	}
	if _, err := s.o.Files.Append(ctx, tx, next.File, text); err != nil {
		return err
	}
	return run.AddRows(ctx, tx, rows)
}

// end completes the result file in the transaction that ends the job, however that ended.
func (s *Service) end(ctx context.Context, tx *db.Tx, j job.Job) error {
	if j.FileID == 0 {
		return nil
	}
	if _, err := s.o.Files.Seal(ctx, tx, j.FileID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlKeepResult, j.FileID, j.ID, clock.Micros(s.o.Clock.Now().Add(ResultKept)))
	return err
}
