package app

import (
	"context"
	"errors"
	"net/url"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/migrations"
)

// User is a staff user as the command line prints one.
type User struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Status string `json:"status"`
	Link   string `json:"password_link,omitempty"` // one-time, to set a password
}

func user(s staff.Staff) User {
	return User{ID: id.Format(staff.Prefix, s.ID), Name: s.Name, Email: s.Email, Role: string(s.Role), Status: string(s.Status)}
}

// CreateUser creates a staff user. Without a password it gives a one-time link by which they set one.
func (a *App) CreateUser(ctx context.Context, name, email, role, password string) (User, error) {
	s, err := a.Staff.Create(ctx, staff.Input{Name: name, Email: email, Role: access.Role(role), Password: password})
	if err != nil {
		return User{}, err
	}
	out := user(s)
	if password == "" {
		out.Link, err = a.link(ctx, s.ID)
	}
	return out, err
}

// Users is every staff user, by name.
func (a *App) Users(ctx context.Context) ([]User, error) {
	list, err := a.Staff.All(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]User, len(list))
	for i, s := range list {
		out[i] = user(s)
	}
	return out, nil
}

// UserLink is a new one-time link by which a staff user sets a password.
func (a *App) UserLink(ctx context.Context, email string) (string, error) {
	account, err := a.Staff.AccountByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	return a.link(ctx, account.ID)
}

// link stands at the public URL, or where serve answers by default.
func (a *App) link(ctx context.Context, staffID int64) (string, error) {
	token, _, err := a.Staff.Link(ctx, staffID)
	if err != nil {
		return "", err
	}
	at := a.Config.PublicURL
	if at == "" {
		at = "http://localhost:8000"
	}
	return at + "/set-password?token=" + url.QueryEscape(token), nil
}

// Token is a new API token; its secret is known here and never again.
type Token struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Secret string `json:"token"`
}

// CreateToken creates an API token. No scopes: all that the role may do. A life of 0: until it is revoked.
func (a *App) CreateToken(ctx context.Context, name, role string, scopes []string, life time.Duration) (Token, error) {
	in := session.TokenInput{Name: name, Role: access.Role(role)}
	for _, s := range scopes {
		in.Scopes = append(in.Scopes, access.Permission(s))
	}
	if life > 0 {
		in.ExpiresAt = clock.Micros(a.Config.Clock.Now().Add(life))
	}
	t, word, err := a.Sessions.CreateToken(ctx, in)
	if err != nil {
		return Token{}, err
	}
	return Token{ID: id.Format(session.TokenPrefix, t.ID), Name: t.Name, Role: string(t.Role), Secret: word}, nil
}

// Migrate brings the tables to the newest version and tells how many steps that took.
func Migrate(ctx context.Context, c Config) (applied int, err error) {
	d, err := Connect(ctx, &c)
	if err != nil {
		return 0, err
	}
	applied, err = toHead(ctx, d)
	return applied, errors.Join(err, d.Close())
}

// toHead brings the tables to the newest version, and what is derived from them.
func toHead(ctx context.Context, d *db.DB) (applied int, err error) {
	if applied, err = d.Migrate(ctx, migrations.Files); err != nil {
		return applied, err
	}
	return applied, errors.Join(customer.Refill(ctx, d), contact.Refill(ctx, d))
}
