package notify

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Template is what a message says in one language.
type Template struct {
	Key      string
	Language string
	Version  int64 // 0: nobody has changed it yet
	ID       int64 // 0: nobody has changed it yet
	Shipped  bool  // it is as it ships with Tandem
	Content  Content
	SavedAt  time.Time // zero: never
	SavedBy  string
}

// Channel is the way that the message goes.
func (t Template) Channel() Channel {
	k, _ := kindOf(t.Key)
	return k.channel()
}

// TemplateRow is a number for a template that it has before anybody changed it, the same in every process.
func TemplateRow(key, lang string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key + "/" + lang)) // it never fails
	return int64(h.Sum64() >> 1)
}

// TemplateOf is the template that has a number; none: empty.
func TemplateOf(row int64) (key, lang string) {
	for _, k := range Kinds() {
		for _, lang := range Languages() {
			if TemplateRow(k.Key, lang) == row {
				return k.Key, lang
			}
		}
	}
	return "", ""
}

func noTemplate() error { return errs.NotFound("e-mail template") }

// known is the kind of a template that there is in this language.
func known(key, lang string) (Kind, error) {
	k, ok := kindOf(key)
	if !ok || language(lang) != lang {
		return Kind{}, noTemplate()
	}
	return k, nil
}

// template is what holds at present.
func (s *Service) template(ctx context.Context, q db.Q, key, lang string) (Template, error) {
	var rows []templateRow
	if err := q.SelectContext(ctx, &rows, sqlTemplate, key, lang); err != nil {
		return Template{}, fmt.Errorf("read the template: %w", err)
	}
	if len(rows) > 0 {
		return rows[0].template()
	}
	content, err := shipped(key, lang)
	return Template{Key: key, Language: lang, Shipped: true, Content: content}, err
}

// Templates is every message in every language, as it holds at present.
func (s *Service) Templates(ctx context.Context) ([]Template, error) {
	if err := access.Require(ctx, access.EmailTemplateRead); err != nil {
		return nil, err
	}
	var out []Template
	for _, k := range Kinds() {
		for _, lang := range Languages() {
			t, err := s.template(ctx, s.DB.Read(), k.Key, lang)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// Template is one message in one language, with what it may name.
func (s *Service) Template(ctx context.Context, key, lang string) (Template, Kind, error) {
	if err := access.Require(ctx, access.EmailTemplateRead); err != nil {
		return Template{}, Kind{}, err
	}
	k, err := known(key, lang)
	if err != nil {
		return Template{}, k, err
	}
	t, err := s.template(ctx, s.DB.Read(), key, lang)
	return t, k, err
}

// Versions is everything a template ever said, the newest first; as it ships comes last.
func (s *Service) Versions(ctx context.Context, key, lang string) ([]Template, error) {
	if err := access.Require(ctx, access.EmailTemplateRead); err != nil {
		return nil, err
	}
	if _, err := known(key, lang); err != nil {
		return nil, err
	}
	var rows []templateRow
	if err := s.DB.Read().SelectContext(ctx, &rows, sqlVersions, key, lang); err != nil {
		return nil, fmt.Errorf("read the versions: %w", err)
	}
	var out []Template
	for _, r := range rows {
		t, err := r.template()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	content, err := shipped(key, lang)
	return append(out, Template{Key: key, Language: lang, Shipped: true, Content: content}), err
}

// Save makes a new version of a template. version is that which it was made from; -1 stands for "whatever it is now".
func (s *Service) Save(ctx context.Context, key, lang string, version int64, c Content) (Template, error) {
	if err := access.Require(ctx, access.EmailTemplateWrite); err != nil {
		return Template{}, err
	}
	k, err := known(key, lang)
	if err != nil {
		return Template{}, err
	}
	if err := c.Validate(k).Err(); err != nil {
		return Template{}, err
	}
	return s.change(ctx, key, lang, version, Template{Content: c})
}

// Reset makes a template say again what it ships with. Its versions stay.
func (s *Service) Reset(ctx context.Context, key, lang string, version int64) error {
	if err := access.Require(ctx, access.EmailTemplateWrite); err != nil {
		return err
	}
	if _, err := known(key, lang); err != nil {
		return err
	}
	_, err := s.change(ctx, key, lang, version, Template{Shipped: true})
	return err
}

func (s *Service) change(ctx context.Context, key, lang string, version int64, next Template) (Template, error) {
	var out Template
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.template(ctx, tx, key, lang)
		if err != nil {
			return err
		}
		if version >= 0 && version != before.Version {
			return errs.Stale(before)
		}
		out = before
		if next.Shipped && before.Shipped || !next.Shipped && !before.Shipped && next.Content == before.Content {
			return nil
		}
		if out.ID == 0 {
			out.ID = s.IDs.Next()
		}
		out.Version, out.Shipped, out.Content = before.Version+1, next.Shipped, next.Content
		out.SavedAt, out.SavedBy = s.Clock.Now(), access.From(ctx).Principal.Name
		flag := int64(0)
		if out.Shipped {
			flag, out.Content = 1, Content{}
		}
		_, err = tx.ExecContext(ctx, sqlInsertTemplate, key, lang, out.Version, out.ID, flag, out.Content.Subject, out.Content.Text, out.Content.HTML, clock.Micros(out.SavedAt), out.SavedBy)
		if err != nil {
			return fmt.Errorf("save the template: %w", err)
		}
		return s.recordTemplate(ctx, tx, before, &out)
	})
	if db.UniqueViolation(err) != "" {
		return out, errs.Stale(nil) // somebody else saved at the same moment
	}
	return out, err
}

func (s *Service) recordTemplate(ctx context.Context, tx *db.Tx, before Template, after *Template) (err error) {
	message := "E-mail template changed"
	if after.Shipped {
		message = "E-mail template put back to what ships"
		if after.Content, err = shipped(after.Key, after.Language); err != nil {
			return err
		}
	}
	var changes []audit.Change
	for _, f := range [][3]string{{"subject", before.Content.Subject, after.Content.Subject}, {"text", before.Content.Text, after.Content.Text}, {"html", before.Content.HTML, after.Content.HTML}} {
		if f[1] != f[2] {
			changes = append(changes, audit.Change{Field: f[0], Old: f[1], New: f[2]})
		}
	}
	return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: TemplateTable, RowID: after.ID, RowName: after.Key + " (" + after.Language + ")", Message: message, Changes: changes})
}

