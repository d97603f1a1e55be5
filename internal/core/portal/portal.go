package portal

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
)

// Tone is how a tile's value is meant.
type Tone string

// The tones.
const (
	ToneGood    Tone = "good"
	ToneWarning Tone = "warning"
	ToneBad     Tone = "bad"
	ToneNeutral Tone = "neutral"
)

// Type is what a fact's value is written as.
type Type string

// The types of facts.
const (
	TypeText   Type = "text"
	TypeChoice Type = "choice" // one of a list, named by the reader's language
	TypeDate   Type = "date"   // RFC 3339
)

// Fact is one line of a tile.
type Fact struct {
	Name  string // in the reader's catalogue: portal.fact.<name>
	Type  Type
	Value string
}

// Content is what a tile says of a customer. Value is the word it begins with, in the reader's catalogue.
type Content struct {
	Value string
	Tone  Tone
	Facts []Fact
}

// Tile is a block of the dashboard, as a wing registers it.
type Tile struct {
	ID    string // in the reader's catalogue: portal.tile.<id>
	Order int
	Needs access.Permission
	// Fill is what it says of a customer now; false when there is nothing to say.
	Fill func(ctx context.Context, customerID int64) (Content, bool, error)
}

// Shown is a tile with what it says.
type Shown struct {
	ID string
	Content
}

// Service is the dashboard. Safe for concurrent use once Register is no longer called.
type Service struct {
	customers *customer.Service
	tiles     []Tile
}

// New gives the service with the tile that is always there: the customer's status.
func New(customers *customer.Service) *Service {
	s := &Service{customers: customers}
	s.Register(Tile{ID: "status", Order: 10, Needs: access.PortalView, Fill: s.status})
	return s
}

// Register adds a wing's tile. Call it while the program is put together.
func (s *Service) Register(t Tile) {
	s.tiles = append(s.tiles, t)
	slices.SortStableFunc(s.tiles, func(a, b Tile) int { return cmp.Compare(a.Order, b.Order) })
}

// Dashboard is the tiles of the contact who asks, in order.
func (s *Service) Dashboard(ctx context.Context) ([]Shown, error) {
	if err := access.Require(ctx, access.PortalView); err != nil {
		return nil, err
	}
	p := access.From(ctx).Principal
	out := []Shown{}
	for _, t := range s.tiles {
		if !p.May(t.Needs) {
			continue
		}
		content, there, err := t.Fill(ctx, p.Customer)
		if err != nil {
			return nil, err
		}
		if there {
			out = append(out, Shown{t.ID, content})
		}
	}
	return out, nil
}

// tones is how each status is meant.
var tones = map[customer.Status]Tone{customer.StatusActive: ToneGood, customer.StatusPending: ToneWarning, customer.StatusPenalty: ToneBad,
	customer.StatusInactive: ToneNeutral, customer.StatusClosed: ToneNeutral}

func (s *Service) status(ctx context.Context, _ int64) (Content, bool, error) {
	c, err := s.customers.Own(ctx)
	if err != nil {
		return Content{}, false, err
	}
	out := Content{Value: string(c.Status), Tone: tones[c.Status], Facts: []Fact{
		{"customer_id", TypeText, c.CustomerID}, {"since", TypeDate, c.CreatedAt.UTC().Format(time.RFC3339)}}}
	if access.From(ctx).Principal.May(access.PortalBilling) {
		out.Facts = append(out.Facts, Fact{"billing_type", TypeChoice, string(c.BillingType)}, Fact{"currency", TypeText, c.Currency})
	}
	return out, true, nil
}
