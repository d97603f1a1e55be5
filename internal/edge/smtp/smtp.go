package smtp

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
)

// patience is how long the server may take for each step.
const patience = 8 * time.Second

// TLS says how the connection is kept from being read.
type TLS string

// The ways. The default asks for STARTTLS and does without a server that has none only when told so.
const (
	TLSRequired TLS = "required" // STARTTLS, or no mail
	TLSOptional TLS = "optional" // STARTTLS where the server has it
	TLSImplicit TLS = "implicit" // from the first byte
	TLSNone     TLS = "none"
)

// Config is a mail server.
type Config struct {
	Host     string
	Port     int
	TLS      TLS
	User     string
	Password string
	From     mail.Address
	Roots    *x509.CertPool // who may vouch for the server; nil: whom the machine trusts
	Clock    clock.Clock
}

// Parse reads a server's address, such as smtp://user:password@mail.example.net:587?tls=starttls or smtps://..., and the
// address that mails come from, such as Tandem <crm@example.net>. Its errors hold no password.
func Parse(address, from string) (Config, error) {
	var c Config
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return c, errors.New("the mail server must be such as smtp://user:password@mail.example.net:587?tls=starttls or smtps://mail.example.net")
	}
	c.Host, c.User = u.Hostname(), u.User.Username()
	c.Password, _ = u.User.Password()
	if err := c.security(u); err != nil {
		return c, err
	}
	if text := u.Port(); text != "" {
		if c.Port, err = strconv.Atoi(text); err != nil || c.Port < 1 || c.Port > 65535 {
			return c, errors.New("the port of the mail server is a number from 1 to 65535")
		}
	}
	if c.User != "" && c.TLS == TLSNone {
		return c, errors.New("a password is not sent to the mail server over a connection that can be read: take another tls than none, or leave the user out")
	}
	parsed, err := mail.ParseAddress(from)
	if err != nil || strings.ContainsAny(from, "\r\n") {
		return c, errors.New("the address that mails come from must be such as crm@example.net or Tandem <crm@example.net>")
	}
	c.From = *parsed
	return c, nil
}

func (c *Config) security(u *url.URL) error {
	for name := range u.Query() {
		if name != "tls" {
			return fmt.Errorf("the mail server's address knows the parameter tls alone, not %q", name)
		}
	}
	way := u.Query().Get("tls")
	switch {
	case u.Scheme == "smtps" && (way == "" || way == "implicit"):
		c.TLS, c.Port = TLSImplicit, 465
	case u.Scheme == "smtp" && way == "implicit":
		c.TLS, c.Port = TLSImplicit, 465
	case u.Scheme == "smtp" && (way == "" || way == "starttls" || way == "required"):
		c.TLS, c.Port = TLSRequired, 587
	case u.Scheme == "smtp" && way == "optional":
		c.TLS, c.Port = TLSOptional, 587
	case u.Scheme == "smtp" && way == "none":
		c.TLS, c.Port = TLSNone, 25
	default:
		return errors.New("the mail server's address begins with smtp:// or smtps://, and its tls is starttls, optional, implicit or none")
	}
	return nil
}

// Sender speaks to one mail server. Safe for concurrent use: each mail has a connection of its own.
type Sender struct {
	config  Config
	options []gomail.Option
}

// New gives a sender. Nothing is dialled yet.
func New(c Config) (*Sender, error) {
	s := &Sender{config: c, options: []gomail.Option{gomail.WithPort(c.Port), gomail.WithTimeout(patience), gomail.WithoutNoop()}}
	switch c.TLS {
	case TLSImplicit:
		s.options = append(s.options, gomail.WithSSL())
	case TLSRequired:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSOptional:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.Roots != nil {
		s.options = append(s.options, gomail.WithTLSConfig(tlsConfig(c)))
	}
	if c.User != "" {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	_, err := gomail.NewClient(c.Host, s.options...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail server: %w", err)
	}
	return s, nil
}

// From is the bare address that mails come from.
func (s *Sender) From() string { return s.config.From.Address }

// Send hands a mail over; see notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Outgoing) error {
	message, err := s.message(m)
	if err != nil {
		return &notify.Refusal{Text: err.Error(), Permanent: true}
	}
	client, err := gomail.NewClient(s.config.Host, s.options...)
	if err != nil {
		return fmt.Errorf("set up the mail server: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() { // what goes wrong in saying good-bye changes nothing
		return nil
	}
	return refusal(err)
}

func (s *Sender) message(m notify.Outgoing) (*gomail.Msg, error) {
	if strings.ContainsAny(m.Subject+m.MessageID+m.To+m.Frame.Name+m.Frame.ReplyTo, "\r\n") {
		return nil, errors.New("a header of the mail holds a line break")
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := s.config.From
	if m.Frame.Name != "" {
		from.Name = m.Frame.Name
	}
	out.FromMailAddress(&from)
	if m.Frame.ReplyTo != "" {
		if err := out.ReplyTo(m.Frame.ReplyTo); err != nil {
			return nil, fmt.Errorf("the address for answers cannot be written to: %w", err)
		}
	}
	if err := out.To(m.To); err != nil {
		return nil, fmt.Errorf("the address cannot be written to: %w", err)
	}
	out.Subject(m.Subject)
	out.SetMessageIDWithValue(m.MessageID)
	out.SetDateWithValue(s.config.Clock.Now())
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, page(m.HTML, m.Frame))
	}
	for _, part := range m.Parts {
		if err := attach(out, part); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// attach puts a file into a mail, its name written after RFC 2231.
func attach(out *gomail.Msg, part notify.Part) error {
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": part.Name})
	kind := mime.FormatMediaType(part.Type, map[string]string{"name": part.Name})
	if disposition == "" || kind == "" {
		return errors.New("the name of an attached file cannot be written")
	}
	err := out.AttachReader(part.Name, bytes.NewReader(part.Data), func(f *gomail.File) {
		f.Header.Set("Content-Disposition", disposition)
		f.Header.Set("Content-Type", kind)
	})
	if err != nil {
		return fmt.Errorf("attach a file: %w", err)
	}
	return nil
}

// refusal tells what a server refused from what went wrong on the way to it. Only what concerns this mail or its
// address ends it: a password or a sender that the server does not like is ours to mend, and mails wait for that.
func refusal(err error) error {
	var said *gomail.SendError
	if !errors.As(err, &said) {
		return err
	}
	text, _, _ := strings.Cut(said.Error(), ", affected ")
	no := &notify.Refusal{Text: text}
	permanent := said.ErrorCode() >= 500 && said.ErrorCode() < 600
	switch said.Reason {
	case gomail.ErrSMTPRcptTo:
		no.Permanent = permanent
		no.Address = permanent && missing(said.ErrorCode(), said.EnhancedStatusCode())
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose, gomail.ErrGetRcpts:
		no.Permanent = permanent
	}
	return no
}

// missing tells whether a status says that there is no such mailbox, and not that it is full or that we are not liked.
func missing(code int, enhanced string) bool {
	if enhanced != "" {
		return strings.HasPrefix(enhanced, "5.1.")
	}
	return code == 550 || code == 551 || code == 553
}
