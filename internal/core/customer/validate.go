package customer

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/customfield"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/geo"
	"tandem/internal/kit/money"
	"tandem/internal/kit/phone"
)

// Defaults is what the operator's settings say for what a draft leaves out.
type Defaults struct {
	Country, Currency, Language, Timezone string
	Retention                             time.Duration // how long a closed customer may come back
}

// fill puts what is left out into a new draft.
func (d *Draft) fill(def Defaults) {
	put := func(field *string, value string) {
		if strings.TrimSpace(*field) == "" {
			*field = value
		}
	}
	put((*string)(&d.Kind), string(KindCustomer))
	put((*string)(&d.BillingType), string(BillingPrepaid))
	put((*string)(&d.Status), string(StatusActive))
	put(&d.Currency, def.Currency)
	put(&d.Language, def.Language)
	put(&d.Timezone, def.Timezone)
	if strings.TrimSpace(string(d.Party)) == "" {
		d.Party = PartyPerson
		if strings.TrimSpace(d.Company) != "" || strings.TrimSpace(d.FirstName+d.LastName) == "" {
			d.Party = PartyOrganization
		}
	}
}

// normalise brings every field to its one spelling and tells each that is wrong. country is the one that national
// telephone numbers are read in when the draft has none.
func (s *schema) normalise(d *Draft, country string) *errs.Fields {
	wrong := &errs.Fields{}
	for i := range s.fields {
		f := &s.fields[i]
		if f.text == nil {
			continue
		}
		at := f.text(d)
		*at = Clean(*at, f.Name == "description")
		switch {
		case !utf8.ValidString(*at):
			wrong.Add(f.Name, "not_text", "%s is not readable text.", f.Label)
		case f.max > 0 && utf8.RuneCountInString(*at) > f.max:
			wrong.Add(f.Name, "too_long", "%s", f.tooLong(*at))
		case len(f.Choices) > 0:
			*at = strings.ToLower(*at)
			s.checkChoice(f, *at, wrong)
		}
	}
	d.nameFromParts(wrong)
	d.checkCodes(wrong)
	d.checkContact(country, wrong)
	s.checkCustom(d, wrong)
	slices.Sort(d.Groups)
	d.Groups = slices.Compact(d.Groups)
	return wrong
}

func (s *schema) checkChoice(f *field, value string, wrong *errs.Fields) {
	for _, c := range f.Choices {
		if c.Value == value {
			return
		}
	}
	wrong.Add(f.Name, "unknown_choice", "%s is one of %s.", f.Label, labels(f))
}

func labels(f *field) string {
	var out []string
	for _, c := range f.Choices {
		out = append(out, c.Value)
	}
	return strings.Join(out, ", ")
}

// Clean trims, and drops what no screen shows; line breaks stay where several lines are meant.
func Clean(s string, lines bool) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) }) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

func (d *Draft) nameFromParts(wrong *errs.Fields) {
	if d.Name == "" {
		d.Name = d.Company
	}
	if d.Name == "" {
		d.Name = strings.TrimSpace(d.FirstName + " " + d.LastName)
	}
	if d.Name == "" {
		wrong.Add("name", "missing_name", "Give a name, a company, or a first or last name.")
	}
}

func (d *Draft) checkCodes(wrong *errs.Fields) {
	if d.Country != "" {
		if code, ok := geo.Country(d.Country); ok {
			d.Country = code
		} else {
			wrong.Add("country", "bad_country", "There is no country %q: give its name or two-letter code.", d.Country)
		}
	}
	if d.Currency == "" {
		wrong.Add("currency", "missing", "Give a currency.")
	} else if c, ok := geo.Currency(strings.ToUpper(d.Currency)); ok {
		d.Currency = c.Code
	} else {
		wrong.Add("currency", "bad_currency", "There is no currency %q: give a code such as EUR.", d.Currency)
	}
	if d.Language != "" {
		if code, ok := geo.Language(d.Language); ok {
			d.Language = code
		} else {
			wrong.Add("language", "bad_language", "There is no language %q: give a code such as en.", d.Language)
		}
	}
	if d.Timezone != "" {
		if zone, ok := geo.Timezone(d.Timezone); ok {
			d.Timezone = zone
		} else {
			wrong.Add("timezone", "bad_timezone", "There is no time zone %q: give a name such as Europe/Oslo.", d.Timezone)
		}
	}
}

func (d *Draft) checkContact(country string, wrong *errs.Fields) {
	if d.Email != "" && !wrong.Has("email") && !IsEmail(d.Email) {
		wrong.Add("email", "bad_email", "%q is not an e-mail address.", d.Email)
	}
	if d.Telephone == "" {
		return
	}
	if len(d.Country) == 2 {
		country = d.Country
	}
	number, verdict, err := phone.Parse(d.Telephone, country)
	if err != nil || verdict == phone.Impossible {
		wrong.Add("telephone", "bad_phone", "%q is not a possible telephone number: write it as +47 22 99 54 94, or as it is dialled in the customer's country.", d.Telephone)
		return
	}
	d.Telephone = number
}

// IsEmail accepts one bare address with a dot in its domain, as mail servers on the internet do.
func IsEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	return len(local) <= 64 && strings.Contains(domain, ".") && !strings.ContainsAny(s, " \"\\<>()[],;:") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..") &&
		!strings.HasPrefix(domain, "-") && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

// checkCustom brings the values of the operator's fields to their one spelling.
func (s *schema) checkCustom(d *Draft, wrong *errs.Fields) {
	for key := range d.Custom {
		if s.byName[CustomPrefix+key] == nil {
			wrong.Add(CustomPrefix+key, "unknown_field", "There is no field %q.", key)
		}
	}
	for i := range s.custom {
		c := &s.custom[i]
		name := CustomPrefix + c.Key
		value := Clean(d.Custom[c.Key], false)
		if value == "" {
			delete(d.Custom, c.Key)
			if c.Required {
				wrong.Add(name, "missing", "%s is required.", c.Label)
			}
			continue
		}
		value, code, message := customValue(c, value)
		if code != "" {
			wrong.Add(name, code, "%s", message)
		}
		d.Custom[c.Key] = value
	}
}

func customValue(c *customfield.Field, value string) (clean, code, message string) {
	switch c.Type {
	case customfield.TypeText:
		if utf8.RuneCountInString(value) > 200 {
			return value, "too_long", c.Label + " may have at most 200 characters."
		}
	case customfield.TypeNumber:
		n, err := money.Parse(value)
		if err != nil {
			return value, "bad_number", c.Label + " must be a number of up to six decimals."
		}
		return numberText(n), "", ""
	case customfield.TypeDate:
		if _, err := time.Parse("2006-01-02", value); err != nil {
			return value, "bad_date", c.Label + " must be a day, written 2026-12-31."
		}
	case customfield.TypeChoice:
		for _, o := range c.Choices {
			if o.Value == value || strings.EqualFold(o.Label, value) {
				return o.Value, "", ""
			}
		}
		return value, "unknown_choice", c.Label + " has no choice " + value + "."
	}
	return value, "", ""
}

// numberText is the shortest decimal text: 12.5, not 12.500000.
func numberText(n money.Amount) string {
	t := n.String()
	if strings.Contains(t, ".") {
		t = strings.TrimRight(strings.TrimRight(t, "0"), ".")
	}
	return t
}
