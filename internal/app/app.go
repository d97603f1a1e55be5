package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/bulk"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/erasure"
	"tandem/internal/core/event"
	"tandem/internal/core/file"
	"tandem/internal/core/group"
	"tandem/internal/core/identity"
	"tandem/internal/core/impersonation"
	"tandem/internal/core/importer"
	"tandem/internal/core/masscreate"
	"tandem/internal/core/notice"
	"tandem/internal/core/notify"
	"tandem/internal/core/oidc"
	"tandem/internal/core/portal"
	"tandem/internal/core/role"
	"tandem/internal/core/schedule"
	"tandem/internal/core/search"
	"tandem/internal/core/session"
	"tandem/internal/core/setting"
	"tandem/internal/core/signup"
	"tandem/internal/core/staff"
	"tandem/internal/core/verification"
	"tandem/internal/core/view"
	"tandem/internal/core/webhook"
	issuer "tandem/internal/edge/oidc"
	"tandem/internal/edge/rest"
	"tandem/internal/edge/smshook"
	sender "tandem/internal/edge/webhook"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
	"tandem/internal/kit/outbox"
	"tandem/internal/kit/secret"
)

// App is an installation that is open. Its services are ready for use cases; nothing runs beside them until Serve or
// StartJobs.
type App struct {
	Config  Config
	DB      *db.DB
	IDs     *id.Source
	Secrets *secret.Box
	Metrics *prometheus.Registry

	Outbox       *outbox.Outbox
	Events       *event.Service
	Log          *audit.Log
	Audit        *audit.Service
	People       *identity.Service
	Staff        *staff.Service
	Roles        *role.Service
	Sessions     *session.Service
	Settings     *setting.Service
	Providers    *oidc.Service
	Mail         *notify.Service
	Verification *verification.Service
	Files        *file.Service
	Jobs         *job.Service
	Customers    *customer.Service
	CustomFields *customfield.Service
	Groups       *group.Service
	Contacts     *contact.Service
	Brands       *brand.Service
	SignUps      *signup.Service
	Portal       *portal.Service
	Lent         *impersonation.Service
	Views        *view.Service
	Search       *search.Service
	Bulk         *bulk.Service
	MassCreate   *masscreate.Service
	Imports      *importer.Service
	Scheduled    *schedule.Service
	Webhooks     *webhook.Service
	Notices      *notice.Service
	Erasures     *erasure.Service
}

// Connect opens the database alone: for commands that come before the tables.
func Connect(ctx context.Context, c *Config) (*db.DB, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Config{URL: c.DatabaseURL, Path: filepath.Join(c.Data, "tandem.db")})
}

