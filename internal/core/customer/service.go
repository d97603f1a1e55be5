package customer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Table is the name under which changes of customers stand in the audit.
const Table = "customers"

// Prefix begins the IDs of customers at the API.
const Prefix = "cus"

// Guard may refuse that customers are closed, in the transaction that would close them: it tells what blocks each. A
// wing registers one for what it hangs on customers.
type Guard func(ctx context.Context, q db.Q, ids []int64) (map[int64][]errs.Blocker, error)

// Follower keeps what it holds of customers: it is called in the transaction that renames, closes or reopens them,
// or lets their contacts sign in or no more, with what they have become.
type Follower func(ctx context.Context, tx *db.Tx, changed []*Customer) error

// Options is what the service is made of.
type Options struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      *id.Source
	Audit    *audit.Log
	Log      *slog.Logger
	Defaults func(ctx context.Context) (Defaults, error) // the operator's settings
}

// Service is the use cases of customers. Safe for concurrent use.
type Service struct {
	Options
	guards  []Guard
	follow  []Follower
	schema  atomic.Pointer[schema]
	engine  *list.Engine
	numbers numberPool
}

// New gives the service and reads the operator's fields.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{Options: o, guards: []Guard{ownsCustomers}}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	s.engine = list.NewEngine(o.DB, o.Log, s.schema.Load().table, s.count)
	return s, nil
}

// Guard registers a wing's say on closing customers. Call it before the service is used.
func (s *Service) Guard(g Guard) { s.guards = append(s.guards, g) }

// Follow registers who keeps names and states of customers. Call it before the service is used.
func (s *Service) Follow(f Follower) { s.follow = append(s.follow, f) }

// Reload reads the operator's fields again; lists follow at once.
func (s *Service) Reload(ctx context.Context) error {
	fields, edition, err := customfield.All(ctx, s.DB.Read())
	if err != nil {
		return err
	}
	next := newSchema(edition, fields)
	s.schema.Store(next)
	if s.engine != nil {
		s.engine.SetTable(next.table)
	}
	return nil
}

// Fields describes every field: for lists, forms, imports and bulk changes.
func (s *Service) Fields(ctx context.Context) ([]list.Description, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return nil, err
	}
	return list.Describe(s.schema.Load().table.Fields, access.Masked(ctx)...), nil
}

// ListTable is the declaration of the list, to check saved filters against.
func (s *Service) ListTable() *list.Table { return s.schema.Load().table }

// count is the number of customers under a base condition, from the totals. It also sees when another node changed
// the operator's fields.
func (s *Service) count(ctx context.Context, base string) (int64, error) {
	var got struct {
		N       int64 `db:"n"`
		Edition int64 `db:"edition"`
	}
	if err := s.DB.Read().GetContext(ctx, &got, totalSQL(base)); err != nil {
		return 0, fmt.Errorf("count customers: %w", err)
	}
	if got.Edition != s.schema.Load().edition {
		return got.N, s.Reload(ctx)
	}
	return got.N, nil
}

// Get is one customer by ID.
func (s *Service) Get(ctx context.Context, customerID int64) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return nil, err
	}
	c, err := s.get(ctx, s.DB.Read(), customerID, "")
	if err != nil {
		return nil, err
	}
	return shown(ctx, c), nil
}

// get reads a customer of the caller's place.
func (s *Service) get(ctx context.Context, q db.Q, customerID int64, lock string) (*Customer, error) {
	if err := See(ctx, q, customerID); err != nil {
		return nil, err
	}
	found, err := s.schema.Load().load(ctx, q, []int64{customerID}, lock)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.NotFound("customer")
	}
	return found[0], nil
}

// Resolve gives the ID behind what a person or program writes for a customer: cus_... or a customer ID.
func (s *Service) Resolve(ctx context.Context, text string) (int64, error) {
	if n, err := id.Parse(Prefix, text); err == nil {
		return n, nil
	}
	number, err := ParseNumber(text)
	if err != nil {
		return 0, errs.NotFound("customer")
	}
	var ids []int64
	if err := s.DB.Read().SelectContext(ctx, &ids, sqlByNumber, number); err != nil {
		return 0, fmt.Errorf("find the customer: %w", err)
	}
	if len(ids) == 0 {
		return 0, errs.NotFound("customer")
	}
	return ids[0], See(ctx, s.DB.Read(), ids[0])
}

// List is one page of customers.
func (s *Service) List(ctx context.Context, q list.Query) ([]*Customer, list.Page, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return nil, list.Page{}, err
	}
	sc := s.schema.Load()
	p, err := sc.parse(ctx, q)
	if err != nil {
		return nil, list.Page{}, err
	}
	items := make([]*Customer, 0, p.Limit)
	page, err := s.engine.Page(ctx, p, sqlRow+sc.columns, func(scan list.Scan) error {
		c, err := sc.scan(scan)
		items = append(items, c)
		return err
	})
	if err != nil {
		return nil, list.Page{}, err
	}
	return allShown(ctx, items), page, loadGroups(ctx, s.DB.Read(), items)
}

// Count is the exact number of customers that match.
func (s *Service) Count(ctx context.Context, q list.Query) (int64, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return 0, err
	}
	p, err := s.schema.Load().parse(ctx, q)
	if err != nil {
		return 0, err
	}
	return s.engine.Count(ctx, p)
}

