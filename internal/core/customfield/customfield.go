package customfield

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Type is what a field holds.
type Type string

// The types.
const (
	TypeText   Type = "text"   // up to 200 characters
	TypeNumber Type = "number" // decimal, up to six places
	TypeDate   Type = "date"   // calendar day
	TypeChoice Type = "choice" // one of Choices
)

// Limits of definitions.
const (
	MaxFields  = 40
	maxChoices = 200
)

// Choice is one value of a choice field.
type Choice = list.Choice

// Field is one definition.
type Field struct {
	ID        int64
	Key       string // in the API: custom.<key>; never changes
	Label     string
	Type      Type // never changes
	Choices   []Choice
	Required  bool
	Help      string
	Position  int64
	Column    string // of customers
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64
}

// Input is what a person says about a field. Key is made of the label when left out.
type Input struct {
	Key      string
	Label    string
	Type     Type
	Choices  []Choice
	Required bool
	Help     string
	Position int64
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Validate trims and tells every wrong field.
func (in *Input) Validate() *errs.Fields {
	var wrong errs.Fields
	in.Label, in.Help = strings.TrimSpace(in.Label), strings.TrimSpace(in.Help)
	if n := len([]rune(in.Label)); n == 0 || n > 60 {
		wrong.Add("label", "length", "A label has 1 to 60 characters.")
	}
	if in.Key == "" {
		in.Key = keyFrom(in.Label)
	}
	if !keyForm.MatchString(in.Key) {
		wrong.Add("key", "form", "A key begins with a letter and has up to 40 of a-z, 0-9 and _.")
	}
	if !slices.Contains([]Type{TypeText, TypeNumber, TypeDate, TypeChoice}, in.Type) {
		wrong.Add("type", "unknown", "The type is text, number, date or choice.")
	}
	if len([]rune(in.Help)) > 300 {
		wrong.Add("help", "length", "The help text has up to 300 characters.")
	}
	in.validateChoices(&wrong)
	return &wrong
}

func (in *Input) validateChoices(wrong *errs.Fields) {
	if in.Type != TypeChoice {
		if len(in.Choices) > 0 {
			wrong.Add("choices", "not_a_choice", "Only a choice field has choices.")
		}
		return
	}
	if len(in.Choices) == 0 || len(in.Choices) > maxChoices {
		wrong.Add("choices", "length", "A choice field has 1 to %d choices.", maxChoices)
	}
	seen := map[string]bool{}
	for i := range in.Choices {
		c := &in.Choices[i]
		c.Value, c.Label = strings.TrimSpace(c.Value), strings.TrimSpace(c.Label)
		if c.Value == "" {
			c.Value = c.Label
		}
		if c.Label == "" {
			c.Label = c.Value
		}
		switch {
		case c.Value == "" || len([]rune(c.Value)) > 60 || len([]rune(c.Label)) > 60:
			wrong.Add("choices", "length", "A choice has 1 to 60 characters.")
		case seen[c.Value]:
			wrong.Add("choices", "twice", "The choice %q stands twice.", c.Value)
		}
		seen[c.Value] = true
	}
}

// keyFrom makes a key of a label: "Sales area" gives sales_area.
func keyFrom(label string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(label) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := b.String()
	if len(key) > 40 {
		key = key[:40]
	}
	return strings.TrimSuffix(key, "_")
}
