package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/geo"
	"tandem/internal/kit/list"
	"tandem/internal/kit/phone"
)

const (
	sureness   = 1.0 // a known system's own name
	likely     = 0.9 // a usual name
	fromSample = 0.6 // the values look like it
	presetPart = 0.6 // of the columns, to recognise a system
)

// errorColumns begin an error file of ours.
var errorColumns = []string{"line", "field", "reason"}

// advise finds out which system a file comes from and what its columns mean, and sets the setup up accordingly. A
// preset that is given is not questioned.
func (s *Service) advise(ctx context.Context, set *setup, preset string) {
	fields := s.o.Customers.ListTable().Fields
	ours := ownColumns(fields)
	if preset == "" {
		preset = recognise(set, ours)
	}
	set.Preset = preset
	names := map[string]string{}
	if p, ok := findPreset(preset); ok {
		names = p.names()
		if preset == PresetTandem {
			names = ours
		}
		if !set.HasHeader && len(p.positional) > 0 {
			for i := range min(len(p.positional), len(set.Columns)) {
				set.Columns[i].Suggested = Suggestion{Field: p.positional[i], Confidence: sureness}
			}
			s.adopt(ctx, set)
			return
		}
	}
	taken := map[string]bool{}
	front := len(set.Columns) - len(dataColumns(set)) // what our error file put in front
	for i := range set.Columns {
		c := &set.Columns[i]
		c.Suggested = byName(c.Name, names, ours)
		if c.Suggested.Field == "province" && areStatuses(c.Sample) { // estado is either, and so is state
			c.Suggested = suggestion("status", likely)
		}
		if i < front {
			c.Suggested = Suggestion{Reason: WhyReadOnly}
		}
		if f := c.Suggested.Field; f != "" && c.Suggested.Transform == "" {
			if taken[f] {
				c.Suggested = Suggestion{Reason: WhyUnknown}
			}
			taken[f] = true
		}
	}
	for i := range set.Columns {
		if c := &set.Columns[i]; c.Suggested.Field == "" && c.Suggested.Reason == WhyUnknown {
			if field := bySample(c.Sample); field != "" && !taken[field] {
				c.Suggested = Suggestion{Field: field, Confidence: fromSample}
				taken[field] = true
			}
		}
	}
	s.adopt(ctx, set)
}

func has(m map[string]string, key string) bool { _, ok := m[key]; return ok }

// ownColumns is what our own exports call the fields: by label and by name.
func ownColumns(fields []list.Field) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		to := f.Name
		if !f.Importable && f.Name != KeyCustomerID {
			to = ""
		}
		out[normal(f.Label)], out[normal(f.Name)] = to, to
	}
	for _, name := range []string{"balance", "version", "id"} {
		out[name] = ""
	}
	return out
}

// recognise finds the system whose file this is.
func recognise(set *setup, ours map[string]string) string {
	if !set.HasHeader {
		if n := len(set.Columns); set.Separator == "|" && (n == 12 || n == 13) {
			return "newfies"
		}
		return ""
	}
	if isOurs(set, ours) {
		return PresetTandem
	}
	best, bestScore := "", 0.0
	for i := range presets {
		p := &presets[i]
		names := p.names()
		found, seen := 0, map[string]bool{}
		for _, c := range dataColumns(set) {
			seen[normal(c.Name)] = true
			if has(names, normal(c.Name)) {
				found++
			}
		}
		missing := slices.ContainsFunc(p.must, func(name string) bool { return !seen[name] })
		score := float64(found) / float64(max(1, len(dataColumns(set))))
		if len(p.must) > 0 && !missing && score >= presetPart && score > bestScore {
			best, bestScore = p.Key, score
		}
	}
	return best
}

// dataColumns are the columns without those that our error file put in front.
func dataColumns(set *setup) []FileColumn {
	if set.Neutralised && isErrorFile(set.Columns) {
		return set.Columns[len(errorColumns):]
	}
	return set.Columns
}

func isErrorFile(columns []FileColumn) bool {
	if len(columns) <= len(errorColumns) {
		return false
	}
	for i, name := range errorColumns {
		if columns[i].Name != name {
			return false
		}
	}
	return true
}

// isOurs tells whether every column is one of ours. Others call something Customer ID too: the check character of ours
// tells them apart.
func isOurs(set *setup, ours map[string]string) bool {
	known, proven := 0, false
	columns := dataColumns(set)
	for _, c := range columns {
		if !has(ours, normal(c.Name)) {
			continue
		}
		known++
		if ours[normal(c.Name)] != KeyCustomerID {
			continue
		}
		for _, v := range c.Sample {
			if _, err := customer.ParseNumber(v); v != "" && err != nil {
				return false
			}
			proven = proven || v != ""
		}
	}
	return proven && known >= 2 && known*10 >= len(columns)*9
}

