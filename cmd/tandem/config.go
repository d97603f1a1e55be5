package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"tandem/internal/app"
)

// globals are the settings of every command: from flags, TANDEM_* in the environment, or a TOML file, in this order.
type globals struct {
	Config        kong.ConfigFlag `help:"TOML file with settings, named as the flags are. Read as well: /etc/tandem/tandem.toml and ./tandem.toml." env:"TANDEM_CONFIG" placeholder:"FILE"`
	Data          string          `help:"Folder of the database, the secret key and files at work." env:"TANDEM_DATA" default:"./data" placeholder:"DIR"`
	DatabaseURL   string          `help:"PostgreSQL, such as postgres://user:password@host/name. Unset: SQLite in the data folder." env:"TANDEM_DATABASE_URL" name:"database-url" placeholder:"URL"`
	SecretKeyFile string          `help:"File of the key that seals secrets, made when it is missing. Unset: secret.key in the data folder." env:"TANDEM_SECRET_KEY_FILE" placeholder:"FILE"`
	PublicURL     string          `help:"How people reach the server when a proxy stands before it, such as https://crm.example.net." env:"TANDEM_PUBLIC_URL" name:"public-url" placeholder:"URL"`
	SMTPURL       string          `help:"Mail server, such as smtp://user:password@mail.example.net:587?tls=starttls (or optional, implicit, none) or smtps://... Unset: mails wait." env:"TANDEM_SMTP_URL" name:"smtp-url" placeholder:"URL"`
	MailFrom      string          `help:"Address that mails come from, such as \"Tandem <crm@example.net>\"." env:"TANDEM_MAIL_FROM" placeholder:"ADDRESS"`
	WebhookAllow  string          `help:"Networks inside that webhooks may go to, such as 10.1.0.0/16. Unset: public addresses alone." env:"TANDEM_WEBHOOK_ALLOW" placeholder:"NETWORKS"`
	WebhookHTTP   bool            `help:"Webhooks may go to addresses that begin with http://, too." name:"webhook-http" env:"TANDEM_WEBHOOK_HTTP"`
	LogLevel      string          `help:"debug, info, warn or error." env:"TANDEM_LOG_LEVEL" enum:"debug,info,warn,error" default:"info"`
	LogFormat     string          `help:"text or json." env:"TANDEM_LOG_FORMAT" enum:"text,json" default:"text"`
	JSON          bool            `help:"Print data as JSON." name:"json" env:"TANDEM_JSON"`
}

func (g *globals) config(std streams) app.Config {
	return app.Config{Data: g.Data, DatabaseURL: g.DatabaseURL, SecretKeyFile: g.SecretKeyFile, PublicURL: g.PublicURL, SMTPURL: g.SMTPURL, MailFrom: g.MailFrom,
		WebhookAllow: g.WebhookAllow, WebhookHTTP: g.WebhookHTTP, Version: version, Log: g.log(std)}
}

// open opens the installation for a command that does one thing.
func (g *globals) open(ctx context.Context, std streams) (*app.App, error) {
	c := g.config(std)
	c.Log = slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return app.Open(ctx, c)
}

func (g *globals) log(std streams) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(g.LogLevel)) // kong let only known levels through
	options := &slog.HandlerOptions{Level: level}
	if g.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(std.err, options))
	}
	return slog.New(slog.NewTextHandler(std.err, options))
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// readTOML gives flags their values from a TOML file. A name in it that no flag has is refused: a misspelt setting
// would else be silently without effect.
func readTOML(r io.Reader) (kong.Resolver, error) {
	var values map[string]any
	if _, err := toml.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("the configuration file: %w", err)
	}
	return &tomlFile{values: values}, nil
}

type tomlFile struct{ values map[string]any }

func key(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

// Validate refuses unknown names.
func (f *tomlFile) Validate(a *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(a, func(node kong.Visitable, next kong.Next) error { // no visitor fails
		if flag, ok := node.(*kong.Flag); ok {
			known[key(flag.Name)] = true
		}
		return next(nil)
	})
	for name := range f.values {
		if !known[key(name)] {
			return fmt.Errorf("the configuration file: there is no setting %q", name)
		}
	}
	return nil
}

// Resolve gives a flag its value; nil when the file does not name it.
func (f *tomlFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range []string{flag.Name, key(flag.Name)} {
		if v, ok := f.values[name]; ok {
			return v, nil
		}
	}
	return nil, nil
}
