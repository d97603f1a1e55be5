package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// GatewayTable is the name under which changes of the gateway of texts stand in the audit.
const GatewayTable = "sms_gateway"

// Text is what is handed to the gateway: the ID stays the same when it is tried again.
type Text struct {
	ID   string
	To   string // E.164
	Text string
}

// Target is where texts are handed over, and the secret that they are signed with.
type Target struct {
	URL    string
	Secret string
}

// Texter hands one text to the operator's gateway. What the gateway said against the text itself is a *Refusal that is
// permanent; every other error is one of the way there. Its errors repeat nothing of the text.
type Texter interface {
	SendText(ctx context.Context, at Target, t Text) error
	// Allowed says why an address is not called; nil: it is.
	Allowed(ip netip.Addr) error
}

// Gateway is where texts to telephones are handed over.
type Gateway struct {
	URL       string
	Enabled   bool
	HasSecret bool
	UpdatedAt time.Time // zero: never
	Version   int64     // 1 until somebody set it
	Waiting   int64     // texts that are still to go
	Trouble   string    // what the newest of those was answered

	sealed []byte
}

// GatewayPatch is what is changed of the gateway; nil stays.
type GatewayPatch struct {
	URL     *string
	Enabled *bool
}

const gatewayPurpose = "sms gateway"

func noGateway() error {
	return errs.New(errs.KindConflict, "no_sms_gateway", "No gateway for texts is switched on: an admin sets it under Settings, SMS.")
}

func gateway(ctx context.Context, q db.Q, lock string) (Gateway, error) {
	g := Gateway{Version: 1}
	var enabled, updated int64
	err := q.QueryRowContext(ctx, sqlGateway+lock).Scan(&g.URL, &enabled, &g.sealed, &updated, &g.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return g, nil
	}
	if err != nil {
		return g, fmt.Errorf("read the gateway of texts: %w", err)
	}
	g.Enabled, g.HasSecret = enabled == 1, len(g.sealed) > 0
	if g.Version > 1 {
		g.UpdatedAt = clock.Time(updated)
	}
	return g, nil
}

// NeedGateway is nil when texts leave the house.
func (s *Service) NeedGateway(ctx context.Context) error {
	if s.Texts == nil {
		return noGateway()
	}
	g, err := gateway(ctx, s.DB.Read(), "")
	if err == nil && !g.Enabled {
		err = noGateway()
	}
	return err
}

// text hands a text to the gateway.
func (s *Service) text(ctx context.Context, t Text) error {
	g, err := gateway(ctx, s.DB.Read(), "")
	if err != nil {
		return err
	}
	if !g.Enabled {
		return &Refusal{Text: "The gateway for texts is switched off."}
	}
	return s.textBy(ctx, g, t)
}

func (s *Service) textBy(ctx context.Context, g Gateway, t Text) error {
	word, err := s.Box.Open(gatewayPurpose, g.sealed)
	if err != nil {
		return &Refusal{Text: "The gateway's secret cannot be opened with the key of this installation. Make a new one."}
	}
	return s.Texts.SendText(ctx, Target{URL: g.URL, Secret: word}, t)
}

func refusedText(err error) error {
	if err == nil {
		return nil
	}
	return errs.New(errs.KindConflict, "text_refused", "The gateway did not take it: %s", told(err))
}

// Gateway tells where texts are handed over. Its secret is never told.
func (s *Service) Gateway(ctx context.Context) (Gateway, error) {
	if err := access.Require(ctx, access.SettingRead); err != nil {
		return Gateway{}, err
	}
	g, err := gateway(ctx, s.DB.Read(), "")
	if err != nil {
		return g, err
	}
	g.Waiting, g.Trouble, err = s.waiting(ctx, ChannelSMS)
	return g, err
}

