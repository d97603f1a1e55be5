package masscreate

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
	"tandem/internal/kit/money"
	"tandem/internal/kit/secret"
)

// Kind is the kind of the jobs.
const Kind = "mass_create"

// How long secrets are good.
const (
	ResultKept = 24 * time.Hour      // the result file, when nobody takes it
	TokenValid = 30 * 24 * time.Hour // a set-up token
)

// Limits of a request.
const (
	MaxCount  = 1_000_000
	maxLength = 32
	maxDigits = 18 // behind the prefix
)

// Request says which customers to make.
type Request struct {
	Count       int
	Prefix      string // letters and digits
	Length      int    // of the whole number
	Defaults    customer.Draft
	Opening     Opening
	SetupTokens bool // give each a one-time token
}

// Opening is values that a later wing applies; decimal texts, empty for none. Both may be below zero: a balance that is
// owed, and a limit that keeps a reserve back.
type Opening struct {
	Balance    string
	DebitLimit string
}

// Free is the answer to a dry run.
type Free struct {
	Free  int64 `json:"free"` // numbers of that form that nobody has
	Count int   `json:"count"`
}

// Kept says that a value was kept and is not applied yet.
type Kept struct {
	Field   string `json:"field"`
	Value   string `json:"value"` // of each customer
	Rows    int64  `json:"rows"`
	Message string `json:"message"`
}

// Result is what a job tells.
type Result struct {
	Created int64  `json:"created"`
	Kept    []Kept `json:"kept,omitempty"`
}

// payload is what a job keeps of its request.
type payload struct {
	Count    int                `json:"count"`
	Prefix   string             `json:"prefix"`
	Digits   int                `json:"digits"`
	Draft    customer.Draft     `json:"draft"`
	Openings []customer.Opening `json:"openings,omitempty"`
	Tokens   bool               `json:"tokens,omitempty"`
	Key      string             `json:"key"` // of the permutation
}

// Options are what the service needs.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	Customers *customer.Service
	Jobs      *job.Service
	Files     *file.Service
	Audit     *audit.Log
}

// Service is the use cases. Safe for concurrent use.
type Service struct{ o Options }

// New gives the service and registers its jobs: call it before the jobs start.
func New(o Options) *Service {
	s := &Service{o}
	o.Jobs.Handle(Kind, s.run)
	o.Jobs.OnEnd(Kind, s.end)
	return s
}

func require(ctx context.Context) error {
	if err := access.Require(ctx, access.CustomerBulk); err != nil {
		return err
	}
	return access.Require(ctx, access.CustomerCreate)
}

// Free tells how many numbers are left, and everything that is wrong with a request.
func (s *Service) Free(ctx context.Context, r Request) (Free, error) {
	_, free, err := s.read(ctx, r)
	return Free{free, r.Count}, err
}

// Create accepts a request as a job. Its result is a CSV file that can be downloaded once.
func (s *Service) Create(ctx context.Context, r Request) (job.Job, error) {
	p, _, err := s.read(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	p.Key = secret.Link()
	var j job.Job
	err = s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		spec := job.Spec{Kind: Kind, Label: fmt.Sprintf("Mass create of %d customers", r.Count), Payload: p, Total: int64(r.Count)}
		if j, err = s.o.Jobs.Enqueue(ctx, tx, spec); err != nil {
			return err
		}
		changes := []audit.Change{{Field: "count", New: r.Count}, {Field: "prefix", New: p.Prefix}, {Field: "length", New: r.Length}, {Field: "setup_tokens", New: r.SetupTokens}}
		for _, o := range p.Openings {
			changes = append(changes, audit.Change{Field: "opening." + o.Field, New: o.Value})
		}
		return s.o.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: "jobs", RowID: j.ID, RowName: j.Label, Message: j.Label, Changes: changes})
	})
	return j, err
}

