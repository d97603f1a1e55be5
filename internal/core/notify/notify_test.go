package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/erasure"
	"tandem/internal/core/file"
	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

// post is a mail server that does as it is told.
type post struct {
	mu     sync.Mutex
	got    []notify.Outgoing
	answer func(m notify.Outgoing) error
}

func (p *post) From() string { return "crm@example.net" }
func (p *post) Send(_ context.Context, m notify.Outgoing) error {
	if p.answer != nil {
		if err := p.answer(m); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, m)
	return nil
}

type house struct {
	*notify.Service
	db    *db.DB
	clock *clock.Manual
	post  *post
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		box, err := secret.NewBox(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		h := &house{db: d, clock: c, post: &post{}}
		files := file.New(file.Options{DB: d, Clock: c, IDs: ids, Dir: t.TempDir()})
		h.Service = notify.New(notify.Options{DB: d, Files: files, Clock: c, IDs: ids, Audit: audit.NewLog(c, ids), Log: slog.New(slog.DiscardHandler), Box: box, Sender: h.post,
			Place: func(context.Context, db.Q, int64) (notify.Place, error) {
				return notify.Place{Organization: "Fjord & Sons", Language: "en", Zone: "Europe/Oslo"}, nil
			},
			Recipient: func(_ context.Context, n int64) (notify.Recipient, error) {
				switch n {
				case 7:
					return notify.Recipient{Name: "Ada", Email: "ada@example.com", Language: "es-MX"}, nil
				case 8:
					return notify.Recipient{Name: "Bob"}, nil
				}
				return notify.Recipient{}, errs.NotFound("customer")
			}})
		h.Renews(notify.KeyStaffInvitation, func(_ context.Context, _ *db.Tx, e notify.Email) (notify.Message, error) {
			return invitation(e.To, "https://x.example/set-password?token=second-canary"), nil
		})
		fn(t, h)
	})
}

var admin = access.With(context.Background(), access.Call{Principal: access.System("test")})

func invitation(to, link string) notify.Message {
	return notify.Message{Key: notify.KeyStaffInvitation, To: to, StaffID: 3, Vars: map[string]string{"name": "Ada <b>\r\nBcc: all@example.net", "link": link},
		Times: map[string]time.Time{"expires": time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}}
}

func (h *house) send(t *testing.T, m notify.Message) int64 {
	t.Helper()
	var emailID int64
	err := h.db.Write(admin, func(tx *db.Tx) (err error) {
		emailID, err = h.Send(admin, tx, m)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return emailID
}

func (h *house) work(t *testing.T) int {
	t.Helper()
	for n := 0; ; n++ {
		worked, err := h.Work(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return n
		}
	}
}

func (h *house) get(t *testing.T, emailID int64) notify.Email {
	t.Helper()
	e, err := h.Get(admin, emailID)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func code(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func ptr[T any](v T) *T { return &v }

const canary = "https://x.example/set-password?token=first-canary"

// everything is every text that the tables hold.
func (h *house) everything(t *testing.T) string {
	t.Helper()
	var texts []string
	for _, q := range []string{
		"SELECT to_address || subject || subject_key || body_text || body_html || last_error || message_id FROM emails",
		"SELECT changes || message || row_name FROM audit_entries",
	} {
		var some []string
		if err := h.db.Read().SelectContext(admin, &some, q); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, some...)
	}
	return strings.Join(texts, "\n")
}

func TestASecretIsSentAndKeptNowhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		n := h.send(t, invitation("ada@example.com", canary))
		if strings.Contains(h.everything(t), "canary") {
			t.Error("the link can be read while it waits")
		}
		if h.work(t) != 1 || len(h.post.got) != 1 {
			t.Fatalf("%+v", h.post.got)
		}
		m := h.post.got[0]
		if !strings.Contains(m.Text, canary) || !strings.Contains(m.HTML, `<a href="`+canary+`">`) || !strings.Contains(m.Text, "2026-03-04 13:00 CET") {
			t.Errorf("%s\n%s", m.Text, m.HTML)
		}
		if strings.Contains(m.HTML, "<b>") || !strings.Contains(m.HTML, "Ada &lt;b&gt;") || m.Subject != "Your account at Fjord & Sons" || !strings.HasSuffix(m.MessageID, "@example.net") {
			t.Errorf("%+v", m)
		}
		e := h.get(t, n)
		if e.State != notify.StateSent || e.SentAt.IsZero() || e.MessageID != m.MessageID || !strings.Contains(e.Text, "•••") || !e.Secret() {
			t.Errorf("%+v", e)
		}
		var left int
		if err := h.db.Read().GetContext(admin, &left, "SELECT COUNT(*) FROM emails WHERE LENGTH(sealed) > 0"); err != nil || left != 0 {
			t.Errorf("%d sealed bodies are left, %v", left, err)
		}
		if _, err := h.Resend(admin, n, notify.Edit{Text: ptr("give me the link")}); code(err) != "email_secret" {
			t.Errorf("%v", err)
		}
		again, err := h.Resend(admin, n, notify.Edit{})
		if err != nil || again.ResendOf != n || h.work(t) != 1 || !strings.Contains(h.post.got[1].Text, "second-canary") {
			t.Errorf("%+v, %v", again, err)
		}
		if strings.Contains(h.everything(t), "canary") {
			t.Error("the link can be read afterwards")
		}
	})
}

func TestRetriesAndEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		left := 2
		h.post.answer = func(notify.Outgoing) error {
			if left--; left >= 0 {
				return &notify.Refusal{Text: "451 later\r\n\x00please"}
			}
			return nil
		}
		n := h.send(t, invitation("ada@example.com", canary))
		if h.work(t) != 1 {
			t.Fatal("not tried")
		}
		first := h.get(t, n)
		if first.State != notify.StateQueued || first.LastError != "451 later please" || first.NextAttempt.Sub(h.clock.Now()) != time.Minute {
			t.Errorf("%+v", first)
		}
		h.clock.Advance(59 * time.Second)
		if h.work(t) != 0 {
			t.Error("tried before its time")
		}
		h.clock.Advance(time.Second)
		h.work(t)
		h.clock.Advance(5 * time.Minute)
		h.work(t)
		if e := h.get(t, n); e.State != notify.StateSent || e.Attempts != 3 || e.MessageID != first.MessageID || e.LastError != "" {
			t.Errorf("%+v", e)
		}
		h.post.answer = func(notify.Outgoing) error { return errors.New("no route") }
		n = h.send(t, notify.Message{Key: notify.KeyStaffPasswordChanged, To: "ada@example.com", GiveUp: h.clock.Now().Add(90 * 24 * time.Hour)})
		for range 12 {
			h.work(t)
			h.clock.Advance(24 * time.Hour)
		}
		if e := h.get(t, n); e.State != notify.StateFailed || e.Attempts != 8 {
			t.Errorf("%+v", e)
		}
		h.post.answer = nil
		n = h.send(t, invitation("ada@example.com", canary))
		h.clock.Advance(8 * 24 * time.Hour)
		sent := len(h.post.got)
		if h.work(t); h.get(t, n).State != notify.StateFailed || len(h.post.got) != sent {
			t.Errorf("what is of no use any more went out: %+v", h.get(t, n))
		}
		if err := h.Purge(admin, time.Hour); err != nil {
			t.Error(err)
		}
		if _, page, err := h.List(admin, list.Query{}); err != nil || page.Total != 0 {
			t.Errorf("%d are left, %v", page.Total, err)
		}
	})
}

