package notify

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Prefix begins the IDs of mails at the API.
const Prefix = "eml"

// Table is the name under which what was done with mails stands in the audit.
const Table = "emails"

// State is how far a mail has come.
type State string

// The states. A mail that is queued or being sent is open; the others are final.
const (
	StateQueued     State = "queued"
	StateSending    State = "sending"
	StateSent       State = "sent"
	StateFailed     State = "failed"
	StateSuppressed State = "suppressed"
	StateCancelled  State = "cancelled"
)

// States is every state, in the order of a mail's life.
func States() []State {
	return []State{StateQueued, StateSending, StateSent, StateFailed, StateSuppressed, StateCancelled}
}

// Channel is the way that a message goes.
type Channel string

// The ways.
const (
	ChannelEmail Channel = "email"
	ChannelSMS   Channel = "sms"
)

// Channels is every way.
func Channels() []Channel { return []Channel{ChannelEmail, ChannelSMS} }

// Message is a mail or a text that a use case asks for; which of them says its template.
type Message struct {
	Key        string // of the template
	Language   string // empty: that of the installation
	To         string // an e-mail address, or a telephone number as E.164
	Vars       map[string]string
	Times      map[string]time.Time // variables that are instants, told in the zone of the installation
	Pages      map[string]string    // variables that are pages of ours, such as /set-password?token=x, told with the receiver's address of us
	GiveUp     time.Time            // when the mail is of no use any more; zero: after maxWait
	CustomerID int64                // whose history it stands in; 0: nobody's
	StaffID    int64
	ResendOf   int64
	// Attachments go with it, sent as they are: nothing in them is secret. Not with a text.
	Attachments []Attachment
	// Sent is told the ID of the mail once it is queued, in the same transaction; nil: nobody is.
	Sent func(ctx context.Context, tx *db.Tx, emailID int64) error
}

// Email is a mail as it is kept. Times are zero when there is none.
type Email struct {
	ID              int64
	Channel         Channel
	Key             string
	TemplateVersion int64 // 0: as shipped
	Language        string
	To              string
	Subject         string
	Text            string // with marks in place of secrets
	HTML            string
	State           State
	Attempts        int64
	NextAttempt     time.Time
	LastError       string
	MessageID       string
	CustomerID      int64
	StaffID         int64
	ResendOf        int64
	CreatedAt       time.Time
	SentAt          time.Time
	Attachments     []Attachment // of a single mail
}

// Secret tells whether the mail held a secret, so that sending it again makes a new one.
func (e Email) Secret() bool { k, ok := kindOf(e.Key); return ok && k.secret() }

// Outgoing is a mail as it is handed to a mail server.
type Outgoing struct {
	MessageID string // without angle brackets
	To        string
	Subject   string
	Text      string
	HTML      string // empty: plain text alone
	Parts     []Part // files that go with it
	Frame     Frame
}

// Frame is how a mail looks around what it says: the brand that it comes under. The zero value is a plain page.
type Frame struct {
	Name    string // beside the sender's address, and at the head
	Logo    string // address of a picture for a light ground; empty: the name stands there
	Width   int    // of the logo as it is shown, in pixels
	Height  int
	Color   string // #0b5f59, of the head
	OnColor string // of letters on it
	ReplyTo string // where answers go; empty: to the sender
}

// Sender hands one mail to a mail server. What the server said against it is a *Refusal; every other error is one of
// the way there. It returns when the server has taken the mail over.
type Sender interface {
	Send(ctx context.Context, m Outgoing) error
	// From is the address that mails come from.
	From() string
}

// Refusal is what a mail server answered instead of taking a mail.
type Refusal struct {
	Text      string // the server's own words
	Permanent bool   // trying again would change nothing
	Address   bool   // the server says that there is no such address
}

// Error is the server's own words.
func (r *Refusal) Error() string { return r.Text }

// Renew writes a mail with a secret anew, with a new secret, for the same person.
type Renew func(ctx context.Context, tx *db.Tx, e Email) (Message, error)

const (
	maxAddress = 254
	maxSubject = 300
	maxBody    = 200_000
	maxText    = 1000 // characters: seven short messages put together
	maxError   = 500
)

// addressKey is what addresses are compared by.
func addressKey(address string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(address)))
}

// checkAddress notes what is wrong with an address that mail is to go to: anything but one bare address.
func checkAddress(wrong *errs.Fields, field, address string) {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > maxAddress || strings.ContainsFunc(address, unfit) || strings.Contains(address, " ") {
		wrong.Add(field, "bad_email", "This is not an e-mail address.")
	}
}

// checkNumber notes what is no telephone number as E.164.
func checkNumber(wrong *errs.Fields, field, number string) {
	digits, plus := strings.CutPrefix(number, "+")
	if !plus || len(digits) < 6 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		wrong.Add(field, "bad_phone", "This is not a telephone number such as +4722995494.")
	}
}

// checkTo notes what the way cannot reach.
func (c Channel) checkTo(wrong *errs.Fields, to string) {
	if c == ChannelSMS {
		checkNumber(wrong, "to", to)
		return
	}
	checkAddress(wrong, "to", to)
}

// checkSubject notes what cannot stand in a header: a line break would begin another one.
func checkSubject(wrong *errs.Fields, subject string) {
	switch {
	case strings.TrimSpace(subject) == "":
		wrong.Add("subject", "required", "A subject is needed.")
	case len(subject) > maxSubject:
		wrong.Add("subject", "too_long", "A subject has at most %d bytes.", maxSubject)
	case strings.ContainsFunc(subject, unfit):
		wrong.Add("subject", "bad_text", "A subject is one line of text.")
	}
}

func checkBody(wrong *errs.Fields, field, body string, needed bool) {
	switch {
	case needed && strings.TrimSpace(body) == "":
		wrong.Add(field, "required", "A text is needed.")
	case len(body) > maxBody:
		wrong.Add(field, "too_long", "A text has at most %d bytes.", maxBody)
	}
}

// unfit tells what may not stand in a header: control characters and the separators of lines.
func unfit(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
