package callout

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	dialWithin   = 5 * time.Second
	answerWithin = 10 * time.Second // until the answer begins
	maxHeaders   = 32 << 10
)

// Config says where calls may go.
type Config struct {
	Allow []netip.Prefix // networks that are dialled although they are not public
	Roots *x509.CertPool // who may vouch for receivers; nil: whom the machine trusts
}

// Client makes calls. Safe for concurrent use.
type Client struct {
	config Config
	client *http.Client
}

// New gives a client. Nothing is dialled yet.
func New(c Config) *Client {
	s := &Client{config: c}
	dialer := &net.Dialer{Timeout: dialWithin, KeepAlive: 30 * time.Second, Control: s.control}
	s.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, TLSHandshakeTimeout: dialWithin,
			ResponseHeaderTimeout: answerWithin, MaxResponseHeaderBytes: maxHeaders, MaxIdleConnsPerHost: 4, MaxIdleConns: 64, IdleConnTimeout: 30 * time.Second,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
		},
	}
	return s
}

// control judges the address that is about to be dialled. It is the one that the name was resolved to just now.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	return c.Allowed(at.Addr())
}

// Answer is what came of a call. Status is 0 when there was no answer; Error then says why.
type Answer struct {
	Status  int
	Headers map[string]string // names in lower case
	Body    []byte
	Cut     bool // there was more of a body than was asked for
	Error   string
}

// Post sends a body and reads at most so many bytes of the answer.
func (c *Client) Post(ctx context.Context, address string, headers map[string]string, body []byte, most int64) Answer {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{Error: "The address cannot be understood."}
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	res, err := c.client.Do(r)
	if err != nil {
		return Answer{Error: sentence(err)}
	}
	defer func() { _ = res.Body.Close() }()
	out := Answer{Status: res.StatusCode, Headers: map[string]string{}}
	for name, values := range res.Header {
		out.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	// One byte more than is asked for tells whether there is more. An answer that breaks off was an answer all the same.
	got, _ := io.ReadAll(io.LimitReader(res.Body, most+1))
	if out.Cut = int64(len(got)) > most; out.Cut {
		got = got[:most]
	}
	out.Body = got
	return out
}

// sentence tells an error to people: without the address, which may hold what is secret there.
func sentence(err error) string {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var of *url.Error
	switch {
	case errors.Is(err, errPrivate):
		return "The receiver has no public address (TANDEM_WEBHOOK_ALLOW names those that are allowed)."
	case errors.As(err, &dns):
		return "The name of the receiver cannot be resolved."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return "The receiver's certificate is not trusted."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The receiver refuses connections."
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "The receiver did not answer in time."
	case errors.As(err, &of):
		return "The receiver could not be reached: " + of.Err.Error()
	}
	return "The receiver could not be reached."
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