// Preview is what a template would say, with sample values.
func (s *Service) Preview(ctx context.Context, key, lang string, c Content) (Content, error) {
	if err := access.Require(ctx, access.EmailTemplateRead); err != nil {
		return Content{}, err
	}
	k, err := known(key, lang)
	if err != nil {
		return Content{}, err
	}
	if err := c.Validate(k).Err(); err != nil {
		return Content{}, err
	}
	return c.render(k.sample()), nil
}

// Test sends what a template would say, with sample values, to one address, at once. What the server answers is told.
func (s *Service) Test(ctx context.Context, key, lang, to string, c Content) error {
	if err := access.Require(ctx, access.EmailTemplateWrite); err != nil {
		return err
	}
	k, err := known(key, lang)
	if err != nil {
		return err
	}
	wrong := c.Validate(k)
	to = strings.TrimSpace(to)
	k.channel().checkTo(wrong, to)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := s.sendSample(ctx, k, c.render(k.sample()), to); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: TemplateTable, RowName: key + " (" + lang + ")", Message: "E-mail template sent as a test",
			Changes: []audit.Change{{Field: "to", New: to}}})
	})
}

// sendSample hands one message over, beside the queue.
func (s *Service) sendSample(ctx context.Context, k Kind, sample Content, to string) error {
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if k.channel() == ChannelSMS {
		if err := s.NeedGateway(ctx); err != nil {
			return err
		}
		return refusedText(s.text(within, Text{ID: s.textID(), To: to, Text: sample.Text}))
	}
	if err := s.NeedServer(); err != nil {
		return err
	}
	place, err := s.Place(within, s.DB.Read(), 0)
	if err != nil {
		return err
	}
	err = s.Sender.Send(within, Outgoing{MessageID: s.messageID(s.IDs.Next()), To: to, Subject: sample.Subject, Text: sample.Text, HTML: sample.HTML, Frame: place.Frame})
	if err != nil {
		return errs.New(errs.KindConflict, "mail_refused", "The mail server did not take it: %s", told(err))
	}
	return nil
}

// IDOf prints the ID of a template; empty when nobody has changed it yet.
func (t Template) IDOf() string {
	if t.ID == 0 {
		return ""
	}
	return id.Format(TemplatePrefix, t.ID)
}
