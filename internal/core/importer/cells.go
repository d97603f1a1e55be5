package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tandem/internal/kit/list"
)

// What a person says about the days of a column, when the file does not say which number is the month.
const (
	TransformDMY = "dmy" // 31/12/2025
	TransformMDY = "mdy" // 12/31/2025
)

// nothings is what databases and programs write for no value. \N is none in any field.
var nothings = []string{"NULL", "null", "(null)", "(NULL)", "<null>", "<NULL>", `"NULL"`, "0000-00-00", "0000-00-00 00:00:00"}

// nameFields may hold the word Null: it is a family name.
var nameFields = []string{"name", "first_name", "last_name", "company"}

// isNothing tells whether a cell that is not blank says that there is no value.
func isNothing(field, value string) bool {
	switch value[0] { // this is asked for every cell
	case '\\', 'N', 'n', '(', '<', '"', '0':
	default:
		return false
	}
	return value == `\N` || slices.Contains(nothings, value) && !slices.Contains(nameFields, field)
}

// sheetErrors is what a spreadsheet shows where a formula has no value.
var sheetErrors = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}

// rounded is how a spreadsheet writes a long number that it took for an amount: its last digits are lost.
var rounded = regexp.MustCompile(`^[0-9][.,][0-9]+[eE]\+[0-9]+$`)

// wholeNumber is a telephone number that a program wrote as an amount.
var wholeNumber = regexp.MustCompile(`^\+?[0-9]{6,15}\.0$`)

// digitFields are read by their digits.
var digitFields = []string{"telephone", "reference", "external_id", "tax_number", KeyCustomerID}

// understand is a cell in words of ours, or why it cannot be one.
func (p *plan) understand(st step, value string) (string, *RowProblem) {
	told := func(code, format string, args ...any) (string, *RowProblem) {
		problem := p.problem(st.field, code, format, args...)
		return "", &problem
	}
	switch {
	case value[0] == '#' && slices.Contains(sheetErrors, value):
		return told("sheet_error", "The spreadsheet has the error %s here instead of a value.", value)
	case strings.ContainsAny(value, "eE") && slices.Contains(digitFields, st.field) && rounded.MatchString(value):
		return told("rounded_number", "%q was rounded by a spreadsheet and its last digits are lost: format the column as text there, and export it again.", value)
	case st.field == "telephone":
		if strings.HasSuffix(value, ".0") && wholeNumber.MatchString(value) {
			value = strings.TrimSuffix(value, ".0")
		}
		if rest, ok := strings.CutPrefix(strings.ToLower(value), "tel:"); ok {
			value = rest
		}
	case st.field == "status":
		return statusWord(value), nil
	case st.day:
		day, other, ok := dayOf(value, st.order)
		if ok && other != "" {
			return told("ambiguous_date", "%q is %s or %s: write it as %s, or say with the transform dmy or mdy how the column is meant.", cut(value), day, other, day)
		}
		if ok {
			return day, nil
		}
	}
	return value, nil
}

// dayLayouts are the ways to write a day that can be read one way only.
var dayLayouts = []string{"2006-01-02", "2006/1/2", "2006.1.2", "20060102", "2.1.2006", "2-Jan-2006", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006"}

// slashed is a day with numbers of which either may be the month.
var slashed = regexp.MustCompile(`^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})$`)

// timeOfDay is what may follow a day: the day counts as it is written.
var timeOfDay = regexp.MustCompile(`^[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[AaPp][Mm])?(Z|[+-][0-9]{2}:?[0-9]{2})?$`)

// dayOf reads a day into the form 2025-12-31. other is the second day that is meant as likely, "" when there is none.
func dayOf(value, order string) (day, other string, ok bool) {
	for end := len(value); end > 0; end = strings.LastIndexAny(value[:end], "T ") {
		if rest := value[end:]; rest != "" && !timeOfDay.MatchString(rest) {
			continue
		}
		text := strings.TrimSpace(value[:end])
		for _, layout := range dayLayouts {
			if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
				return t.Format(time.DateOnly), "", true
			}
		}
		if m := slashed.FindStringSubmatch(text); m != nil {
			return slashedDay(m, order)
		}
	}
	return "", "", false
}

func slashedDay(m []string, order string) (day, other string, ok bool) {
	read := func(d, month string) string {
		t, err := time.Parse("2006-1-2", fmt.Sprintf("%s-%s-%s", m[3], strings.TrimPrefix(month, "0"), strings.TrimPrefix(d, "0")))
		if err != nil {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	dmy, mdy := read(m[1], m[2]), read(m[2], m[1])
	switch {
	case order == TransformDMY:
		return dmy, "", dmy != ""
	case order == TransformMDY:
		return mdy, "", mdy != ""
	case dmy == "" || dmy == mdy:
		return mdy, "", mdy != ""
	case mdy == "":
		return dmy, "", true
	}
	return dmy, mdy, true
}

// orderOf is the order of day and month that the first values of a column show: "" when none can be read one way only,
// or some one way and some the other.
func orderOf(sample []string) string {
	order := ""
	for _, value := range sample {
		m := slashed.FindStringSubmatch(strings.TrimSpace(value))
		if m == nil {
			continue
		}
		day, other, ok := slashedDay(m, "")
		if !ok || other != "" {
			continue
		}
		shown := TransformDMY
		if first, _, ok := slashedDay(m, TransformMDY); ok && first == day {
			shown = TransformMDY
			if second, _, ok := slashedDay(m, TransformDMY); ok && second == day {
				continue // 05/05/2025
			}
		}
		if order != "" && order != shown {
			return ""
		}
		order = shown
	}
	return order
}

// isDay tells whether a field holds calendar days.
func (s *Service) isDay(name string) bool {
	f := s.o.Customers.ListTable().Field(name)
	return f != nil && f.Type == list.TypeDay
}
