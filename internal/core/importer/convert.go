package importer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core/customer"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/geo"
	"tandem/internal/kit/money"
	"tandem/internal/kit/phone"
	"tandem/internal/kit/tabular"
)

// candidate is one row on its way.
type candidate struct {
	line   int64
	end    tabular.Position
	cells  []string
	retry  bool
	fixed  bool
	before []RowProblem // why a retried row was wrong

	draft      *customer.Draft
	given      []string // mapped fields that the row has a value for, or that it empties
	groups     []string // names
	reseller   string
	customerID string
	kept       []keptValue
	bad        []RowProblem // what is wrong with the cells themselves
	badNew     []RowProblem // what is wrong if it is to be a new customer
	warn       []RowProblem
	print      print
	keyless    bool

	// What was decided; made anew each time a batch is tried.
	outcome  Outcome
	problems []RowProblem
	target   *customer.Customer // whom it changes
	change   *customer.Outcome  // what it makes of them; nil = nothing
	made     int64              // the customer, once written
	version  int64
	former   string
}

type keptValue struct{ Field, Value string }

// step is what one column does to a row.
type step struct {
	column  int
	field   string
	label   string
	ifBlank bool
	kept    bool
	kind    keptKind
	day     bool   // the field holds calendar days
	order   string // of day and month: TransformDMY, TransformMDY, "" where the value must tell
}

// plan is a setup made ready for many rows.
type plan struct {
	m        *Import
	steps    []step
	columnOf map[string]int // the column that feeds a field
	secret   map[int]bool
	country  string
	width    int
	source   string
	defaults map[string]string
	prints   []string // fields that count for the fingerprint, sorted
}

func (s *Service) plan(m *Import) *plan {
	p := &plan{m: m, columnOf: map[string]int{}, secret: map[int]bool{}, country: m.Options.Country, width: len(m.Columns), source: m.Preset, defaults: m.Defaults}
	for _, c := range m.Columns {
		p.secret[c.Index] = isSecret(c.Name)
	}
	for _, second := range []bool{false, true} { // a column that fills blanks comes after the one it stands in for
		for _, g := range m.Mapping {
			if g.Field == "" || g.Column >= len(m.Columns) || p.secret[g.Column] || (g.Transform == TransformIfBlank) != second {
				continue
			}
			kind, kept := keptFields[g.Field]
			st := step{column: g.Column, field: g.Field, label: m.Columns[g.Column].Name, ifBlank: second, kept: kept, kind: kind, day: s.isDay(g.Field)}
			switch {
			case g.Transform == TransformDMY || g.Transform == TransformMDY:
				st.order = g.Transform
			case st.day:
				st.order = orderOf(m.Columns[g.Column].Sample)
			}
			p.steps = append(p.steps, st)
			if !hasInt(p.columnOf, g.Field) {
				p.columnOf[g.Field] = g.Column
				p.prints = append(p.prints, g.Field)
			}
		}
	}
	slices.Sort(p.prints)
	return p
}

func hasInt(m map[string]int, key string) bool { _, ok := m[key]; return ok }

// column is the column that feeds a field, -1 when none does.
func (p *plan) column(field string) int {
	if i, ok := p.columnOf[field]; ok {
		return i
	}
	return -1
}

func (p *plan) problem(field, code, format string, args ...any) RowProblem {
	return RowProblem{Field: field, Column: p.column(field), Code: code, Message: fmt.Sprintf(format, args...)}
}

// convert makes drafts of rows and finds all that is wrong with each by itself.
func (s *Service) convert(ctx context.Context, p *plan, rows []*candidate) error {
	drafts := make([]*customer.Draft, len(rows))
	for i, c := range rows {
		s.read(p, c)
		drafts[i] = c.draft
	}
	found, err := s.o.Customers.PrepareMany(ctx, drafts)
	if err != nil {
		return err
	}
	for i, c := range rows {
		for _, f := range found[i].List() {
			problem := RowProblem{Field: f.Field, Column: p.column(f.Field), Code: f.Code, Message: f.Message}
			if slices.ContainsFunc(c.bad, func(told RowProblem) bool { return told.Field == f.Field }) {
				continue // the cell could not be understood: that it is missing says nothing new
			}
			if slices.Contains(c.given, f.Field) {
				c.bad = append(c.bad, problem)
			} else {
				c.badNew = append(c.badNew, problem)
			}
		}
		c.keyless = c.draft.Reference == "" && c.draft.Email == "" && c.customerID == ""
		c.print = s.fingerprint(p, c)
	}
	return nil
}

