package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandem/internal/core/notify"
	"tandem/internal/edge/smtp"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/httpx"
	"tandem/internal/kit/secret"
)

// Config is what an installation is started with.
type Config struct {
	Data           string // folder of the SQLite database, the secret key and copies of files at work
	DatabaseURL    string // postgres://...; empty: SQLite in Data
	Listen         string // address of the HTTP server
	PublicURL      string // how people reach it through a proxy; empty: as they do
	TrustedProxies []string
	SecretKeyFile  string // empty: secret.key in Data
	AdminEmail     string // the first admin, made at the first start
	AdminPassword  string
	SessionIdle    time.Duration // 0: 12 hours
	SessionLife    time.Duration // 0: 7 days
	Workers        int           // jobs at once; 0: 2
	SMTPURL        string        // the mail server, such as smtp://user:password@host:587?tls=starttls; empty: mails wait
	MailFrom       string        // the address that mails come from
	WebhookAllow   string        // networks inside that webhooks may go to, such as 10.1.0.0/16; empty: public addresses alone
	WebhookHTTP    bool          // webhooks may go over http, too
	Version        string

	Log   *slog.Logger
	Clock clock.Clock // nil: the machine's
	// Hash is what a password hash costs; the zero value means secret.DefaultCost. For tests.
	Hash secret.Cost
	// JobPoll is how often to look for jobs that another process enqueued; 0: a second. For tests.
	JobPoll time.Duration

	mail     notify.Sender  // of SMTPURL; nil: none
	networks []netip.Prefix // of WebhookAllow
}

// ConfigError says what is wrong with a configuration, before anything was opened.
type ConfigError struct{ error }

// Unwrap is the cause.
func (e ConfigError) Unwrap() error { return e.error }

// fill puts what was left out, and refuses what cannot be.
func (c *Config) fill() error {
	if err := c.complete(); err != nil {
		return ConfigError{err}
	}
	return nil
}

func (c *Config) complete() error {
	if c.Data == "" {
		c.Data = "data"
	}
	if c.SecretKeyFile == "" {
		c.SecretKeyFile = filepath.Join(c.Data, "secret.key")
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Hash == (secret.Cost{}) {
		c.Hash = secret.DefaultCost
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" {
			return fmt.Errorf("the public URL must be such as https://crm.example.net, not %q", c.PublicURL)
		}
	}
	if (c.AdminEmail == "") != (c.AdminPassword == "") {
		return errors.New("the first admin needs both an e-mail address and a password (TANDEM_ADMIN_EMAIL, TANDEM_ADMIN_PASSWORD)")
	}
	if c.SessionIdle < 0 || c.SessionLife < 0 || c.Workers < 0 {
		return errors.New("how long sessions last and how many jobs run at once cannot be less than nothing")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		return errors.New("the database URL must begin with postgres://")
	}
	if _, err := httpx.ParseProxies(c.TrustedProxies); err != nil {
		return err
	}
	var err error
	if c.networks, err = callout.ParseNetworks(c.WebhookAllow); err != nil {
		return err
	}
	return c.mailServer()
}

// mailServer reads the mail server's settings. Links in mails begin with the public URL and never with what a request
// says: a stranger could name a server of theirs there.
func (c *Config) mailServer() error {
	switch {
	case c.SMTPURL == "" && c.MailFrom == "":
		return nil
	case c.SMTPURL == "" || c.MailFrom == "":
		return errors.New("mail needs both a server and an address that it comes from (TANDEM_SMTP_URL, TANDEM_MAIL_FROM)")
	case c.PublicURL == "":
		return errors.New("mail needs the public URL (TANDEM_PUBLIC_URL): links in mails begin with it")
	}
	server, err := smtp.Parse(c.SMTPURL, c.MailFrom)
	if err != nil {
		return err
	}
	server.Clock = c.Clock
	sender, err := smtp.New(server)
	if err != nil {
		return err
	}
	c.mail = sender
	return nil
}

// Present refuses a folder that holds no SQLite database, for commands that only read: opening it would make one.
func (c Config) Present() error {
	if err := c.fill(); err != nil || c.DatabaseURL != "" {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "tandem.db")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database in %s: name its folder with --data, or its URL with --database-url", c.Data)
	}
	return nil
}