// read understands a request, or tells every wrong field; free is the numbers that are left.
func (s *Service) read(ctx context.Context, r Request) (p payload, free int64, err error) {
	if err := require(ctx); err != nil {
		return payload{}, 0, err
	}
	var wrong errs.Fields
	p = payload{Count: r.Count, Prefix: strings.TrimSpace(r.Prefix), Draft: r.Defaults, Tokens: r.SetupTokens}
	p.Digits = r.Length - len(p.Prefix)
	checkForm(r, &p, &wrong)
	p.Openings = readOpening(r.Opening, &wrong)
	if err := s.checkDefaults(ctx, p, &wrong); err != nil {
		return payload{}, 0, err
	}
	if !wrong.Has("prefix") && !wrong.Has("length") {
		used, err := s.o.Customers.NumbersUsed(ctx, s.o.DB.Read(), p.Prefix, p.Digits)
		if err != nil {
			return payload{}, 0, err
		}
		free = int64(size(p.Digits)) - used
		if int64(r.Count) > free && !wrong.Has("count") {
			return payload{}, free, onlyLeft(free, r, &wrong)
		}
	}
	return p, free, wrong.Err()
}

// size is how many numbers so many digits give.
func size(digits int) uint64 { return uint64(math.Pow10(digits)) }

// onlyLeft is the refusal of a request that the range cannot hold.
func onlyLeft(free int64, r Request, wrong *errs.Fields) error {
	wrong.Add("count", "only_n_left", "Only %d left.", free)
	e, ok := errs.As(wrong.Err())
	if ok && len(e.Fields) == 1 {
		e.Code, e.Detail = "only_n_left", fmt.Sprintf("Only %d numbers of length %d that begin with %s are left.", free, r.Length, strings.TrimSpace(r.Prefix))
	}
	return e
}

func checkForm(r Request, p *payload, wrong *errs.Fields) {
	if r.Count < 1 || r.Count > MaxCount {
		wrong.Add("count", "out_of_range", "Make 1 to %d customers.", MaxCount)
	}
	if p.Prefix == "" || strings.Trim(p.Prefix, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || len(p.Prefix) >= maxLength {
		wrong.Add("prefix", "malformed", "A prefix is 1 to %d letters a-z and digits.", maxLength-1)
		return
	}
	switch {
	case r.Length < 2 || r.Length > maxLength:
		wrong.Add("length", "out_of_range", "The length is 2 to %d.", maxLength)
	case p.Digits < 1:
		wrong.Add("length", "too_short", "The length must exceed that of the prefix, which has %d characters.", len(p.Prefix))
	case p.Digits > maxDigits:
		wrong.Add("length", "too_long", "At most %d digits may stand behind the prefix.", maxDigits)
	}
}

func readOpening(o Opening, wrong *errs.Fields) []customer.Opening {
	var out []customer.Opening
	for _, v := range []struct{ field, text string }{{"balance", o.Balance}, {"debit_limit", o.DebitLimit}} {
		if strings.TrimSpace(v.text) == "" {
			continue
		}
		n, err := money.Parse(strings.TrimSpace(v.text))
		if err != nil {
			wrong.Add("opening."+v.field, "bad_number", "Give an amount with up to six decimals, such as 12.50.")
			continue
		}
		out = append(out, customer.Opening{Field: v.field, Value: n.String()})
	}
	return out
}

// checkDefaults tries the defaults on a customer with a number of the form.
func (s *Service) checkDefaults(ctx context.Context, p payload, wrong *errs.Fields) error {
	for _, own := range []struct{ field, text string }{{"reference", p.Draft.Reference}, {"email", p.Draft.Email}} {
		if strings.TrimSpace(own.text) != "" {
			wrong.Add("defaults."+own.field, "not_shared", "This differs from customer to customer: it cannot be the same for all.")
		}
	}
	d, bad, err := s.prepare(ctx, s.o.DB.Read(), p)
	if err != nil {
		return err
	}
	for _, w := range bad.List() {
		if w.Field != "email" || d.Email == "" {
			wrong.Add("defaults."+w.Field, w.Code, "%s", w.Message)
		}
	}
	return nil
}

// prepare is the draft that every customer of a job is a copy of, but for its number, and what is wrong with it.
func (s *Service) prepare(ctx context.Context, q db.Q, p payload) (customer.Draft, *errs.Fields, error) {
	d := p.Draft
	d.Reference = "1"
	if strings.TrimSpace(d.Name) == "" {
		d.Name = "1"
	}
	wrong, err := s.o.Customers.Prepare(ctx, &d)
	if err != nil {
		return d, nil, err
	}
	return d, wrong, s.o.Customers.CheckRefs(ctx, q, &d, wrong)
}