// Open opens an installation, brings its tables up to date and builds its services. The caller closes it.
func Open(ctx context.Context, c Config) (*App, error) {
	d, err := Connect(ctx, &c)
	if err != nil {
		return nil, err
	}
	a, err := build(ctx, c, d)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

func build(ctx context.Context, c Config, d *db.DB) (*App, error) {
	if _, err := toHead(ctx, d); err != nil {
		return nil, err
	}
	box, err := secret.OpenKeyFile(c.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, DB: d, IDs: id.NewSource(c.Clock), Secrets: box, Metrics: prometheus.NewRegistry()}
	a.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.people()
	a.work()
	if err := a.customers(ctx); err != nil {
		return nil, err
	}
	a.happening()
	a.Views = view.New(view.Options{DB: a.DB, Clock: a.Config.Clock, IDs: a.IDs, Audit: a.Log})
	a.scheduled()
	a.erasing()
	a.views()
	a.Search = search.New(c.Log)
	a.Search.Register(a.Customers.Hits)
	a.Search.Register(a.Contacts.Hits)
	a.Search.Register(a.Groups.Hits)
	return a, a.firstAdmin(ctx)
}

// people builds who acts and what is kept of it.
func (a *App) people() {
	c := a.Config
	hasher := secret.NewHasher(c.Hash, max(2, runtime.NumCPU()))
	a.Log = audit.NewLog(c.Clock, a.IDs)
	a.Notices = notice.New(notice.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Log: c.Log})
	for table, customers := range map[string]audit.Customers{contact.Table: contact.About(), notify.Table: notify.About(), schedule.Table: schedule.About(), "staff": staff.About()} {
		a.Log.About(table, customers)
	}
	a.Audit = audit.NewService(audit.Options{DB: a.DB, Clock: c.Clock, Log: c.Log, Audit: a.Log, Signer: a.Secrets,
		Place: audit.Place{Scope: customer.ScopeOf, Visible: customer.Visible, Prefix: customer.Prefix}})
	a.People = identity.New(identity.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Hasher: hasher, Box: a.Secrets, Operator: a.organization})
	a.Staff = staff.New(a.DB, c.Clock, a.IDs, a.Log, a.People)
	a.Roles = role.New(a.DB, c.Clock, a.IDs, a.Log)
	a.Roles.Uses(staff.Having)
	a.Roles.Uses(session.TokensHaving)
	a.Roles.OnChange(a.Staff.Changed)
	a.Sessions = session.New(a.DB, c.Clock, a.IDs, a.Log, a.Staff, a.People, session.Options{Idle: c.SessionIdle, Absolute: c.SessionLife})
	a.Files = file.New(file.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Dir: filepath.Join(c.Data, "spool")})
	a.Settings = setting.New(a.DB, c.Clock, a.Log)
	a.Settings.OnChange(a.Staff.Changed)
	a.Providers = oidc.New(oidc.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Box: a.Secrets, People: a.People, Staff: a.Staff, Sessions: a.Sessions,
		Issuer: issuer.New(issuer.Config{Clock: c.Clock, Log: c.Log})})
	a.Roles.Uses(oidc.Having)
	a.Sessions.VouchedOnly(a.vouchedOnly)
	a.Mail = notify.New(notify.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Box: a.Secrets, Sender: c.mail, Files: a.Files, Texts: smshook.New(callout.Config{Allow: c.networks}, c.Clock), PlainHTTP: c.WebhookHTTP,
		Place: a.place, Recipient: a.recipient, GivenUp: a.mailGivenUp})
	a.People.Mails(a.Mail)
	a.Staff.Mails(a.Mail)
}

// place is what mails say of whom they come from. Staff reach us at the console's address, whatever the operator's portal
// is called.
func (a *App) place(ctx context.Context, q db.Q, customerID int64) (notify.Place, error) {
	s, err := a.Settings.Get(ctx)
	if err != nil {
		return notify.Place{}, err
	}
	look, err := a.Brands.Of(ctx, q, customerID)
	if err != nil {
		return notify.Place{}, err
	}
	p := notify.Place{Organization: look.Name, Address: a.Config.PublicURL, Language: s.DefaultLanguage, Zone: s.DefaultTimezone}
	if customerID != 0 {
		p.Address = look.Address
	}
	if !look.Set { // as it was before there were brands
		return p, nil
	}
	p.Frame = notify.Frame{Name: look.Name, Color: look.Palette.Fill, OnColor: look.Palette.OnFill, ReplyTo: look.SupportEmail}
	if logo, there := look.Logos[brand.Light]; there {
		p.Frame.Logo = p.Address + rest.LogoPath(logo.Digest)
		p.Frame.Width, p.Frame.Height = logo.Within(240, 64)
	}
	return p, nil
}

// recipient is a customer whom the caller sees, as mail knows them.
func (a *App) recipient(ctx context.Context, customerID int64) (notify.Recipient, error) {
	c, err := a.Customers.Get(ctx, customerID)
	return notify.Recipient{Name: c.Name, Email: c.Email, Language: c.Language}, err
}

// work builds long work and files.
func (a *App) work() {
	c := a.Config
	a.Jobs = job.New(job.Options{
		DB: a.DB, Clock: c.Clock, IDs: a.IDs, Log: c.Log, Save: a.savePrincipal, Restore: a.restorePrincipal, Actor: actor,
		Note: a.noteJob, Ended: a.jobEnded, Drop: a.Files.Remove, Workers: c.Workers, Poll: c.JobPoll, Dir: filepath.Join(c.Data, "workers"),
	})
}

