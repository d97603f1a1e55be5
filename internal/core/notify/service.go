package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

// maxWait is how long a mail is worth sending when its cause does not say.
const maxWait = 7 * 24 * time.Hour

// Place is what a mail says of whom it comes from: the operator, or the reseller whose customer it goes to.
type Place struct {
	Organization string
	Address      string // how the receiver reaches our pages, such as https://portal.example.net
	Frame        Frame
	Language     string // of mails whose receiver has none
	Zone         string // IANA, in which instants are told
}

// Recipient is a customer as mail knows them.
type Recipient struct {
	Name, Email, Language string
}

// GivenUp is a mail that nobody will get.
type GivenUp struct {
	ID      int64
	Author  string // key of the principal who had it written
	Subject string
	To      string
	Why     string
}

// Options is what the service is made of.
type Options struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    *id.Source
	Audit  *audit.Log
	Log    *slog.Logger
	Box    *secret.Box
	Sender Sender        // nil: no mail server is set, and mails wait
	Files  *file.Service // keeps what goes with mails
	Texts  Texter        // nil: nothing is sent to telephones
	// PlainHTTP allows a gateway of texts whose address begins with http://.
	PlainHTTP bool
	// Place is asked for the customer in whose history the mail stands; 0: nobody's, as of mails to staff.
	Place func(ctx context.Context, q db.Q, customerID int64) (Place, error)
	// GivenUp is told of a mail that will not go out any more, in the transaction that notes it; nil: nobody.
	GivenUp   func(ctx context.Context, tx *db.Tx, mail GivenUp) error
	Recipient func(ctx context.Context, customerID int64) (Recipient, error) // not found for a customer the caller does not see
}

// Service is the use cases of mails. Safe for concurrent use once Renews is no longer called.
type Service struct {
	Options
	engine  *list.Engine
	stopped *list.Engine // suppressed addresses
	renewal map[string]Renew
	wake    chan struct{}
}

// New gives the service.
func New(o Options) *Service {
	return &Service{Options: o, engine: list.NewEngine(o.DB, o.Log, table(), nil), stopped: list.NewEngine(o.DB, o.Log, suppressions(), nil), renewal: map[string]Renew{}, wake: make(chan struct{}, 1)}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.DB = s.DB.Within(tx)
	return &lent
}

// Renews says how a mail with a secret is written anew. Call it while the program is put together.
func (s *Service) Renews(key string, fn Renew) { s.renewal[key] = fn }

// Configured tells whether mails leave the house at all.
func (s *Service) Configured() bool { return s.Sender != nil }

// sealed is the bodies of a mail with its secrets.
type sealed struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

func purpose(emailID int64) string { return "email:" + id.Format(Prefix, emailID) }

// Send queues a mail in the transaction of its cause and gives its ID. To a suppressed address it is kept, and not sent.
func (s *Service) Send(ctx context.Context, tx *db.Tx, m Message) (int64, error) {
	kind, ok := kindOf(m.Key)
	if !ok {
		return 0, fmt.Errorf("send a mail: there is no template %q", m.Key)
	}
	place, err := s.Place(ctx, tx, m.CustomerID)
	if err != nil {
		return 0, err
	}
	if m.Language == "" {
		m.Language = place.Language
	}
	m.Language = language(m.Language)
	t, err := s.template(ctx, tx, m.Key, m.Language)
	if err != nil {
		return 0, err
	}
	vars := place.vars(m)
	shown := t.Content.render(kind.marked(vars))
	e := Email{ID: s.IDs.Next(), Channel: kind.channel(), Key: m.Key, TemplateVersion: t.Version, Language: m.Language, To: m.To, Subject: shown.Subject, Text: shown.Text, HTML: shown.HTML,
		CustomerID: m.CustomerID, StaffID: m.StaffID, ResendOf: m.ResendOf}
	if t.Shipped {
		e.TemplateVersion = 0
	}
	var truth []byte
	if kind.secret() {
		full := t.Content.render(vars)
		text, err := json.Marshal(sealed{full.Text, full.HTML})
		if err != nil {
			return 0, fmt.Errorf("seal the mail: %w", err)
		}
		truth = s.Box.Seal(purpose(e.ID), string(text))
	}
	e.Attachments = m.Attachments
	if err := s.queue(ctx, tx, e, truth, m.GiveUp); err != nil || m.Sent == nil {
		return e.ID, err
	}
	return e.ID, m.Sent(ctx, tx, e.ID)
}