// byName reads a column's name.
func byName(name string, preset, ours map[string]string) Suggestion {
	n := normal(name)
	switch {
	case n == "":
		return Suggestion{Reason: WhyUnknown}
	case isSecret(name):
		return Suggestion{Confidence: sureness, Reason: WhySecret}
	}
	if field, ok := preset[n]; ok {
		return suggestion(field, sureness)
	}
	if field, ok := synonyms[n]; ok {
		return suggestion(field, likely)
	}
	if field, ok := ours[n]; ok {
		if field == KeyCustomerID { // of another system, or it would have been recognised as ours
			return suggestion("external_id", fromSample)
		}
		return suggestion(field, likely)
	}
	return Suggestion{Reason: WhyUnknown}
}

func suggestion(field string, confidence float64) Suggestion {
	field, blank := strings.CutSuffix(field, ifBlank)
	switch {
	case field == "":
		return Suggestion{Confidence: confidence, Reason: WhyReadOnly}
	case blank:
		return Suggestion{Field: field, Confidence: confidence, Transform: TransformIfBlank}
	}
	return Suggestion{Field: field, Confidence: confidence}
}

// bySample guesses from values, where the name says nothing.
func bySample(sample []string) string {
	mails, phones, countries, all := 0, 0, 0, 0
	for _, v := range sample {
		v = strings.TrimSpace(v)
		if v == "" {
			continue
		}
		all++
		if at := strings.IndexByte(v, '@'); at > 0 && strings.Contains(v[at:], ".") && !strings.Contains(v, " ") {
			mails++
		}
		if _, _, err := phone.Parse(v, ""); err == nil {
			phones++
		}
		if _, ok := geo.Country(v); ok {
			countries++
		}
	}
	switch {
	case all == 0:
		return ""
	case mails*10 >= all*8:
		return "email"
	case phones*10 >= all*8:
		return "telephone"
	case countries*10 >= all*8:
		return "country"
	}
	return ""
}

// areStatuses tells whether the values are words for statuses, and nothing else.
func areStatuses(sample []string) bool {
	said := 0
	for _, v := range sample {
		if strings.TrimSpace(v) == "" {
			continue
		}
		if len(normal(v)) < 4 || len(customer.Status(strings.ToLower(statusWord(strings.TrimSpace(v)))).Transitions()) == 0 {
			return false
		}
		said++
	}
	return said > 0
}

// adopt makes the suggestions the mapping, and says what people should know about the columns.
func (s *Service) adopt(ctx context.Context, set *setup) {
	set.Mapping, set.Notes = nil, nil
	for i := range set.Columns {
		c := &set.Columns[i]
		if access.Hidden(ctx, c.Suggested.Field) {
			c.Suggested = Suggestion{Confidence: c.Suggested.Confidence, Reason: WhyMasked}
		}
		g := c.Suggested
		if g.Field != "" {
			set.Mapping = append(set.Mapping, Mapping{Column: c.Index, Field: g.Field, Transform: g.Transform})
		}
	}
	if set.Mode == "" {
		set.Mode = ModeCreate
	}
	if set.Preset == PresetTandem {
		set.Match = []string{KeyCustomerID}
	} else {
		set.Match = slices.Clone(allKeys)
	}
	set.note()
}

// note tells what happens to columns that do not simply become a field.
func (set *setup) note() {
	set.Notes = []FileNote{}
	mapped := map[int]Mapping{}
	for _, m := range set.Mapping {
		mapped[m.Column] = m
	}
	for _, c := range set.Columns {
		m := mapped[c.Index]
		_, keeps := keptFields[m.Field]
		switch {
		case isSecret(c.Name):
			set.Notes = append(set.Notes, FileNote{WhySecret, c.Index, fmt.Sprintf("%s is left out: secrets are never stored.", c.Name)})
		case keeps:
			set.Notes = append(set.Notes, FileNote{"kept", c.Index, fmt.Sprintf("%s is kept with the import as %s, and not applied until the ledger exists.", c.Name, keptLabels[m.Field])})
		case m.Transform == TransformIfBlank:
			set.Notes = append(set.Notes, FileNote{TransformIfBlank, c.Index, fmt.Sprintf("%s is taken as %s where that is blank, and else left out.", c.Name, m.Field)})
		case m.Field == "" && c.Name == fmt.Sprintf("Column %d", c.Index+1) && strings.Join(c.Sample, "") == "": // nothing in it
		case m.Field == "":
			set.Notes = append(set.Notes, FileNote{"left_out", c.Index, fmt.Sprintf("%s is left out.", c.Name)})
		}
	}
}
