package smtp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	server "github.com/emersion/go-smtp"

	"tandem/internal/core/notify"
	"tandem/internal/edge/smtp"
	"tandem/internal/kit/clock"
)

// box is a mail server that keeps what it takes.
type box struct {
	mu    sync.Mutex
	mails []string
	users []string
	rcpt  func(n int) error // what it answers to RCPT the nth time, from 1
	data  func() error
	asked int
}

func (b *box) NewSession(*server.Conn) (server.Session, error) { return &session{box: b}, nil }

type session struct{ box *box }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "tandem" || password != "right: p@ss/word" {
			return server.ErrAuthFailed
		}
		s.box.mu.Lock()
		defer s.box.mu.Unlock()
		s.box.users = append(s.box.users, user)
		return nil
	}), nil
}
func (s *session) Reset()                                 {}
func (s *session) Logout() error                          { return nil }
func (s *session) Mail(string, *server.MailOptions) error { return nil }
func (s *session) Rcpt(string, *server.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.asked++
	if s.box.rcpt != nil {
		return s.box.rcpt(s.box.asked)
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.box.data != nil {
		if err := s.box.data(); err != nil {
			return err
		}
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mails = append(s.box.mails, string(text))
	return nil
}

// listen starts a server on the loopback; its certificate is vouched for by the pool.
func listen(t *testing.T, b *box, implicit bool) (address string, roots *x509.CertPool) {
	t.Helper()
	certificate, roots := certificate(t)
	s := server.NewServer(b)
	s.Domain = "localhost"
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, s.TLSConfig)
	}
	done := make(chan struct{})
	go func() { _ = s.Serve(l); close(done) }()
	// The listener too: a server that was closed before it began to serve knows of none.
	t.Cleanup(func() { _ = s.Close(); _ = l.Close(); <-done })
	return address, roots
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func sender(t *testing.T, url string, roots *x509.CertPool) *smtp.Sender {
	t.Helper()
	c, err := smtp.Parse(url, "Täst <crm@example.net>")
	if err != nil {
		t.Fatal(err)
	}
	c.Roots, c.Clock = roots, clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	s, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var letter = notify.Outgoing{MessageID: "eml_1@example.net", To: "ada@example.com", Subject: "Grüße aus Tromsø", Text: "plain: Ø\n.\nend\n", HTML: "<p>rich &lt;Ø&gt;</p>\n"}

func TestAMailArrivesWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		implicit bool
		url      string
	}{
		"none":     {false, "smtp://%s?tls=none"},
		"optional": {false, "smtp://%s?tls=optional"},
		"starttls": {false, "smtp://tandem:right%%3A%%20p%%40ss%%2Fword@%s"},
		"implicit": {true, "smtps://tandem:right%%3A%%20p%%40ss%%2Fword@%s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &box{}
			address, roots := listen(t, b, c.implicit)
			if err := sender(t, fmt.Sprintf(c.url, address), roots).Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
			if len(b.mails) != 1 || strings.Contains(c.url, "tandem:") != (len(b.users) == 1) {
				t.Fatalf("%d mails, signed in %v", len(b.mails), b.users)
			}
			m, err := mail.ReadMessage(strings.NewReader(b.mails[0]))
			if err != nil {
				t.Fatal(err)
			}
			for header, want := range map[string]string{"Message-Id": "<eml_1@example.net>", "To": "<ada@example.com>", "Auto-Submitted": "auto-generated", "Date": "Sun, 01 Mar 2026 12:00:00 +0000"} {
				if got := m.Header.Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
			if from, err := m.Header.AddressList("From"); err != nil || from[0].Name != "Täst" || from[0].Address != "crm@example.net" {
				t.Errorf("from %v, %v", from, err)
			}
			body, _ := io.ReadAll(m.Body)
			if !bytes.Contains(body, []byte("text/plain")) || !bytes.Contains(body, []byte("text/html")) || bytes.Count(body, []byte("</html>")) != 1 {
				t.Errorf("%s", body)
			}
		})
	}
}