// SetGateway changes where texts are handed over. version 0 stands for "whatever it is now". It gives the secret when one
// was made, as with the first address; nobody is shown it again.
func (s *Service) SetGateway(ctx context.Context, version int64, p GatewayPatch) (Gateway, string, error) {
	return s.changeGateway(ctx, version, func(g *Gateway) (string, error) {
		var wrong errs.Fields
		if p.URL != nil {
			g.URL = strings.TrimSpace(*p.URL)
		}
		if p.Enabled != nil {
			g.Enabled = *p.Enabled
		}
		rule := callout.URLRule{PlainHTTP: s.PlainHTTP}
		if s.Texts != nil {
			rule.Allowed = s.Texts.Allowed
		}
		if g.URL != "" || g.Enabled {
			rule.Check(&wrong, "url", g.URL)
		}
		if err := wrong.Err(); err != nil || g.URL == "" || g.HasSecret {
			return "", err
		}
		return callout.NewSecret(), nil
	})
}

// RollGateway gives the gateway a new secret, which nobody is shown again. The old one ends at once.
func (s *Service) RollGateway(ctx context.Context) (string, error) {
	_, word, err := s.changeGateway(ctx, 0, func(*Gateway) (string, error) { return callout.NewSecret(), nil })
	return word, err
}

// changeGateway writes the gateway as change leaves it, and the secret that change gives, if it gives one.
func (s *Service) changeGateway(ctx context.Context, version int64, change func(*Gateway) (string, error)) (after Gateway, word string, err error) {
	if err := access.Require(ctx, access.SettingWrite); err != nil {
		return Gateway{}, "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		now := clock.Micros(s.Clock.Now())
		if _, err := exec(ctx, tx, "make the gateway of texts", sqlFirstGateway, []byte{}, now); err != nil {
			return err
		}
		before, err := gateway(ctx, tx, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return errs.Stale(before)
		}
		after = before
		if word, err = change(&after); err != nil {
			return err
		}
		changes := diffGateway(before, after, word != "")
		if len(changes) == 0 {
			return nil
		}
		if word != "" {
			after.sealed, after.HasSecret = s.Box.Seal(gatewayPurpose, word), true
		}
		enabled := int64(0)
		if after.Enabled {
			enabled = 1
		}
		if _, err := exec(ctx, tx, "write the gateway of texts", sqlWriteGateway, after.URL, enabled, after.sealed, now); err != nil {
			return err
		}
		after.Version, after.UpdatedAt = before.Version+1, clock.Time(now)
		entries := []audit.Entry{{Action: audit.ActionUpdate, Table: GatewayTable, RowID: 1, RowName: after.URL, Message: "Gateway of texts changed", Changes: changes}}
		if word != "" {
			entries = append(entries, audit.Shown(GatewayTable, 1, after.URL, "sms_secret"))
		}
		return s.Audit.Record(ctx, tx, entries...)
	})
	return after, word, err
}

func diffGateway(before, after Gateway, rolled bool) []audit.Change {
	var out []audit.Change
	if before.URL != after.URL {
		out = append(out, audit.Change{Field: "url", Old: before.URL, New: after.URL})
	}
	if before.Enabled != after.Enabled {
		out = append(out, audit.Change{Field: "enabled", Old: before.Enabled, New: after.Enabled})
	}
	if rolled {
		out = append(out, audit.Secret("secret"))
	}
	return out
}

// TestGateway hands one text to the gateway as it is kept, also while it is switched off. What it answers is told.
func (s *Service) TestGateway(ctx context.Context, to string) error {
	if err := access.Require(ctx, access.SettingWrite); err != nil {
		return err
	}
	var wrong errs.Fields
	to = strings.TrimSpace(to)
	checkNumber(&wrong, "to", to)
	if err := wrong.Err(); err != nil {
		return err
	}
	g, err := gateway(ctx, s.DB.Read(), "")
	if err != nil {
		return err
	}
	if s.Texts == nil || g.URL == "" || !g.HasSecret {
		return noGateway()
	}
	place, err := s.Place(ctx, s.DB.Read(), 0)
	if err != nil {
		return err
	}
	t, err := s.template(ctx, s.DB.Read(), KeyTextTest, language(place.Language))
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	said := t.Content.render(place.vars(Message{}))
	if err := refusedText(s.textBy(within, g, Text{ID: s.textID(), To: to, Text: said.Text})); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: GatewayTable, RowID: 1, RowName: g.URL, Message: "Gateway of texts tested",
			Changes: []audit.Change{{Field: "to", New: to}}})
	})
}
