package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/erasure"
	"tandem/internal/core/group"
	"tandem/internal/core/notify"
	"tandem/internal/core/oidc"
	"tandem/internal/core/once"
	"tandem/internal/core/role"
	"tandem/internal/core/schedule"
	"tandem/internal/core/session"
	"tandem/internal/core/setting"
	"tandem/internal/core/signup"
	"tandem/internal/core/staff"
	"tandem/internal/core/webhook"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/httpx"
	"tandem/internal/kit/job"
	"tandem/migrations"
	"tandem/web"
)

const (
	flushEvery = 30 * time.Second
	sealEvery  = 10 * time.Second
	purgeEvery = 10 * time.Minute

	keepJobs    = 90 * 24 * time.Hour // ended jobs, with their rows and files
	keepFiles   = 24 * time.Hour      // uploads that stopped half way
	keepMails   = 365 * 24 * time.Hour
	keepEvents  = 30 * 24 * time.Hour
	keepNotices = 90 * 24 * time.Hour
	keepDrafts  = 30 * 24 * time.Hour // files of imports that never ran
	// stopWithin is how long requests and jobs at work may take to come to an end.
	stopWithin = 25 * time.Second
)

// prefixes is how the IDs of audited tables begin at the API.
var prefixes = rest.Prefixes{
	customer.Table: customer.Prefix, contact.Table: contact.Prefix, "groups": group.Prefix, "custom_fields": "cfd", "views": "view", "staff": staff.Prefix, role.Table: role.Prefix,
	"api_tokens": session.TokenPrefix, "jobs": job.Prefix, "imports": "imp", "audit_entries": audit.Prefix, "settings": "set",
	schedule.Table: schedule.Prefix, brand.Table: brand.Prefix, signup.Table: signup.Prefix, erasure.Table: erasure.Prefix,
	webhook.Table: webhook.Prefix,
	notify.Table:  notify.Prefix, notify.TemplateTable: notify.TemplatePrefix, notify.SuppressionTable: notify.SuppressionPrefix, notify.GatewayTable: "smg",
	oidc.Table: oidc.Prefix,
}

// Server is the API and the console over this installation. setupToken opens the set-up page once; empty: it stays
// closed.
func (a *App) Server(setupToken string) (*rest.Server, *rest.Events, error) {
	proxies, err := httpx.ParseProxies(a.Config.TrustedProxies)
	if err != nil {
		return nil, nil, err
	}
	console, err := web.Dist()
	if err != nil {
		return nil, nil, fmt.Errorf("open the console: %w", err)
	}
	events := rest.NewEvents(rest.EventOptions{Jobs: a.Jobs, Clock: a.Config.Clock, Log: a.Config.Log, Changes: a.changes, Events: a.Events})
	s, err := rest.New(rest.Config{
		DB: a.DB, Clock: a.Config.Clock, Log: a.Config.Log, Identities: a.Sessions, Lent: a.Lent, Brands: a.Brands, Web: console, Version: a.Config.Version,
		PublicURL: a.Config.PublicURL, Proxies: proxies, Ready: a.ready, Metrics: a.Metrics, Explains: a.explains, Exported: a.exported,
	}, append(a.modules(), rest.Setup(a.Staff, a.Sessions, setupToken), events.Module())...)
	return s, events, err
}