func (a *App) customers(ctx context.Context) error {
	c := a.Config
	var err error
	a.Customers, err = customer.New(ctx, customer.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Defaults: a.defaults})
	if err != nil {
		return err
	}
	a.Staff.KnowsResellers(customer.OpenResellers, customer.Visible)
	a.Customers.Guard(staff.KeptTo)
	a.Customers.Guard(session.TokensKeptTo)
	a.CustomFields = customfield.New(a.DB, c.Clock, a.IDs, a.Log, func() {
		if err := a.Customers.Reload(context.WithoutCancel(ctx)); err != nil {
			c.Log.Error("the custom fields were not read again", "error", err)
		}
	})
	a.Groups = group.New(group.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Customers: a.Customers, OwnTypes: a.groupTypes})
	a.Contacts = contact.New(contact.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Customers: a.Customers, NeedsSecond: a.portalNeedsSecond})
	a.Contacts.SignsIn(a.People, a.Mail)
	a.Verification = verification.New(verification.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Box: a.Secrets, Contacts: a.Contacts, Mail: a.Mail})
	a.Brands = brand.New(brand.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Customers: a.Customers, Organization: a.organization, PublicURL: c.PublicURL})
	a.Sessions.OpenHere(a.Brands.Doors)
	a.SignUps = signup.New(signup.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Brands: a.Brands, Customers: a.Customers, Contacts: a.Contacts, People: a.People, Mail: a.Mail, Waits: a.signUpWaits})
	a.Portal = portal.New(a.Customers)
	a.Lent = impersonation.New(impersonation.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Staff: a.Sessions.Bound, Contact: a.lendable, ReasonTyped: a.reasonTyped})
	a.Bulk = bulk.New(bulk.Options{DB: a.DB, Clock: c.Clock, Customers: a.Customers, Jobs: a.Jobs, Audit: a.Log})
	a.MassCreate = masscreate.New(masscreate.Options{DB: a.DB, Clock: c.Clock, Customers: a.Customers, Jobs: a.Jobs, Files: a.Files, Audit: a.Log})
	a.Imports = importer.New(importer.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Customers: a.Customers,
		Groups: a.Groups, Files: a.Files, Jobs: a.Jobs})
	return nil
}

func (a *App) defaults(ctx context.Context) (customer.Defaults, error) {
	s, err := a.Settings.Get(ctx)
	return customer.Defaults{Country: s.DefaultCountry, Currency: s.DefaultCurrency, Language: s.DefaultLanguage, Timezone: s.DefaultTimezone,
		Retention: time.Duration(s.RetentionDays) * 24 * time.Hour}, err
}

// lendable is a contact whom the caller sees, and as whom staff may look into the portal.
func (a *App) lendable(ctx context.Context, contactID int64) (impersonation.Person, error) {
	seen, err := a.Contacts.Get(ctx, contactID)
	if err != nil {
		return impersonation.Person{}, err
	}
	if !seen.RemovedAt.IsZero() {
		return impersonation.Person{}, errs.NotFound("contact")
	}
	p, active, err := a.Contacts.InPortal(ctx, contactID)
	if err != nil {
		return impersonation.Person{}, err
	}
	if !active {
		return impersonation.Person{}, errs.New(errs.KindConflict, "customer_inactive", "%s is not active: its contacts cannot sign in.", seen.Customer.Name)
	}
	return impersonation.Person{Principal: p, Name: seen.Name, Customer: seen.Customer.Name, RowName: seen.Name + " (" + seen.Customer.Name + ")"}, nil
}

func (a *App) reasonTyped(ctx context.Context) (bool, error) {
	s, err := a.Settings.Get(ctx)
	return s.ImpersonationReason == setting.ReasonTyped, err
}

// portalNeedsSecond tells whether contacts with a role have to set a second factor up.
func (a *App) portalNeedsSecond(ctx context.Context, r contact.Role) (bool, error) {
	s, err := a.Settings.Get(ctx)
	return slices.Contains(s.PortalSecondFactor, string(r)), err
}

// vouchedOnly tells whether staff sign in through a provider alone: as was decided, while there is one.
func (a *App) vouchedOnly(ctx context.Context) (bool, error) {
	s, err := a.Settings.Get(ctx)
	if err != nil || s.StaffSignIn != setting.SignInProvider {
		return false, err
	}
	return a.Providers.Trusted(ctx)
}

// organization is as whom the operator greets.
func (a *App) organization(ctx context.Context) (string, error) {
	s, err := a.Settings.Get(ctx)
	return s.OrganizationName, err
}

