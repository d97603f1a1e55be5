package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tandem/internal/app"
)

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Create a staff user. Without --password-stdin it prints a one-time link by which they set their password."`
	List   userListCmd   `cmd:"" help:"List the staff users."`
	Link   userLinkCmd   `cmd:"" help:"Print a new one-time link by which a staff user sets a password."`
}

// with opens the installation, runs fn as the operator at the machine, and closes it.
func with(ctx context.Context, std streams, g *globals, fn func(context.Context, *app.App) error) error {
	a, err := g.open(ctx, std)
	if err != nil {
		return err
	}
	return errors.Join(fn(app.CommandLine(ctx), a), a.Close())
}

// withPresent is with, for commands that make no sense without a database: it does not make one.
func withPresent(ctx context.Context, std streams, g *globals, fn func(context.Context, *app.App) error) error {
	if err := g.config(std).Present(); err != nil {
		return err
	}
	return with(ctx, std, g, fn)
}

type userCreateCmd struct {
	Email         string `help:"E-mail address to sign in with." required:""`
	Name          string `help:"Name." required:""`
	Role          string `help:"admin, manager, support or read_only." enum:"admin,manager,support,read_only" default:"admin"`
	PasswordStdin bool   `help:"Read the password from standard input, one line."`
}

// Run creates the user.
func (cmd *userCreateCmd) Run(ctx context.Context, std streams, g *globals) error {
	password := ""
	if cmd.PasswordStdin {
		line, err := bufio.NewReader(std.in).ReadString('\n')
		if password = strings.TrimRight(line, "\r\n"); password == "" || (err != nil && !errors.Is(err, io.EOF)) {
			return usageError{errors.New("there is no password on standard input")}
		}
	}
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		u, err := a.CreateUser(ctx, cmd.Name, cmd.Email, cmd.Role, password)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(std.out, u)
		}
		fmt.Fprintf(std.out, "%s %s (%s)\n", u.ID, u.Email, u.Role)
		if u.Link != "" {
			fmt.Fprintln(std.out, u.Link)
		}
		return nil
	})
}

type userListCmd struct{}

// Run lists the users.
func (*userListCmd) Run(ctx context.Context, std streams, g *globals) error {
	return withPresent(ctx, std, g, func(ctx context.Context, a *app.App) error {
		list, err := a.Users(ctx)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(std.out, list)
		}
		for _, u := range list {
			fmt.Fprintf(std.out, "%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Role, u.Status, u.Name)
		}
		return nil
	})
}

type userLinkCmd struct {
	Email string `arg:"" help:"E-mail address of the user."`
}

// Run prints the link.
func (cmd *userLinkCmd) Run(ctx context.Context, std streams, g *globals) error {
	return withPresent(ctx, std, g, func(ctx context.Context, a *app.App) error {
		at, err := a.UserLink(ctx, cmd.Email)
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
	if cmd.Expires < 0 {
		return usageError{errors.New("--expires is how long the token works from now: it cannot be negative")}
	}
	return with(ctx, std, g, func(ctx context.Context, a *app.App) error {
		t, err := a.CreateToken(ctx, cmd.Name, cmd.Role, cmd.Scope, cmd.Expires)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(std.out, t)
		}
		fmt.Fprintln(std.out, t.Secret)
		return nil
	})
}