// vars is the variables of a message, instants as people of this place write them.
func (p Place) vars(m Message) map[string]string {
	out := map[string]string{"organization": p.Organization}
	for k, v := range m.Vars {
		out[k] = v
	}
	for k, v := range m.Pages {
		out[k] = p.Address + v
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	for k, v := range m.Times {
		out[k] = v.In(zone).Format("2006-01-02 15:04 MST")
	}
	return out
}

// queue writes the mail into the queue, or beside it when its address is suppressed.
func (s *Service) queue(ctx context.Context, tx *db.Tx, e Email, sealed []byte, giveUp time.Time) error {
	var wrong errs.Fields
	e.Channel.checkTo(&wrong, e.To)
	checkSubject(&wrong, e.Subject)
	checkAttachments(&wrong, e.Attachments)
	if e.Channel == ChannelSMS && len(e.Attachments) > 0 {
		wrong.Add("attachments", "not_of_text", "Nothing goes with a text.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	now := s.Clock.Now()
	if giveUp.IsZero() {
		giveUp = now.Add(maxWait)
	}
	var reasons []string
	if err := tx.SelectContext(ctx, &reasons, sqlSuppressed, addressKey(e.To)); err != nil {
		return fmt.Errorf("look whether the address is suppressed: %w", err)
	}
	state, lastError := StateQueued, ""
	if len(reasons) > 0 {
		state, lastError, sealed = StateSuppressed, reasons[0], nil
	}
	if sealed == nil {
		sealed = []byte{}
	}
	_, err := tx.ExecContext(ctx, sqlInsert, e.ID, string(e.Channel), e.Key, e.TemplateVersion, e.Language, e.To, fold.Key(e.To), e.Subject, fold.Key(e.Subject), e.Text, e.HTML, sealed,
		string(state), clock.Micros(now), clock.Micros(giveUp), lastError, e.CustomerID, e.StaffID, e.ResendOf, clock.Micros(now), access.From(ctx).Principal.Key())
	if err != nil {
		return fmt.Errorf("queue the mail: %w", err)
	}
	if err := s.attach(ctx, tx, e.ID, e.Attachments); err != nil {
		return err
	}
	tx.AfterCommit(s.nudge)
	return nil
}

// nudge wakes a worker of this process.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// noServer refuses what makes no sense while mails do not leave the house.
func noServer() error {
	return errs.New(errs.KindConflict, "no_mail_server", "No mail server is set (TANDEM_SMTP_URL, TANDEM_MAIL_FROM).")
}

// NeedServer is nil when mails leave the house.
func (s *Service) NeedServer() error {
	if s.Configured() {
		return nil
	}
	return noServer()
}

// Letter is what staff write to a customer.
type Letter struct {
	CustomerID int64
	Subject    string
	Text       string
	// Attachments go with it; each has its content.
	Attachments []Attachment
}

// Write sends a customer a mail in the caller's own words.
func (s *Service) Write(ctx context.Context, l Letter) (Email, error) {
	if err := access.Require(ctx, access.EmailSend); err != nil {
		return Email{}, err
	}
	r, err := s.Recipient(ctx, l.CustomerID)
	if err != nil {
		return Email{}, err
	}
	if err := customer.Touch(ctx, l.CustomerID); err != nil {
		return Email{}, err
	}
	var wrong errs.Fields
	l.Subject = strings.TrimSpace(l.Subject)
	checkSubject(&wrong, l.Subject)
	checkBody(&wrong, "text", l.Text, true)
	checkAttachments(&wrong, l.Attachments)
	if r.Email == "" {
		wrong.Add("customer", "no_email", "%s has no e-mail address.", r.Name)
	}
	if err := wrong.Err(); err != nil {
		return Email{}, err
	}
	return s.queued(ctx, "E-mail written", func(tx *db.Tx) (int64, error) {
		return s.Send(ctx, tx, Message{Key: KeyCustomerMessage, Language: r.Language, To: r.Email, CustomerID: l.CustomerID, Attachments: l.Attachments,
			Vars: map[string]string{"name": r.Name, "subject": l.Subject, "message": strings.TrimSpace(lines(l.Text))}})
	})
}

// queued runs what queues a mail that a person asked for, writes it down and gives the mail.
func (s *Service) queued(ctx context.Context, message string, fn func(tx *db.Tx) (int64, error)) (Email, error) {
	var e Email
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		emailID, err := fn(tx)
		if err != nil {
			return err
		}
		if e, err = get(ctx, tx, emailID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: Table, RowID: e.ID, RowName: e.Subject, Message: message,
			Changes: e.told()})
	})
	return e, err
}

// told is what the audit keeps of a mail that somebody asked for.
func (e Email) told() []audit.Change {
	out := []audit.Change{{Field: "to", New: e.To}, {Field: "subject", New: e.Subject}}
	if len(e.Attachments) > 0 {
		names := make([]string, len(e.Attachments))
		for i, a := range e.Attachments {
			names[i] = a.Name
		}
		out = append(out, audit.Change{Field: "attachments", New: names})
	}
	return out
}