// read puts the cells of a row where they belong.
func (s *Service) read(p *plan, c *candidate) {
	c.draft = &customer.Draft{}
	for field, value := range p.defaults {
		s.o.Customers.SetField(c.draft, field, value, true)
	}
	filled := map[string]bool{}
	for _, st := range p.steps {
		cell := ""
		if st.column < len(c.cells) {
			cell = c.cells[st.column]
		}
		value := strings.TrimSpace(cell)
		if st.ifBlank && filled[st.field] {
			continue
		}
		if value == "" || isNothing(st.field, value) {
			if p.m.Options.BlankClears && !st.ifBlank && !st.kept {
				c.given = append(c.given, st.field)
			}
			continue
		}
		filled[st.field] = true
		if !st.kept && !slices.Contains(c.given, st.field) {
			c.given = append(c.given, st.field)
		}
		understood, problem := p.understand(st, value)
		if problem != nil {
			c.bad = append(c.bad, *problem)
			continue
		}
		if understood != value {
			cell, value = understood, understood
		}
		s.take(p, c, st, cell, value)
	}
	for i := p.width; i < len(c.cells); i++ {
		if strings.TrimSpace(c.cells[i]) != "" {
			c.bad = append(c.bad, RowProblem{Column: i, Code: "extra_cells", Message: fmt.Sprintf("The row has %d cells, the file has %d columns: a separator in a text may need quotes.", len(c.cells), p.width)})
			break
		}
	}
	if len(c.groups) == 0 {
		c.groups = groupNames(p.defaults["groups"])
	}
	s.nationalPhone(p, c)
}

func (s *Service) take(p *plan, c *candidate, st step, cell, value string) {
	switch {
	case st.kept:
		text, problem := keep(p, st, value)
		if problem != nil {
			c.bad = append(c.bad, *problem)
			return
		}
		c.kept = append(c.kept, keptValue{st.field, text})
	case st.field == "groups":
		c.groups = groupNames(value)
		for _, g := range c.groups {
			if len([]rune(g)) > 80 {
				c.bad = append(c.bad, p.problem("groups", "too_long", "A group's name has at most 80 characters."))
			}
		}
	case st.field == "reseller":
		c.reseller = value
	case st.field == KeyCustomerID:
		number, err := customer.ParseNumber(value)
		if err != nil {
			c.bad = append(c.bad, p.problem(KeyCustomerID, "bad_customer_id", "%q is not a customer ID.", cut(value)))
			return
		}
		c.customerID = number
	default:
		s.o.Customers.SetField(c.draft, st.field, cell, true)
	}
}

// statusWords is what other systems call the statuses.
var statusWords = map[string]string{
	"1": "active", "0": "inactive", "enabled": "active", "disabled": "inactive", "blocked": "inactive", "locked": "inactive", "suspended": "inactive",
	"pendingapproval": "pending", "activo": "active", "inactivo": "inactive", "aktiv": "active", "inaktiv": "inactive",
	"yes": "active", "y": "active", "true": "active", "t": "active", "on": "active", "live": "active", "enable": "active", "activated": "active", "si": "active", "ja": "active",
	"no": "inactive", "n": "inactive", "false": "inactive", "f": "inactive", "off": "inactive", "disable": "inactive", "deactivated": "inactive", "nein": "inactive",
	"expired": "inactive", "banned": "inactive", "frozen": "inactive", "paused": "inactive", "onhold": "inactive", "hold": "inactive",
	"new": "pending", "waiting": "pending", "unverified": "pending", "unconfirmed": "pending", "notactivated": "pending",
	"terminated": "closed", "cancelled": "closed", "canceled": "closed", "deleted": "closed", "removed": "closed", "cerrado": "closed", "geschlossen": "closed",
	"suspendido": "inactive", "bloqueado": "inactive", "pendiente": "pending", "cancelado": "closed", "baja": "closed",
	"actif": "active", "oui": "active", "inactif": "inactive", "non": "inactive", "suspendu": "inactive", "bloque": "inactive", "enattente": "pending", "ferme": "closed", "resilie": "closed", "supprime": "closed",
	"gesperrt": "inactive", "gekundigt": "closed", "wartend": "pending", "offen": "pending",
}

