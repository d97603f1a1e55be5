package oidc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tandem/internal/core/oidc"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/errs"
)

const (
	within    = 10 * time.Second // an exchange with an issuer, altogether
	maxAnswer = 1 << 20
	believed  = 10 * time.Minute // what an issuer says of itself
)

// algorithms is the asymmetric ones: a secret that both know signs nothing, and "none" is no signature.
var algorithms = []string{goidc.RS256, goidc.RS384, goidc.RS512, goidc.ES256, goidc.ES384, goidc.ES512, goidc.PS256, goidc.PS384, goidc.PS512, goidc.EdDSA}

// Config is what the client is made of.
type Config struct {
	Clock clock.Clock
	Log   *slog.Logger
	Roots *x509.CertPool // who may vouch for issuers; nil: whom the machine trusts
}

type known struct {
	provider *goidc.Provider
	at       time.Time
}

// Client speaks with issuers. Safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client

	mu    sync.Mutex
	known map[string]known
}

// New gives a client. Nothing is dialled yet.
func New(c Config) *Client {
	return &Client{config: c, known: map[string]known{}, http: &http.Client{Timeout: within,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{&http.Transport{TLSHandshakeTimeout: within, ResponseHeaderTimeout: within, MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: 30 * time.Second,
			MaxIdleConnsPerHost: 2, Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}}}}}
}

// bounded cuts answers that are too long.
type bounded struct{ next http.RoundTripper }

// RoundTrip is that of the transport, its answer cut.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

func unreachable() error {
	e := errs.New(errs.KindUnavailable, "provider_unreachable", "The sign-in provider does not answer as it should. Try again in a while.")
	e.RetryAfter = 10
	return e
}

func wrong() error {
	return errs.New(errs.KindUnauthorized, "provider_wrong", "What came back from the sign-in provider does not hold. Begin again.")
}

// provider is what an issuer says of itself. The context of whoever asked first is not kept: keys are fetched later.
func (c *Client) provider(ctx context.Context, issuer string) (*goidc.Provider, error) {
	now := c.config.Clock.Now()
	c.mu.Lock()
	k, ok := c.known[issuer]
	c.mu.Unlock()
	if ok && now.Sub(k.at) < believed && !now.Before(k.at) {
		return k.provider, nil
	}
	p, err := goidc.NewProvider(goidc.ClientContext(context.WithoutCancel(ctx), c.http), issuer)
	if err != nil {
		c.config.Log.Warn("a sign-in provider was not reached", "issuer", issuer, "error", plain(err))
		return nil, unreachable()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[issuer] = known{p, now}
	return p, nil
}

// plain is an error without what an issuer wrote, which may hold anything.
func plain(err error) string {
	var retrieve *oauth2.RetrieveError
	if errors.As(err, &retrieve) {
		return "the token endpoint refused: " + retrieve.Response.Status
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text[:min(len(text), 200)]
}

func config(a oidc.Ask, p *goidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: a.ClientID, ClientSecret: a.Secret, Endpoint: p.Endpoint(), RedirectURL: a.Redirect, Scopes: a.Scopes}
}

// Begin is the address that the browser is sent to.
func (c *Client) Begin(ctx context.Context, a oidc.Ask) (string, error) {
	p, err := c.provider(ctx, a.Issuer)
	if err != nil {
		return "", err
	}
	if at := p.Endpoint().AuthURL; !strings.HasPrefix(at, "https://") && (!strings.HasPrefix(a.Issuer, "http://") || !strings.HasPrefix(at, "http://")) {
		return "", unreachable() // a browser is sent nowhere but over https
	}
	return config(a, p).AuthCodeURL(a.State, goidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Finish exchanges the code for an ID token and checks all of it.
func (c *Client) Finish(ctx context.Context, a oidc.Ask, code string) (oidc.Claims, error) {
	p, err := c.provider(ctx, a.Issuer)
	if err != nil {
		return oidc.Claims{}, err
	}
	ctx, cancel := context.WithTimeout(goidc.ClientContext(ctx, c.http), within)
	defer cancel()
	token, err := config(a, p).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		c.config.Log.Warn("a sign-in provider gave no token", "issuer", a.Issuer, "error", plain(err))
		return oidc.Claims{}, wrong()
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&goidc.Config{ClientID: a.ClientID, SupportedSigningAlgs: algorithms, Now: c.config.Clock.Now}).Verify(ctx, raw)
	if err != nil {
		c.config.Log.Warn("what a sign-in provider says does not hold", "issuer", a.Issuer)
		return oidc.Claims{}, wrong()
	}
	var said struct {
		Party string   `json:"azp"`
		AMR   []string `json:"amr"`
	}
	out := oidc.Claims{Subject: id.Subject, All: map[string]any{}}
	if err := errors.Join(id.Claims(&said), id.Claims(&out.All)); err != nil || id.Nonce != a.Nonce || id.Subject == "" || len(id.Subject) > 255 ||
		said.Party != "" && said.Party != a.ClientID || said.Party == "" && len(id.Audience) > 1 {
		c.config.Log.Warn("what a sign-in provider says does not hold", "issuer", a.Issuer)
		return oidc.Claims{}, wrong()
	}
	out.MFA = slices.Contains(said.AMR, "mfa")
	return out, nil
}
