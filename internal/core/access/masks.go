package access

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tandem/internal/kit/errs"
)

// Mask hides some fields from whoever has it in each of their roles: the values are not read, found, sorted, counted,
// exported, nor written by them.
type Mask string

// The masks there are.
const (
	// MaskTelephone hides the telephone numbers of customers and of their contacts.
	MaskTelephone Mask = "telephone"
)

// maskAny is no mask of a role: it stands for fields that may hold the value of any masked field, such as the changes in
// the audit, and hides them from whoever has a mask.
const maskAny Mask = "any"

// MaskAny is what such a field of a list bears as its mask.
const MaskAny = string(maskAny)

// MaskDescription tells people what a mask hides.
type MaskDescription struct {
	Mask     Mask
	Sentence string   // in English; the console has its own words
	Fields   []string // as the API spells them, of every table: what has such a name is hidden in histories and previews too
}

// masks is every mask that a role may have, in the order in which people read them.
var masks = []MaskDescription{
	{MaskTelephone, "Telephone numbers of customers and of their contacts.", []string{"telephone", "phone", "mobile"}},
}

// spoken is the names under which texts are kept that may tell of any field: what somebody searched or filtered by, and to
// which address or number something was sent.
var spoken = []string{"filter", "q", "to"}

// Masks is every mask there is.
func Masks() []MaskDescription { return slices.Clone(masks) }

// AllMasks is every mask by its name.
func AllMasks() []Mask {
	out := make([]Mask, len(masks))
	for i, d := range masks {
		out[i] = d.Mask
	}
	return out
}

// KnownMask tells whether there is such a mask.
func KnownMask(m Mask) bool {
	return slices.ContainsFunc(masks, func(d MaskDescription) bool { return d.Mask == m })
}

// SortMasks is the masks, each once, in the order of Masks; what is none is left out.
func SortMasks(given []Mask) []Mask {
	out := []Mask{}
	for _, d := range masks {
		if slices.Contains(given, d.Mask) {
			out = append(out, d.Mask)
		}
	}
	return out
}

// CommonMasks is what roles hide together: a field is hidden only when every one of them hides it. Of no roles it is none.
func CommonMasks(sets ...[]Mask) []Mask {
	if len(sets) == 0 {
		return []Mask{}
	}
	return SortMasks(slices.DeleteFunc(slices.Clone(sets[0]), func(m Mask) bool {
		return slices.ContainsFunc(sets, func(set []Mask) bool { return !slices.Contains(set, m) })
	}))
}

// Hides tells whether the principal has the mask.
func (p Principal) Hides(m Mask) bool {
	return slices.Contains(p.Masks, m) || m == maskAny && len(p.Masks) > 0
}

// HidesField tells whether a field of this name is hidden from the principal, in whatever table.
func (p Principal) HidesField(name string) bool {
	if len(p.Masks) == 0 {
		return false
	}
	return slices.Contains(spoken, name) || slices.ContainsFunc(masks, func(d MaskDescription) bool { return p.Hides(d.Mask) && slices.Contains(d.Fields, name) })
}

// Masked is the masks of the context's principal, as lists take them.
func Masked(ctx context.Context) []string {
	p := From(ctx).Principal
	if len(p.Masks) == 0 {
		return nil
	}
	out := []string{MaskAny}
	for _, m := range p.Masks {
		out = append(out, string(m))
	}
	return out
}

// Hidden tells whether a field of this name is hidden from the context's principal.
func Hidden(ctx context.Context, field string) bool { return From(ctx).Principal.HidesField(field) }

// RefuseHidden adds to wrong when the field is hidden from the context's principal, who would write it.
func RefuseHidden(ctx context.Context, wrong *errs.Fields, field string) {
	if Hidden(ctx, field) {
		wrong.Add(field, "masked", "Your role does not show you this field, so it stays as it is.")
	}
}

// Refused is what is wrong with a record as it may be kept for others to read: of fields that some role hides it names the
// code alone.
func Refused(wrong []errs.Field) []errs.Field {
	return Principal{Masks: AllMasks()}.Scrub(wrong)
}

// Scrub takes out of what is wrong with a record what would tell of a field that is hidden from the principal.
func (p Principal) Scrub(wrong []errs.Field) []errs.Field {
	if len(p.Masks) == 0 {
		return wrong
	}
	out := slices.Clone(wrong)
	for i, w := range out {
		if p.HidesField(w.Field) && w.Code != "masked" {
			out[i].Message = "Its value is refused (" + w.Code + ")."
		}
	}
	return out
}

// Scrubbed is an error as the context's principal may read it: see Scrub.
func Scrubbed(ctx context.Context, err error) error {
	e, ok := errs.As(err)
	if !ok || len(Masked(ctx)) == 0 || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = From(ctx).Principal.Scrub(e.Fields)
	return &out
}

// HideIn is a JSON text in which the values of fields that are hidden from the principal are null; without masks it is the
// text itself.
func (p Principal) HideIn(text json.RawMessage) (json.RawMessage, error) {
	if len(p.Masks) == 0 || len(text) == 0 {
		return text, nil
	}
	var v any
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if err := in.Decode(&v); err != nil {
		return nil, fmt.Errorf("hide fields: %w", err)
	}
	out, err := json.Marshal(p.HideValue(v))
	if err != nil {
		return nil, fmt.Errorf("hide fields: %w", err)
	}
	return out, nil
}

// HideValue is HideIn of a value as encoding/json reads it, which is changed.
func (p Principal) HideValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if p.HidesField(name) {
				v[name] = nil
				continue
			}
			v[name] = p.HideValue(value)
		}
	case []any:
		for i := range v {
			v[i] = p.HideValue(v[i])
		}
	}
	return v
}
