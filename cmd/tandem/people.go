package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Create a staff user. Without --password-stdin it prints a one-time link by which they set their password."`
	List   userListCmd   `cmd:"" help:"List the staff users."`
	Link   userLinkCmd   `cmd:"" help:"Print a new one-time link by which a staff user sets a password."`
}

type userCreateCmd struct {
	Email         string `help:"E-mail address to sign in with." required:""`
	Name          string `help:"Name." required:""`
	Role          string `help:"admin, manager, support or read_only." enum:"admin,manager,support,read_only" default:"admin"`
	PasswordStdin bool   `help:"Read the password from standard input, one line."`
}

// made is a staff user as printed.
type made struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Status string `json:"status"`
	Link   string `json:"password_link,omitempty"`
}

func printed(s staff.Staff) made {
	return made{ID: id.Format(staff.Prefix, s.ID), Name: s.Name, Email: s.Email, Role: string(s.Role), Status: string(s.Status)}
}

// with opens the installation, runs fn as the operator at the machine, and closes it.
func with(ctx context.Context, std streams, g *globals, fn func(context.Context, *app.App) error) error {
	a, err := g.open(ctx, std)
	if err != nil {
		return err
	}
	return errors.Join(fn(app.CommandLine(ctx), a), a.Close())
}

// Run creates the user.
func (cmd *userCreateCmd) Run(ctx context.Context, std streams, g *globals) error {
	in := staff.Input{Name: cmd.Name, Email: cmd.Email, Role: access.Role(cmd.Role)}
	if cmd.PasswordStdin {
		line, err := bufio.NewReader(std.in).ReadString('\n')
		if in.Password = strings.TrimRight(line, "\r\n"); in.Password == "" || (err != nil && !errors.Is(err, io.EOF)) {
			return usageError{errors.New("there is no password on standard input")}
		}
	}
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		s, err := a.Staff.Create(ctx, in)
		if err != nil {
			return err
		}
		out := printed(s)
		if in.Password == "" {
			if out.Link, err = link(ctx, a, g, s.ID); err != nil {
				return err
			}
		}
		if g.JSON {
			return printJSON(std.out, out)
		}
		fmt.Fprintf(std.out, "%s %s (%s)\n", out.ID, out.Email, out.Role)
		if out.Link != "" {
			fmt.Fprintln(std.out, out.Link)
		}
		return nil
	})
}

// link is a one-time link, at the public URL or where serve answers by default.
func link(ctx context.Context, a *app.App, g *globals, staffID int64) (string, error) {
	token, _, err := a.Staff.Link(ctx, staffID)
	if err != nil {
		return "", err
	}
	at := strings.TrimRight(g.PublicURL, "/")
	if at == "" {
		at = "http://localhost:8000"
	}
	return at + "/set-password?token=" + url.QueryEscape(token), nil
}

type userListCmd struct{}

// Run lists the users.
func (*userListCmd) Run(ctx context.Context, std streams, g *globals) error {
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		list, err := a.Staff.List(ctx)
		if err != nil {
			return err
		}
		out := make([]made, len(list))
		for i, s := range list {
			out[i] = printed(s)
		}
		if g.JSON {
			return printJSON(std.out, out)
		}
		for _, m := range out {
			fmt.Fprintf(std.out, "%s\t%s\t%s\t%s\t%s\n", m.ID, m.Email, m.Role, m.Status, m.Name)
		}
		return nil
	})
}

type userLinkCmd struct {
	Email string `arg:"" help:"E-mail address of the user."`
}

// Run prints the link.
func (cmd *userLinkCmd) Run(ctx context.Context, std streams, g *globals) error {
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		account, err := a.Staff.AccountByEmail(ctx, cmd.Email)
		if err != nil {
			return err
		}
		at, err := link(ctx, a, g, account.ID)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(std.out, map[string]string{"password_link": at})
		}
		fmt.Fprintln(std.out, at)
		return nil
	})
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token and print it, alone, on standard output. It is shown this once."`
}

type tokenCreateCmd struct {
	Name    string        `help:"What it is for." required:""`
	Role    string        `help:"admin, manager, support or read_only." enum:"admin,manager,support,read_only" required:""`
	Scope   []string      `help:"Permissions of the role, such as customer.read. Unset: all of them."`
	Expires time.Duration `help:"How long it works, such as 720h. Unset: until it is revoked."`
}

// Run creates the token.
func (cmd *tokenCreateCmd) Run(ctx context.Context, std streams, g *globals) error {
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		in := session.TokenInput{Name: cmd.Name, Role: access.Role(cmd.Role)}
		for _, s := range cmd.Scope {
			in.Scopes = append(in.Scopes, access.Permission(s))
		}
		if cmd.Expires > 0 {
			in.ExpiresAt = a.Config.Clock.Now().Add(cmd.Expires).UnixMicro()
		}
		t, word, err := a.Sessions.CreateToken(ctx, in)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(std.out, map[string]string{"id": id.Format(session.TokenPrefix, t.ID), "name": t.Name, "role": string(t.Role), "token": word})
		}
		fmt.Fprintln(std.out, word)
		return nil
	})
}