func TestBounces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.post.answer = func(m notify.Outgoing) error {
			return &notify.Refusal{Text: "550 5.1.1 nobody", Permanent: true, Address: m.To == "gone@example.com"}
		}
		full, gone := h.send(t, invitation("full@example.com", canary)), h.send(t, invitation("gone@example.com", canary))
		h.work(t)
		if h.get(t, full).State != notify.StateFailed || h.get(t, gone).State != notify.StateFailed {
			t.Error("they did not end")
		}
		rows, _, err := h.Suppressions(admin, list.Query{Total: list.TotalNone})
		if err != nil || len(rows) != 1 || rows[0].Address != "gone@example.com" || rows[0].Reason != notify.ReasonBounced || rows[0].EmailID != gone || rows[0].Detail != "550 5.1.1 nobody" {
			t.Fatalf("%+v, %v", rows, err)
		}
		next := h.send(t, invitation("GONE@example.com", canary))
		if e := h.get(t, next); e.State != notify.StateSuppressed || h.work(t) != 0 {
			t.Errorf("%+v", e)
		}
		if _, err := h.Suppress(admin, "gone@example.com", ""); code(err) != "address duplicate_email" {
			t.Errorf("%v", err)
		}
		if err := h.Release(admin, rows[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Release(admin, rows[0].ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
		h.post.answer = nil
		if again, err := h.Resend(admin, next, notify.Edit{}); err != nil || again.State != notify.StateQueued || h.work(t) != 1 {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// Of many workers one has a mail; one that died is taken over under the same Message-ID, and cannot end what is not its any more.
func TestOneWorkerHasAMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		n := h.send(t, invitation("ada@example.com", canary))
		taken, leave := make(chan string), make(chan struct{})
		h.post.answer = func(m notify.Outgoing) error {
			taken <- m.MessageID
			<-leave
			return errors.New("the connection broke")
		}
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = h.Work(context.Background()) })
		first := <-taken
		if h.work(t) != 0 {
			t.Error("two workers have it")
		}
		if _, err := h.Cancel(admin, n); code(err) != "email_not_waiting" {
			t.Errorf("%v", err)
		}
		h.clock.Advance(3 * time.Minute)
		h.post.answer = nil
		if h.work(t) != 1 || h.post.got[0].MessageID != first {
			t.Errorf("%+v, first %s", h.post.got, first)
		}
		close(leave)
		wg.Wait()
		if e := h.get(t, n); e.State != notify.StateSent {
			t.Errorf("%+v", e)
		}
	})
}

func TestLettersAndEdits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		for l, want := range map[*notify.Letter]string{
			{CustomerID: 9, Subject: "s", Text: "t"}:                     "not_found",
			{CustomerID: 8, Subject: "s", Text: "t"}:                     "customer no_email",
			{CustomerID: 7, Subject: "s\r\nBcc: x@y.example", Text: "t"}: "subject bad_text",
			{CustomerID: 7, Subject: "s", Text: " "}:                     "text required",
			{CustomerID: 7, Subject: strings.Repeat("x", 301), Text: ""}: "subject too_long",
		} {
			if _, err := h.Write(admin, *l); code(err) != want {
				t.Errorf("%+v: %v, want %s", l, err, want)
			}
		}
		e, err := h.Write(admin, notify.Letter{CustomerID: 7, Subject: "Hi {{name}}", Text: "<i>one</i>\r\n{{link}}"})
		if err != nil || e.Language != "es" || e.CustomerID != 7 || e.Subject != "Hi {{name}}" || !strings.Contains(e.HTML, "&lt;i&gt;one&lt;/i&gt;<br>{{link}}") {
			t.Fatalf("%+v, %v", e, err)
		}
		if _, err := h.Resend(admin, e.ID, notify.Edit{}); code(err) != "email_waiting" {
			t.Errorf("%v", err)
		}
		if e, err = h.Cancel(admin, e.ID); err != nil || e.State != notify.StateCancelled || h.work(t) != 0 {
			t.Errorf("%+v, %v", e, err)
		}
		for x, want := range map[*notify.Edit]string{
			{To: ptr("a@b.example, c@d.example")}: "to bad_email",
			{To: ptr("a@b.example\r\nBcc: c")}:    "to bad_email",
			{Subject: ptr("x\ny")}:                "subject bad_text",
			{Text: ptr("")}:                       "text required",
		} {
			if _, err := h.Resend(admin, e.ID, *x); code(err) != want {
				t.Errorf("%+v: %v, want %s", x, err, want)
			}
		}
		again, err := h.Resend(admin, e.ID, notify.Edit{To: ptr("eve@example.com"), Text: ptr("other\n\nwords & <b>")})
		if err != nil || again.ResendOf != e.ID || again.CustomerID != 7 || h.work(t) != 1 {
			t.Fatalf("%+v, %v", again, err)
		}
		if m := h.post.got[0]; m.To != "eve@example.com" || m.HTML != "<p>other</p>\n<p>words &amp; &lt;b&gt;</p>\n" {
			t.Errorf("%+v", m)
		}
		mine, _, err := h.List(admin, list.Query{Filter: `{"and":[{"field":"customer","op":"eq","value":"` + id.Format("cus", 7) + `"}]}`})
		if err != nil || len(mine) != 2 {
			t.Errorf("%d in the history, %v", len(mine), err)
		}
	})
}

func TestAttachmentsThatAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		pdf := notify.Attachment{Name: "bill.pdf", Data: []byte("%PDF-1.7 not really")}
		big := make([]byte, notify.MaxAttached)
		for want, all := range map[string][]notify.Attachment{
			"attachments[0] bad_text":    {{Name: "../../etc/passwd", Data: []byte("x")}},
			"attachments[1] bad_text":    {pdf, {Name: "a\r\nX: y.txt", Data: []byte("x")}},
			"attachments[0] empty_file":  {{Name: "empty.txt"}},
			"attachments[0] required":    {{Name: " ", Data: []byte("x")}},
			"attachments file_too_large": {{Name: "big.bin", Data: big}, pdf},
			"attachments too_many":       slices.Repeat([]notify.Attachment{pdf}, notify.MaxAttachments+1),
		} {
			if _, err := h.Write(admin, notify.Letter{CustomerID: 7, Subject: "s", Text: "t", Attachments: all}); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		turned := notify.Attachment{Name: "invoice\u202efdp.exe", Data: []byte("x")} // shown as invoiceexe.pdf
		if _, err := h.Write(admin, notify.Letter{CustomerID: 7, Subject: "s", Text: "t", Attachments: []notify.Attachment{turned}}); code(err) != "attachments[0] bad_text" {
			t.Errorf("%v", err)
		}
	})
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		pdf := notify.Attachment{Name: "Rechnung für März 2026.pdf", Data: []byte("%PDF-1.7 not really")}
		big := make([]byte, 400_000)
		e, err := h.Write(admin, notify.Letter{CustomerID: 7, Subject: "s", Text: "t", Attachments: []notify.Attachment{pdf, {Name: "huge.bin", Type: "multipart/mixed", Data: big}}})
		if err != nil || len(e.Attachments) != 2 || e.Attachments[0].Size != 19 || e.Attachments[0].Type != "application/pdf" || e.Attachments[1].Type != "application/octet-stream" {
			t.Fatalf("%+v, %v", e.Attachments, err)
		}
		h.work(t)
		again, err := h.Resend(admin, e.ID, notify.Edit{Text: ptr("other words")})
		if err != nil || h.work(t) != 1 || len(h.post.got) != 2 {
			t.Fatalf("%+v, %v", again, err)
		}
		for _, m := range h.post.got {
			if len(m.Parts) != 2 || m.Parts[0].Name != pdf.Name || string(m.Parts[0].Data) != string(pdf.Data) || len(m.Parts[1].Data) != 400_000 {
				t.Errorf("%d parts with %s", len(m.Parts), m.Subject)
			}
		}
		if _, in, err := h.Attached(admin, again.ID, 0); err != nil || in.Size() != 19 {
			t.Errorf("%v", err)
		}
		if _, _, err := h.Attached(admin, again.ID, 2); code(err) != "not_found" {
			t.Errorf("%v", err)
		}
		foreign := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Root: 99, Permissions: []access.Permission{access.EmailRead}}})
		if _, _, err := h.Attached(foreign, e.ID, 0); code(err) != "not_found" {
			t.Errorf("%v", err)
		}
		// The files go with the last mail that has them.
		files := func() (n int) {
			t.Helper()
			if err := h.db.Read().GetContext(t.Context(), &n, `SELECT COUNT(*) FROM files`); err != nil {
				t.Fatal(err)
			}
			return n
		}
		h.clock.Advance(time.Hour)
		later, err := h.Resend(admin, e.ID, notify.Edit{})
		if err != nil {
			t.Fatal(err)
		}
		h.work(t)
		if err := h.Purge(admin, time.Minute); err != nil || files() != 2 {
			t.Errorf("%d files, %v", files(), err)
		}
		erased, err := h.Write(admin, notify.Letter{CustomerID: 7, Subject: "s", Text: "t", Attachments: []notify.Attachment{pdf}})
		if err != nil || files() != 3 {
			t.Fatal(err)
		}
		eraser := h.Eraser(func(context.Context, []int64) error { return nil })
		if err := eraser.Erase(admin, erasure.Subject{Mails: []int64{erased.ID}}); err != nil || files() != 2 {
			t.Errorf("%d files, %v", files(), err)
		}
		if _, in, err := h.Attached(admin, later.ID, 1); err != nil || in.Size() != 400_000 {
			t.Errorf("%v", err)
		}
		h.clock.Advance(time.Hour)
		if err := h.Purge(admin, time.Minute); err != nil || files() != 0 {
			t.Errorf("%d files, %v", files(), err)
		}
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		all, err := h.Templates(admin)
		if err != nil || len(all) != len(notify.Kinds())*len(notify.Languages()) {
			t.Fatalf("%d, %v", len(all), err)
		}
		for _, one := range all { // what ships is right by its own rules
			if _, err := h.Preview(admin, one.Key, one.Language, one.Content); err != nil {
				t.Errorf("%s %s: %v", one.Key, one.Language, err)
			}
		}
		key := notify.KeyStaffInvitation
		for c, want := range map[notify.Content]string{
			{Subject: "a", Text: "no link"}:                                "text missing_variable",
			{Subject: "a", Text: "{{link}} {{password}}"}:                  "text unknown_variable",
			{Subject: "{{link}}", Text: "{{link}}"}:                        "subject secret_variable",
			{Subject: "a\nb", Text: "{{link}}"}:                            "subject bad_text",
			{Subject: "a", Text: "{{link}}", HTML: "<p>no</p>"}:            "html missing_variable",
			{Subject: "", Text: "{{link}}"}:                                "subject required",
			{Subject: "a", Text: "{{link}}" + strings.Repeat("x", 200001)}: "text too_long",
		} {
			if _, err := h.Save(admin, key, "en", -1, c); code(err) != want {
				t.Errorf("%.40v: %v, want %s", c, err, want)
			}
		}
		for _, where := range [][2]string{{"nothing", "en"}, {key, "xx"}, {key, "en-GB"}, {key, ""}} {
			if _, err := h.Save(admin, where[0], where[1], -1, notify.Content{Subject: "a", Text: "{{link}}"}); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("%v: %v", where, err)
			}
		}
		first, err := h.Save(admin, key, "en", 0, notify.Content{Subject: "Hi {{name}}", Text: "{{link}}\r\n"})
		if err != nil || first.Version != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := h.Save(admin, key, "en", 0, notify.Content{Subject: "b", Text: "{{link}}"}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("%v", err)
		}
		n := h.send(t, invitation("ada@example.com", canary))
		if e := h.get(t, n); e.TemplateVersion != 1 || e.Subject != "Hi Ada <b> Bcc: all@example.net" || e.HTML != "" {
			t.Errorf("%+v", e)
		}
		if err := h.Reset(admin, key, "en", 1); err != nil {
			t.Fatal(err)
		}
		versions, err := h.Versions(admin, key, "en")
		if err != nil || len(versions) != 3 || versions[0].Version != 2 || !versions[0].Shipped || versions[1].Content.Subject != "Hi {{name}}" {
			t.Fatalf("%+v, %v", versions, err)
		}
		if back, err := h.Save(admin, key, "en", 2, versions[1].Content); err != nil || back.Version != 3 || back.Shipped {
			t.Errorf("%+v, %v", back, err)
		}
		if err := h.Test(admin, key, "es", "me@example.com", first.Content); err != nil || len(h.post.got) != 1 || h.post.got[0].Subject != "Hi Ada <Lovelace>" {
			t.Errorf("%+v, %v", h.post.got, err)
		}
		h.post.answer = func(notify.Outgoing) error { return &notify.Refusal{Text: "550 no"} }
		if err := h.Test(admin, key, "es", "me@example.com", first.Content); code(err) != "mail_refused" {
			t.Errorf("%v", err)
		}
	})
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		nobody := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindToken, ID: 1, Permissions: []access.Permission{access.EmailRead}}})
		_, writes := h.Write(nobody, notify.Letter{CustomerID: 7})
		_, resends := h.Resend(nobody, 1, notify.Edit{})
		_, cancels := h.Cancel(nobody, 1)
		_, suppresses := h.Suppress(nobody, "a@b.example", "")
		_, saves := h.Save(nobody, notify.KeyStaffInvitation, "en", -1, notify.Content{})
		_, reads := h.Templates(nobody)
		tests := h.Test(nobody, notify.KeyStaffInvitation, "en", "a@b.example", notify.Content{})
		for i, err := range []error{writes, resends, cancels, suppresses, saves, reads, tests, h.Release(nobody, 1), h.Reset(nobody, notify.KeyStaffInvitation, "en", -1)} {
			if !errs.IsKind(err, errs.KindForbidden) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if _, err := h.Get(nobody, 1); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
		if st, err := h.Status(nobody); err != nil || !st.Configured || st.From != "crm@example.net" {
			t.Errorf("%+v, %v", st, err)
		}
	})
}