// modules is every capability's routes.
func (a *App) modules() []rest.Module {
	return []rest.Module{
		rest.Sessions(a.Sessions, a.People), rest.Providers(a.Providers, a.Sessions), rest.Staff(a.Staff), rest.Roles(a.Roles), rest.Tokens(a.Sessions), rest.Settings(a.Settings), rest.Reference,
		rest.Audit(a.Audit, prefixes), rest.Customers(a.Customers, a.Erasures.Of), rest.CustomFields(a.CustomFields), rest.Groups(a.Groups), rest.Contacts(a.Contacts, a.Customers, a.Erasures.Of),
		rest.Portal(rest.PortalOptions{Portal: a.Portal, Contacts: a.Contacts, Customers: a.Customers, Brands: a.Brands, Lent: a.Lent}),
		rest.Bulk(a.Bulk, a.MassCreate, a.Customers), rest.Jobs(a.Jobs, a.Files), rest.Views(a.Views), rest.Preferences(a.Views), rest.Search(a.Search), rest.Emails(a.Mail), rest.Texts(a.Mail), rest.Verification(a.Verification),
		rest.Brands(a.Brands), rest.SignUps(a.SignUps), rest.Imports(a.Imports), rest.Scheduled(a.Scheduled),
		rest.Webhooks(a.Webhooks), rest.Erasures(a.Erasures, a.Customers), rest.Notices(a.Notices, prefixes),
	}
}

// changes is what the event stream tells of, from the audit.
func (a *App) changes(ctx context.Context, since time.Time) ([]rest.Change, error) {
	recent, err := a.Audit.Recent(ctx, since)
	if err != nil {
		return nil, err
	}
	out := make([]rest.Change, len(recent))
	for i, c := range recent {
		out[i] = rest.Change{ID: c.ID, Table: c.Table, RowID: prefixes.RowID(c.Table, c.RowID)}
	}
	notices, err := a.Notices.Recent(ctx, since)
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		out = append(out, rest.Change{ID: n.ID, Table: "notices", Person: n.Person})
	}
	return out, nil
}

// exported notes that somebody took a list away as a file.
func (a *App) exported(ctx context.Context, list, q, filter string) error {
	table := list
	if list == "suppressions" {
		table = notify.SuppressionTable
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		return a.Log.Record(ctx, tx, audit.Entry{Action: audit.ActionExport, Table: table, Message: "List exported",
			Changes: []audit.Change{{Field: "filter", New: filter}, {Field: "q", New: q}}})
	})
}

// explains tells whether changes of this caller need a comment.
func (a *App) explains(ctx context.Context, p access.Principal) (bool, error) {
	s, err := a.Settings.Get(ctx)
	if err != nil {
		return false, err
	}
	switch s.RequireComment {
	case setting.CommentStaff:
		return p.Kind == access.KindStaff, nil
	case setting.CommentAll:
		return p.Kind == access.KindStaff || p.Kind == access.KindToken, nil
	}
	return false, nil
}

// ready tells what is missing to answer requests.
func (a *App) ready(ctx context.Context) error {
	ok, err := a.DB.Migrated(ctx, migrations.Files)
	if err == nil && !ok {
		err = errors.New("the database has not been migrated")
	}
	return err
}

// Serve answers on the listener, works on jobs and keeps house until ctx ends; then it lets what is at work come to
// an end and returns.
func (a *App) Serve(ctx context.Context, listener net.Listener, setupToken string) error {
	server, events, err := a.Server(setupToken)
	if err != nil {
		return err
	}
	if err := a.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	house, stopHouse := context.WithCancel(context.WithoutCancel(ctx))
	defer stopHouse()
	kept := a.keepHouse(house)
	mailed := a.keepMail(house)
	scheduled := a.keepScheduled(house)
	told := a.keepTelling(house)
	h := server.HTTPServer()
	h.RegisterOnShutdown(events.Close)
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	var serveErr error
	select {
	case <-ctx.Done():
	case serveErr = <-failed:
	}
	stopHouse()
	<-kept
	<-scheduled
	<-mailed
	<-told
	return errors.Join(closed(serveErr), a.stop(context.WithoutCancel(ctx), h))
}

func closed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stop ends requests and jobs, in this order: requests may enqueue.
func (a *App) stop(ctx context.Context, h *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	err := h.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop serving: %w", err), h.Close())
	}
	return errors.Join(err, a.Jobs.Stop(ctx), a.Sessions.Flush(ctx))
}