func (a *App) groupTypes(ctx context.Context) ([]string, error) {
	s, err := a.Settings.Get(ctx)
	return s.GroupTypes, err
}

// happening publishes what the audit notes and how jobs end.
func (a *App) happening() {
	a.Outbox = outbox.New(a.DB, a.Config.Clock, a.IDs)
	a.Events = event.New(event.Options{Outbox: a.Outbox, Audit: a.Audit, IDs: a.IDs, Rows: rest.EventRows(a.Customers, a.Contacts, a.Groups, a.Jobs)})
	a.Log.Follow(a.Events.Record)
	a.Webhooks = webhook.New(webhook.Options{DB: a.DB, Clock: a.Config.Clock, IDs: a.IDs, Audit: a.Log, Log: a.Config.Log, Box: a.Secrets, Events: a.Events,
		Sender: sender.New(callout.Config{Allow: a.Config.networks}), PlainHTTP: a.Config.WebhookHTTP, Disabled: a.webhookDisabled, Masks: a.webhookMasks})
}

// scheduled says what can be changed later.
func (a *App) scheduled() {
	c := a.Config
	a.Scheduled = schedule.New(schedule.Options{DB: a.DB, Clock: c.Clock, IDs: a.IDs, Audit: a.Log, Log: c.Log, Save: a.savePrincipal,
		Restore: a.restorePrincipal, Visible: customer.Visible, Tell: a.delayedTrouble, Node: nodeName(), Poll: c.JobPoll},
		rest.Appliers(rest.Resources{Customers: a.Customers, Groups: a.Groups, Contacts: a.Contacts, CustomFields: a.CustomFields, Staff: a.Staff, Roles: a.Roles,
			Settings: a.Settings, Webhooks: a.Webhooks, Mail: a.Mail, Views: a.Views})...)
}

// nodeName is how this process is called in the audit.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("node %s, process %d", host, os.Getpid())
}

// views says which lists can be saved with their filters.
func (a *App) views() {
	target := func(name string, read access.Permission, table func() *list.Table) {
		a.Views.Register(view.Target{Name: name, Read: read, Table: table, Validate: func(ctx context.Context, c view.Content) error {
			return view.ForList(list.NewEngine(a.DB, a.Config.Log, table(), nil))(ctx, c)
		}})
	}
	target("customers", access.CustomerRead, a.Customers.ListTable)
	target("contacts", access.ContactRead, a.Contacts.ListTable)
	target("groups", access.GroupRead, a.Groups.ListTable)
	target("scheduled_changes", access.ScheduleRead, a.Scheduled.ListTable)
	target("jobs", access.JobRead, func() *list.Table { return a.Jobs.Lister().Table() })
	target("audit_entries", access.AuditRead, a.Audit.ListTable)
	target("staff", access.StaffRead, a.Staff.ListTable)
	target("emails", access.EmailRead, a.Mail.ListTable)
	target("suppressions", access.EmailSuppressionRead, a.Mail.SuppressionList)
	target("webhooks", access.WebhookRead, a.Webhooks.ListTable)
	target("imports", access.CustomerImport, func() *list.Table { return a.Imports.ListTable() })
	target("api_tokens", access.TokenRead, a.Sessions.TokenTable)
}

// firstAdmin makes the admin that the configuration names, when nobody works here yet.
func (a *App) firstAdmin(ctx context.Context) error {
	if a.Config.AdminEmail == "" {
		return nil
	}
	needed, err := a.Staff.Needed(ctx)
	if err != nil || !needed {
		return err
	}
	ctx = access.With(ctx, access.Call{Principal: access.System("set-up"), Verb: "CLI"})
	_, err = a.Staff.SetUp(ctx, staff.Input{Name: "Administrator", Email: a.Config.AdminEmail, Password: a.Config.AdminPassword})
	if e, ok := errs.As(err); ok && e.Code == "setup_done" {
		return nil // another node that started with us was first
	}
	if err != nil {
		return fmt.Errorf("make the first admin from TANDEM_ADMIN_EMAIL and TANDEM_ADMIN_PASSWORD: %w", err)
	}
	return nil
}

// Close gives back what Open took. Nothing may run beside it any more.
func (a *App) Close() error { return a.DB.Close() }
