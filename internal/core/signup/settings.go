package signup

import (
	"context"
	"fmt"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Table is the name under which changes of the settings stand in the audit.
const Table = "sign_up_settings"

// Prefix begins the IDs of settings at the API.
const Prefix = "sup"

// Settings is whether and how people sign up with one party.
type Settings struct {
	ID       int64 // 0: nobody has decided anything yet
	Reseller int64 // brand.Operator, or the reseller's
	Open     bool
	Template int64 // the customer that new ones are made like; 0: none
	// TemplateName is of a template that the caller sees.
	TemplateName string
	Approval     bool   // new customers wait for it
	TermsURL     string // what has to be accepted; empty: nothing
	Version      int64
}

// Patch is a change of settings; nil leaves a field as it is.
type Patch struct {
	Open     *bool
	Template *int64 // 0: none
	Approval *bool
	TermsURL *string
}

func (p *Patch) over(s Settings, wrong *errs.Fields) Settings {
	if p.Open != nil {
		s.Open = *p.Open
	}
	if p.Template != nil {
		s.Template = *p.Template
	}
	if p.Approval != nil {
		s.Approval = *p.Approval
	}
	if p.TermsURL != nil {
		if s.TermsURL = strings.TrimSpace(*p.TermsURL); s.TermsURL != "" {
			s.TermsURL = brand.WebAddress(wrong, "terms_url", s.TermsURL)
		}
	}
	return s
}

func refText(customerID int64) any {
	if customerID == 0 {
		return nil
	}
	return id.Format(customer.Prefix, customerID)
}

func diff(old, now Settings) []audit.Change {
	var out []audit.Change
	if old.Open != now.Open {
		out = append(out, audit.Change{Field: "open", Old: old.Open, New: now.Open})
	}
	if old.Template != now.Template {
		out = append(out, audit.Change{Field: "template", Old: refText(old.Template), New: refText(now.Template)})
	}
	if old.Approval != now.Approval {
		out = append(out, audit.Change{Field: "approval", Old: old.Approval, New: now.Approval})
	}
	if old.TermsURL != now.TermsURL {
		out = append(out, audit.Change{Field: "terms_url", Old: old.TermsURL, New: now.TermsURL})
	}
	return out
}

// Get is whether and how people sign up with the operator or a reseller.
func (s *Service) Get(ctx context.Context, reseller int64) (Settings, error) {
	if err := access.Require(ctx, access.BrandRead); err != nil {
		return Settings{}, err
	}
	if _, err := s.Brands.Party(ctx, s.DB.Read(), reseller); err != nil {
		return Settings{}, err
	}
	now, err := settings(ctx, s.DB.Read(), reseller, "")
	if err != nil || now.Template == 0 {
		return now, err
	}
	found, err := s.Customers.Load(ctx, s.DB.Read(), []int64{now.Template})
	if len(found) > 0 {
		now.TemplateName = found[0].Name
	}
	return now, err
}

// Update changes whether and how people sign up. A version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, reseller, version int64, p Patch) (Settings, error) {
	if err := access.Require(ctx, access.BrandWrite); err != nil {
		return Settings{}, err
	}
	var after Settings
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		of, err := s.Brands.Party(ctx, tx, reseller)
		if err != nil {
			return err
		}
		if of != nil && of.Status == customer.StatusClosed {
			return errs.New(errs.KindConflict, "customer_closed", "%s is closed: nobody signs up there.", of.Name)
		}
		now := clock.Micros(s.Clock.Now())
		if _, err := exec(ctx, tx, "make settings of sign-up", sqlFirst, s.IDs.Next(), reseller, now); err != nil { // so that there is something to lock
			return err
		}
		before, err := settings(ctx, tx, reseller, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return errs.Stale(before)
		}
		var wrong errs.Fields
		after = p.over(before, &wrong)
		if err := s.checkTemplate(ctx, tx, &after, &wrong); err != nil {
			return err
		}
		changes := diff(before, after)
		if err := wrong.Err(); err != nil || len(changes) == 0 {
			return err
		}
		after.Version++
		if _, err := exec(ctx, tx, "save settings of sign-up", sqlUpdate, db.Bit(after.Open), after.Template, db.Bit(after.Approval), after.TermsURL, now, after.Version, after.ID); err != nil {
			return err
		}
		name := "Operator"
		if of != nil {
			name = of.Name
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: after.ID, RowName: name, Message: "Sign-up settings changed", Changes: changes})
	})
	return after, err
}

// checkTemplate notes why new customers cannot be made like this one. It is kept from who would close it meanwhile.
func (s *Service) checkTemplate(ctx context.Context, tx *db.Tx, now *Settings, wrong *errs.Fields) error {
	if now.Template == 0 {
		if now.Open {
			wrong.Add("template", "required", "Choose the customer that new ones are made like.")
		}
		return nil
	}
	found, err := s.Customers.LoadLocked(ctx, tx, []int64{now.Template})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		wrong.Add("template", "not_found", "There is no such customer.")
		return nil
	}
	now.TemplateName = found[0].Name
	if !fits(found[0], now.Reseller) {
		wrong.Add("template", "bad_template", "%s cannot be the template: it has to be an active customer of this brand's own, neither provider nor reseller.", found[0].Name)
	}
	return nil
}

// fits tells whether new customers of a party can be made like this one.
func fits(c *customer.Customer, reseller int64) bool {
	return c.Kind == customer.KindCustomer && c.Status == customer.StatusActive && c.Reseller == reseller
}

// Templates tells which customers new ones are made like, for whoever would close them.
func Templates(ctx context.Context, q db.Q, ids []int64) (map[int64][]errs.Blocker, error) {
	var rows []struct {
		Template int64 `db:"template_id"`
		Reseller int64 `db:"reseller_id"`
	}
	if err := q.SelectContext(ctx, &rows, fmt.Sprintf(sqlTemplates, db.IDList(ids))); err != nil {
		return nil, fmt.Errorf("look for templates of sign-up: %w", err)
	}
	out := map[int64][]errs.Blocker{}
	for _, r := range rows {
		of := "operator"
		if r.Reseller != brand.Operator {
			of = id.Format(customer.Prefix, r.Reseller)
		}
		out[r.Template] = append(out[r.Template], errs.Blocker{Type: "sign_up", ID: of, Name: "Sign-up"})
	}
	return out, nil
}
