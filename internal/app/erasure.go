package app

import (
	"context"
	"errors"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/bulk"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/erasure"
	"tandem/internal/core/masscreate"
	"tandem/internal/core/notify"
	"tandem/internal/core/once"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// erasing says what holds personal data, in the order in which it is erased: first what lets somebody in or goes out yet,
// then what is found by addresses, then the records themselves, and last what tells of them.
func (a *App) erasing() {
	a.Erasures = erasure.New(erasure.Options{DB: a.DB, Clock: a.Config.Clock, IDs: a.IDs, Audit: a.Log, Log: a.Config.Log, Jobs: a.Jobs, Directory: directory{a}})
	a.Erasures.Register(
		a.Scheduled.Eraser(), a.Sessions.Eraser(), a.Verification.Eraser(), a.Mail.Eraser(a.suppressionsErased), a.Lent.Eraser(),
		erasure.Eraser{Name: "idempotency_keys", Left: a.answersLeft, Erase: a.answersErased},
		erasure.Eraser{Name: "jobs", Left: a.jobsLeft, Erase: a.jobsErased},
		a.Bulk.Eraser(), a.Imports.Eraser(), a.Notices.Eraser(), a.Views.Eraser(), a.Brands.Eraser(), a.Contacts.Eraser(), a.Customers.Eraser(), a.Webhooks.Eraser(),
		erasure.Eraser{Name: "audit_entries",
			Left: func(ctx context.Context, q db.Q, s erasure.Subject) (int64, error) {
				return a.Audit.ToErase(ctx, q, inAudit(s))
			},
			Erase: func(ctx context.Context, s erasure.Subject) error {
				_, err := a.Audit.Erase(ctx, inAudit(s))
				return err
			}})
}

// asked is the kinds of jobs whose request may name values.
var asked = []string{bulk.KindUpdate, bulk.KindDelete, masscreate.Kind}

func (a *App) jobsLeft(ctx context.Context, q db.Q, s erasure.Subject) (int64, error) {
	return job.ToHush(ctx, q, s.Refs, s.Jobs, asked...)
}

func (a *App) jobsErased(ctx context.Context, s erasure.Subject) error {
	return a.Jobs.Hush(ctx, s.Refs, s.Jobs, asked...)
}

// made is the rows and principals of a subject, as idempotency keys name them.
func made(s erasure.Subject) (rows []once.Place, principals []string) {
	if s.Whole {
		rows = append(rows, once.Place{Table: customer.Table, Row: s.Customer})
	}
	for _, n := range s.Contacts {
		rows = append(rows, once.Place{Table: contact.Table, Row: n})
		principals = append(principals, access.Principal{Kind: access.KindContact, ID: n}.Key())
	}
	return rows, principals
}

func (a *App) answersLeft(ctx context.Context, q db.Q, s erasure.Subject) (int64, error) {
	rows, principals := made(s)
	return once.ToForget(ctx, q, s.Refs, rows, principals)
}

func (a *App) answersErased(ctx context.Context, s erasure.Subject) error {
	rows, principals := made(s)
	return once.Forget(ctx, a.DB, s.Refs, rows, principals)
}

// suppressionsErased takes addresses out of the entries about their being suppressed.
func (a *App) suppressionsErased(ctx context.Context, suppressions []int64) error {
	_, err := a.Audit.Erase(ctx, audit.Erasing{Rows: map[string][]int64{notify.SuppressionTable: suppressions}, Name: contact.ErasedName, Person: contact.ErasedName})
	return err
}

func inAudit(s erasure.Subject) audit.Erasing {
	e := audit.Erasing{Customer: s.Customer, Whole: s.Whole, Contacts: s.Contacts, Name: s.Name, Person: s.Person,
		Rows: map[string][]int64{notify.Table: s.Mails, schedule.Table: s.Saves, brand.Table: s.Brands}}
	if s.Whole {
		e.Rows["jobs"] = s.Jobs
	}
	return e
}

// directory is the owners of customers and contacts, as erasing asks them.
type directory struct{ a *App }

// Customer is a customer that the caller may see.
func (d directory) Customer(ctx context.Context, q db.Q, customerID int64) (erasure.Person, error) {
	if err := customer.See(ctx, q, customerID); err != nil {
		return erasure.Person{}, err
	}
	c, err := d.a.Customers.Known(ctx, q, customerID)
	if err != nil {
		return erasure.Person{}, err
	}
	return erasure.Person{Confirm: c.CustomerID, Name: customer.ErasedName(c.CustomerID), Closed: c.Status == customer.StatusClosed, Of: c.ID}, nil
}

// Contact is a contact that the caller may see.
func (d directory) Contact(ctx context.Context, q db.Q, contactID int64) (erasure.Person, error) {
	c, err := d.a.Contacts.Seen(ctx, q, contactID)
	if err != nil {
		return erasure.Person{}, err
	}
	return erasure.Person{Confirm: c.Name, Name: contact.ErasedName, Closed: c.CustomerClosed, Of: c.Customer.ID}, nil
}

// Mark keeps what is to be erased from changing.
func (d directory) Mark(ctx context.Context, tx *db.Tx, e erasure.Erasure) error {
	if e.Contact != 0 {
		return d.a.Contacts.RemoveIn(ctx, tx, e.Contact)
	}
	return d.a.Customers.MarkErased(ctx, tx, e.Customer, e.AskedAt)
}

// Subject is who all is meant. Addresses are known as long as the records or the audit say them; what is found by them is
// erased before those.
func (d directory) Subject(ctx context.Context, q db.Q, e erasure.Erasure) (erasure.Subject, error) {
	s := erasure.Subject{Customer: e.Customer, Whole: e.Contact == 0, Name: e.Name, Person: contact.ErasedName, At: e.AskedAt}
	people, err := contact.OfCustomer(ctx, q, e.Customer)
	if err != nil {
		return s, err
	}
	var emails, numbers, others []string
	for _, c := range people {
		if !s.Whole && c.ID != e.Contact {
			others = append(others, c.Mobile)
			continue
		}
		s.Contacts, s.Refs = append(s.Contacts, c.ID), append(s.Refs, id.Format(contact.Prefix, c.ID))
		emails, numbers = append(emails, c.Email), append(numbers, c.Mobile)
	}
	formerEmails, e1 := d.a.Audit.Values(ctx, q, e.Customer, e.Contact, "email")
	formerNumbers, e2 := d.a.Audit.Values(ctx, q, e.Customer, e.Contact, "mobile")
	if err := errors.Join(e1, e2); err != nil {
		return s, err
	}
	emails = append(emails, formerEmails...)
	s.Numbers = slices.DeleteFunc(append(numbers, formerNumbers...), func(n string) bool { return n == "" || slices.Contains(others, n) })
	itself := e.Customer
	if s.Whole {
		s.Refs = append(s.Refs, id.Format(customer.Prefix, e.Customer))
		c, err := d.a.Customers.Known(ctx, q, e.Customer)
		if err != nil {
			return s, err
		}
		emails = append(emails, c.Email)
	} else {
		itself = 0 // the customer is one of the others
	}
	if s.Emails, err = ownAlone(ctx, q, emails, itself, s.Contacts); err != nil {
		return s, err
	}
	return s, d.found(ctx, q, &s)
}

// found adds what is found by all that.
func (d directory) found(ctx context.Context, q db.Q, s *erasure.Subject) (err error) {
	var named, updated []int64
	named, e1 := job.Naming(ctx, q, s.Refs)
	updated, e2 := bulk.JobsOf(ctx, q, s.Customer)
	s.Jobs = named
	if s.Whole {
		s.Jobs = append(s.Jobs, updated...)
	}
	slices.Sort(s.Jobs)
	s.Jobs = slices.Compact(s.Jobs)
	var e3, e4, e5 error
	s.Mails, e3 = notify.MailsOf(ctx, q, s.Customer, s.Whole, slices.Concat(s.Emails, s.Numbers))
	s.Saves, e4 = schedule.SavesOf(ctx, q, s.Customer, s.Whole, s.Contacts)
	if s.Whole {
		s.Brands, e5 = brand.Of(ctx, q, s.Customer)
	}
	return errors.Join(e1, e2, e3, e4, e5)
}

// ownAlone is the addresses that nobody else has.
func ownAlone(ctx context.Context, q db.Q, emails []string, customerID int64, contacts []int64) ([]string, error) {
	emails = slices.DeleteFunc(emails, func(e string) bool { return e == "" })
	slices.Sort(emails)
	emails = slices.Compact(emails)
	ofCustomers, err := customer.EmailsOfOthers(ctx, q, emails, customerID)
	if err != nil {
		return nil, err
	}
	ofContacts, err := contact.EmailsOfOthers(ctx, q, emails, contacts)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(emails, func(e string) bool { return ofCustomers[fold.Key(e)] || ofContacts[fold.Key(e)] }), nil
}
