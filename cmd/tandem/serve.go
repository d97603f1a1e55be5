package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"tandem/internal/app"
	"tandem/internal/kit/secret"
)

// serving is the settings of the commands that serve.
type serving struct {
	Listen         string        `help:"Address to answer on." env:"TANDEM_LISTEN" default:"127.0.0.1:8000" placeholder:"HOST:PORT"`
	TrustedProxies []string      `help:"Addresses or ranges of proxies whose X-Forwarded-For and -Proto are believed." env:"TANDEM_TRUSTED_PROXIES" placeholder:"CIDR"`
	SessionIdle    time.Duration `help:"A session ends after so long without a request." env:"TANDEM_SESSION_IDLE" default:"12h"`
	SessionLife    time.Duration `help:"A session ends after so long altogether." env:"TANDEM_SESSION_LIFE" default:"168h"`
	Workers        int           `help:"Jobs at once." env:"TANDEM_WORKERS" default:"2"`
}

func (s *serving) into(c *app.Config) {
	c.Listen, c.TrustedProxies, c.SessionIdle, c.SessionLife, c.Workers = s.Listen, s.TrustedProxies, s.SessionIdle, s.SessionLife, s.Workers
}

type serveCmd struct {
	serving
	AdminEmail    string `help:"E-mail address of the first admin, made at the first start." env:"TANDEM_ADMIN_EMAIL" placeholder:"EMAIL"`
	AdminPassword string `help:"Password of the first admin. Better given as TANDEM_ADMIN_PASSWORD: others on this machine see flags." env:"TANDEM_ADMIN_PASSWORD" placeholder:"PASSWORD"`
}

// Run serves until the process is asked to stop.
func (cmd *serveCmd) Run(ctx context.Context, std streams, g *globals) error {
	c := g.config(std)
	cmd.into(&c)
	c.AdminEmail, c.AdminPassword = cmd.AdminEmail, cmd.AdminPassword
	listener, err := listen(cmd.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // closed by the server already, unless it never began
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	needed, err := a.SetupNeeded(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	at, token := address(c, listener), ""
	fmt.Fprintf(std.out, "Tandem %s serves %s\n", version, at)
	if needed {
		token = secret.Link()
		fmt.Fprintf(std.out, "Nobody works here yet. Make the first admin at\n  %s/setup?token=%s\n", at, url.QueryEscape(token))
	}
	return errors.Join(a.Serve(ctx, listener, token), a.Close())
}

// listen takes the address, or says who to ask when it is taken.
func listen(at string) (net.Listener, error) {
	l, err := net.Listen("tcp", at)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: name another address with --listen or TANDEM_LISTEN: %w", at, err)
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("cannot answer on %s: %w", at, err)}
	}
	return l, nil
}

// address is where people reach the server.
func address(c app.Config, l net.Listener) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

type demoCmd struct {
	serving
	Customers int `help:"How many customers the demo has." default:"5000" env:"TANDEM_DEMO_CUSTOMERS"`
}

// The sign-in of a demo that only this machine can reach.
const (
	demoEmail    = "demo@example.com"
	demoPassword = "tandem-demo"
)

// Run serves a demo until the process is asked to stop, and then removes it.
func (cmd *demoCmd) Run(ctx context.Context, std streams, g *globals) (err error) {
	listener, err := cmd.listenNear(std)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // closed by the server already, unless it never began
	folder, err := os.MkdirTemp("", "tandem-demo-*")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	c := g.config(std)
	cmd.into(&c)
	c.Data, c.DatabaseURL, c.SecretKeyFile = folder, "", "" // never an installation that is in use
	c.AdminEmail, c.AdminPassword = demoEmail, demoPassword
	if !loopback(listener) {
		c.AdminPassword = secret.Link() // others can reach it
	}
	fmt.Fprintln(std.out, "Making the demo's data ...")
	a, err := app.OpenDemo(ctx, c, cmd.Customers)
	if err != nil {
		return err
	}
	at := address(c, listener)
	fmt.Fprintf(std.out, "Tandem %s demo: %s\n  e-mail    %s\n  password  %s\nIts data goes when you stop it (Ctrl+C).\n", version, at, c.AdminEmail, c.AdminPassword)
	return errors.Join(a.Serve(ctx, listener, ""), a.Close())
}

// listenNear takes the next free port when the wanted one is busy, and says so.
func (cmd *demoCmd) listenNear(std streams) (net.Listener, error) {
	first, err := listen(cmd.Listen)
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
		return first, err
	}
	host, text, splitErr := net.SplitHostPort(cmd.Listen)
	port, convErr := strconv.Atoi(text)
	if splitErr != nil || convErr != nil {
		return nil, err
	}
	for next := port + 1; next < port+100 && next < 65536; next++ {
		l, nextErr := listen(net.JoinHostPort(host, strconv.Itoa(next)))
		if nextErr == nil {
			fmt.Fprintf(std.out, "Port %d is in use; the demo takes %d.\n", port, next)
			return l, nil
		}
	}
	return nil, err
}

func loopback(l net.Listener) bool {
	tcp, ok := l.Addr().(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