// Matching is up to limit IDs of matching customers above after, in order of ID: for jobs over everything filtered.
func (s *Service) Matching(ctx context.Context, q list.Query, after int64, limit int) ([]int64, error) {
	p, err := s.schema.Load().parse(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.engine.IDs(ctx, s.DB.Read(), p, after, limit)
}

// Load reads customers by ID, in that order; missing ones and those outside the caller's place are left out. For jobs,
// which have asked for permission when they were made.
func (s *Service) Load(ctx context.Context, q db.Q, ids []int64) ([]*Customer, error) {
	ids, err := Visible(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	return s.schema.Load().load(ctx, q, ids, "")
}

// Create makes one customer.
func (s *Service) Create(ctx context.Context, d Draft) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerCreate); err != nil {
		return nil, err
	}
	wrong, err := s.Prepare(ctx, &d)
	if err != nil {
		return nil, err
	}
	number, err := s.numbers.one(ctx, s)
	if err != nil {
		return nil, err
	}
	var made *Customer
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, err = s.createIn(ctx, tx, &d, number, wrong)
		return err
	})
	return showing(ctx, made, err)
}

// checkAgainstOthers adds what only the database knows, and tells every wrong field of the draft.
func (s *Service) checkAgainstOthers(ctx context.Context, q db.Q, d *Draft, self int64, wrong *errs.Fields) error {
	found, err := s.Duplicates(ctx, q, []*Draft{d}, []int64{self})
	if err != nil {
		return err
	}
	for _, f := range found[0] {
		wrong.Add(f.Field, f.Code, "%s", f.Message)
	}
	if err := checkRefs(ctx, q, d, wrong); err != nil {
		return err
	}
	return wrong.Err()
}

// Update changes some fields of a customer. version is the one the caller read; 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, customerID, version int64, changes []Change) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerUpdate); err != nil {
		return nil, err
	}
	var after *Customer
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		after, err = s.UpdateIn(ctx, tx, customerID, version, changes)
		return err
	})
	return after, err
}

// Delete closes a customer: its documents stay, its e-mail and reference are free again. What blocks it is named.
func (s *Service) Delete(ctx context.Context, customerID, version int64, reason string) error {
	if err := access.Require(ctx, access.CustomerDelete); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.DeleteIn(ctx, tx, customerID, version, reason) })
}

// Close closes one customer in the caller's transaction.
func (s *Service) Close(ctx context.Context, tx *db.Tx, before *Customer, reason string) (*Customer, error) {
	return s.apply(ctx, tx, before, []Change{{Field: "status", Value: string(StatusClosed)}, {Field: "status_reason", Value: reason}}, "Customer closed", audit.ActionDelete)
}

// blockers asks every guard what stands in the way of closing these customers.
func (s *Service) blockers(ctx context.Context, q db.Q, ids []int64) (map[int64][]errs.Blocker, error) {
	out := map[int64][]errs.Blocker{}
	for _, g := range s.guards {
		found, err := g(ctx, q, ids)
		if err != nil {
			return nil, err
		}
		for customerID, list := range found {
			out[customerID] = append(out[customerID], list...)
		}
	}
	return out, nil
}

// Blockers tells what stands in the way of closing these customers, for previews.
func (s *Service) Blockers(ctx context.Context, ids []int64) (map[int64][]errs.Blocker, error) {
	return s.blockers(ctx, s.DB.Read(), ids)
}

// ownsCustomers keeps a reseller that still owns open customers. Of each it names some.
func ownsCustomers(ctx context.Context, q db.Q, ids []int64) (map[int64][]errs.Blocker, error) {
	var resellers []int64
	if err := q.SelectContext(ctx, &resellers, fmt.Sprintf(sqlResellersOf, db.IDList(ids))); err != nil {
		return nil, fmt.Errorf("look for owned customers: %w", err)
	}
	out := make(map[int64][]errs.Blocker, len(resellers))
	for _, r := range resellers {
		var owned []struct {
			ID     int64  `db:"id"`
			Number string `db:"customer_id"`
			Name   string `db:"name"`
		}
		if err := q.SelectContext(ctx, &owned, sqlOwned, r); err != nil {
			return nil, fmt.Errorf("look for owned customers: %w", err)
		}
		for _, o := range owned {
			out[r] = append(out[r], errs.Blocker{Type: "customer", ID: id.Format(Prefix, o.ID), Name: o.Name + " (" + o.Number + ")"})
		}
	}
	return out, nil
}

// taken turns a lost race for an e-mail or reference into the same answer as a lost check.
func (s *Service) taken(err error, wrong *errs.Fields) error {
	name := db.UniqueViolation(err)
	switch {
	case name == "":
		return err
	case slices.Contains([]string{"customers_email_unique", "customers.email_key"}, name):
		wrong.Add("email", "duplicate_email", "Another customer has this e-mail address.")
	case slices.Contains([]string{"customers_reference_unique", "customers.reference_key"}, name):
		wrong.Add("reference", "duplicate_reference", "Another customer has this reference number.")
	default:
		return err
	}
	return errors.Join(wrong.Err())
}

// Explain is the database's plan for a list, and whether it gathers matches from an index and sorts them.
func (s *Service) Explain(ctx context.Context, q list.Query) (plan []string, gathers bool, err error) {
	sc := s.schema.Load()
	p, err := sc.parse(ctx, q)
	if err != nil {
		return nil, false, err
	}
	return s.engine.Explain(ctx, p, sqlRow+sc.columns)
}