func statusWord(value string) string {
	if word, ok := statusWords[normal(value)]; ok {
		return word
	}
	return value
}

// groupNames reads "A; B" as our exports write it.
func groupNames(value string) []string {
	var out []string
	for _, name := range strings.Split(value, ";") {
		name = strings.Join(strings.Fields(name), " ")
		if name != "" && !slices.ContainsFunc(out, func(o string) bool { return fold.Key(o) == fold.Key(name) }) {
			out = append(out, name)
		}
	}
	return out
}

// keep checks a value that waits for its wing, and brings it to its one spelling.
func keep(p *plan, st step, value string) (string, *RowProblem) {
	switch st.kind {
	case keptMoney:
		amount, err := money.Parse(value)
		if err != nil {
			problem := p.problem(st.field, "bad_money", "%s: %q is not an amount.", st.label, cut(value))
			return "", &problem
		}
		return amount.String(), nil
	case keptInteger:
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 0 {
			problem := p.problem(st.field, "bad_number", "%s: %q is not a whole number from 0 on.", st.label, cut(value))
			return "", &problem
		}
		return strconv.FormatInt(n, 10), nil
	}
	if len([]rune(value)) > 100 {
		problem := p.problem(st.field, "too_long", "%s may have at most 100 characters.", st.label)
		return "", &problem
	}
	return value, nil
}

// nationalPhone reads a national telephone number in the country of the import, where the row has none. What cannot be
// read is told by the customer's own check.
func (s *Service) nationalPhone(p *plan, c *candidate) {
	if p.country == "" || c.draft.Telephone == "" || strings.TrimSpace(c.draft.Country) != "" {
		return
	}
	code, ok := geo.Country(p.country)
	if !ok {
		return
	}
	if number, _, err := phone.Parse(strings.TrimSpace(c.draft.Telephone), code); err == nil {
		c.draft.Telephone = number
	}
}

// fingerprint is a hash of what the row says, in its one spelling, and of where it comes from.
func (s *Service) fingerprint(p *plan, c *candidate) print {
	text := make([]byte, 0, 512)
	text = append(text, p.source...)
	for _, field := range p.prints {
		text = append(append(append(text, 0), field...), 1)
		switch {
		case field == "groups":
			names := slices.Clone(c.groups)
			slices.Sort(names)
			for _, name := range names {
				text = append(append(text, name...), ';')
			}
		case field == "reseller":
			text = append(text, c.reseller...)
		case field == KeyCustomerID:
			text = append(text, c.customerID...)
		case slices.Contains(c.given, field):
			text = append(text, s.o.Customers.DraftText(c.draft, field)...)
		default:
			for _, k := range c.kept {
				if k.Field == field {
					text = append(text, k.Value...)
				}
			}
		}
	}
	sum := sha256.Sum256(text)
	a := int64(binary.BigEndian.Uint64(sum[:8]))
	if a == 0 {
		a = 1
	}
	return print{a, int64(binary.BigEndian.Uint64(sum[8:16]))}
}

// doubt looks for what is right but strange. It takes long: for checks only.
func (c *candidate) doubt(p *plan) {
	if t := c.draft.Telephone; t != "" && !phone.Known(t) {
		c.warn = append(c.warn, p.problem("telephone", "unknown_phone", "%s is possible, but not known to be assigned.", t))
	}
}

func (c *candidate) keptText() (string, error) {
	if len(c.kept) == 0 {
		return "", nil
	}
	values := make(map[string]string, len(c.kept))
	for _, k := range c.kept {
		values[k.Field] = k.Value
	}
	b, err := json.Marshal(values)
	return string(b), err
}