// keepScheduled applies delayed saves when they are due, and closes the channel when it has stopped.
func (a *App) keepScheduled(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Scheduled.Run(ctx)
	}()
	return done
}

// keepTelling takes in what happened and tells webhooks of it, and closes the channel when it has stopped.
func (a *App) keepTelling(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		var both sync.WaitGroup
		both.Go(func() { a.Outbox.Run(ctx, a.Config.Log) })
		both.Go(func() { a.Webhooks.Run(ctx) })
		both.Wait()
	}()
	return done
}

// keepHouse does what has to be done now and then, and closes the channel when it has stopped.
func (a *App) keepHouse(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	chores := []struct {
		name  string
		every time.Duration
		run   func(context.Context) error
	}{
		{"note when sessions were used", flushEvery, a.Sessions.Flush},
		{"seal the audit", sealEvery, func(ctx context.Context) error { _, err := a.Audit.Seal(ctx); return err }},
		{"purge", purgeEvery, a.purge},
		{"retire old audit entries", purgeEvery, a.retire},
	}
	running := len(chores)
	ended := make(chan struct{}, running)
	for _, c := range chores {
		go func() {
			defer func() { ended <- struct{}{} }()
			tick := time.NewTicker(c.every)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				if err := c.run(ctx); err != nil && ctx.Err() == nil {
					a.Config.Log.Error("could not "+c.name, "error", err)
				}
			}
		}()
	}
	go func() {
		for range running {
			<-ended
		}
		close(done)
	}()
	return done
}

// keepMail sends mails and answers those who forgot their password, and closes the channel when it has stopped.
func (a *App) keepMail(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() { a.Mail.Run(ctx) })
	both.Go(func() {
		a.Sessions.Remember(ctx, func(err error) { a.Config.Log.Error("could not mail a link to set a password", "error", err) })
	})
	go func() {
		both.Wait()
		close(done)
	}()
	return done
}

// purge forgets what nobody will ask for any more.
func (a *App) purge(ctx context.Context) error {
	_, files := a.Files.Purge(ctx, keepFiles)
	_, jobs := a.Jobs.Purge(ctx, keepJobs)
	mails := a.Mail.Purge(ctx, keepMails)
	_, drafts := a.Imports.Purge(ctx, keepDrafts)
	scheduled := a.Scheduled.Purge(ctx, keepJobs)
	now := a.Config.Clock.Now()
	events := errors.Join(a.Outbox.Purge(ctx, keepEvents), a.Webhooks.Purge(ctx))
	return errors.Join(files, jobs, events, drafts, scheduled, mails, once.Purge(ctx, a.DB, now), a.Sessions.Purge(ctx), a.Notices.Purge(ctx, keepNotices), a.People.PurgeLinks(ctx), a.Verification.Purge(ctx), a.SignUps.Purge(ctx), a.Lent.Purge(ctx, now.Add(-keepJobs)),
		a.MassCreate.Purge(ctx), a.Bulk.Purge(ctx, clock.Micros(now.Add(-keepJobs))))
}

// retire removes the audit entries that are older than the operator keeps them.
func (a *App) retire(ctx context.Context) error {
	s, err := a.Settings.Get(ctx)
	if err != nil {
		return err
	}
	_, err = a.Audit.Retire(ctx, audit.Older(a.Config.Clock.Now(), s.AuditDays))
	return err
}

// CommandLine is a context in which the operator at the machine acts.
func CommandLine(ctx context.Context) context.Context {
	return access.With(ctx, access.Call{Principal: access.System("command line"), Verb: "CLI"})
}

// SetupNeeded tells whether the first admin has to be made.
func (a *App) SetupNeeded(ctx context.Context) (bool, error) { return a.Staff.Needed(ctx) }

// IsRefusal tells whether an error is told to people as it is.
func IsRefusal(err error) bool {
	_, ok := errs.As(err)
	return ok
}