// Any program of mail reads the names of files, and their bytes are the same.
func TestFilesArriveWhole(t *testing.T) {
	t.Parallel()
	b := &box{}
	address, roots := listen(t, b, false)
	m := letter
	m.Parts = []notify.Part{{Name: "Faktura æøå \"mars\"; 2026.pdf", Type: "application/pdf", Data: []byte("%PDF\r\n.\r\n\x00\xff")}, {Name: "plain.txt", Type: "text/plain", Data: []byte("one\ntwo\n")}}
	if err := sender(t, fmt.Sprintf("smtp://%s?tls=none", address), roots).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(b.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	if first, err := parts.NextPart(); err != nil || !strings.HasPrefix(first.Header.Get("Content-Type"), "multipart/alternative") {
		t.Fatalf("%v", err)
	}
	for _, want := range m.Parts {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, named, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || kind != want.Type || named["name"] != want.Name {
			t.Errorf("%s %q, %v", kind, named["name"], err)
		}
		how, filed, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil || how != "attachment" || filed["filename"] != want.Name {
			t.Errorf("%s, %v", p.Header.Get("Content-Disposition"), err)
		}
		data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil || string(data) != string(want.Data) {
			t.Errorf("%q, %v", data, err)
		}
	}
	if strings.Contains(b.mails[0], "æ") {
		t.Error("the mail is not ASCII")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	always := func(code int, enhanced server.EnhancedCode) func(int) error {
		return func(int) error { return &server.SMTPError{Code: code, EnhancedCode: enhanced, Message: "because"} }
	}
	for name, c := range map[string]struct {
		box                *box
		permanent, address bool
	}{
		"no such user":      {&box{rcpt: always(550, server.EnhancedCode{5, 1, 1})}, true, true},
		"not named":         {&box{rcpt: always(550, server.NoEnhancedCode)}, true, true},
		"not liked":         {&box{rcpt: always(550, server.EnhancedCode{5, 7, 1})}, true, false},
		"mailbox full":      {&box{rcpt: always(552, server.EnhancedCode{5, 2, 2})}, true, false},
		"later":             {&box{rcpt: always(451, server.EnhancedCode{4, 7, 1})}, false, false},
		"text refused":      {&box{data: func() error { return &server.SMTPError{Code: 554, Message: "spam"} }}, true, false},
		"text later":        {&box{data: func() error { return &server.SMTPError{Code: 452, Message: "full"} }}, false, false},
		"cannot be written": {&box{}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := c.box
			address, _ := listen(t, b, false)
			m := letter
			if name == "cannot be written" {
				m.Subject = "a\r\nBcc: all@example.net"
			}
			err := sender(t, "smtp://"+address+"?tls=none", nil).Send(t.Context(), m)
			var no *notify.Refusal
			if !errors.As(err, &no) || no.Permanent != c.permanent || no.Address != c.address {
				t.Fatalf("%#v", err)
			}
			if strings.Contains(no.Text, letter.To) || len(b.mails) > 0 {
				t.Errorf("%q, %d mails", no.Text, len(b.mails))
			}
		})
	}
}

// What is wrong between us and the server is no fault of the mail: it is tried again.
func TestTheWayThere(t *testing.T) {
	t.Parallel()
	b := &box{}
	address, roots := listen(t, b, false)
	hangs := speak(t, func(net.Conn) {})
	killed := speak(t, func(c net.Conn) {
		answers := []string{"220 x ready\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"}
		buffer := make([]byte, 4096)
		for i, a := range answers {
			_, _ = io.WriteString(c, a)
			if i < len(answers)-1 {
				_, _ = c.Read(buffer)
			}
		}
		_, _ = c.Read(buffer)
		_ = c.Close()
	})
	for name, s := range map[string]*smtp.Sender{
		"wrong password":     sender(t, "smtp://tandem:wrong@"+address, roots),
		"unknown authority":  sender(t, "smtp://"+address, x509.NewCertPool()),
		"nobody there":       sender(t, "smtp://127.0.0.1:1?tls=none", nil),
		"no TLS to be had":   sender(t, "smtp://"+killed, roots),
		"killed in the text": sender(t, "smtp://"+killed+"?tls=none", nil),
		"hangs":              sender(t, "smtp://"+hangs+"?tls=none", nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := s.Send(ctx, letter)
			var no *notify.Refusal
			if err == nil || errors.As(err, &no) && no.Permanent {
				t.Errorf("%v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "p@ss")) {
				t.Errorf("the password stands in %v", err)
			}
		})
	}
}

// speak starts something that is no good server.
func speak(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c)
		}
	}()
	return l.Addr().String()
}

func TestParse(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"smtp://mail.example.net":                       "mail.example.net 587 required",
		"smtp://u:p@mail.example.net:2525?tls=starttls": "mail.example.net 2525 required",
		"smtps://mail.example.net":                      "mail.example.net 465 implicit",
		"smtp://[::1]?tls=none":                         "::1 25 none",
	} {
		if c, err := smtp.Parse(url, "crm@example.net"); err != nil || fmt.Sprint(c.Host, " ", c.Port, " ", c.TLS) != want {
			t.Errorf("%s: %+v, %v", url, c, err)
		}
	}
	for _, url := range []string{"", "mail.example.net", "http://x", "smtp://", "smtp://x?tls=maybe", "smtp://x?ssl=1", "smtp://x:0", "smtp://x:99999", "smtp://x/path", "smtps://x?tls=none",
		"smtp://u:canary@x?tls=none", "smtp://u:canary@x:port"} {
		if _, err := smtp.Parse(url, "crm@example.net"); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, from := range []string{"", "x", "a@b.example\r\nBcc: c@d.example"} {
		if _, err := smtp.Parse("smtp://x", from); err == nil {
			t.Errorf("from %q is taken", from)
		}
	}
}
