package tabular

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Neutralise makes text that a spreadsheet might run as a formula harmless by an apostrophe in front: text whose first
// character that is not white space is = + - @ (or the full-width form of one), or that begins with a tab or a line end. Blanks alone are no formula.
// Plain numbers ("-12.50") and telephone numbers ("+4722995494") stay, since they can do nothing and have to stay usable.
//
// Text that is already one of these behind apostrophes gets one more, so that Restore(Neutralise(s)) == s for every s.
func Neutralise(s string) string {
	if runs(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Restore takes away the apostrophe that Neutralise put in front. Other text, with an apostrophe or without, stays. It is
// for cells of CSV only: XLSXWriter writes text as it is.
func Restore(s string) string {
	if strings.HasPrefix(s, "'") && runs(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

// runs tells whether a spreadsheet might take s for a formula.
func runs(s string) bool {
	if strings.TrimSpace(s) == "" {
		return false
	}
	switch s[0] {
	case '\t', '\r', '\n':
		return true
	}
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
	})
	first, _ := utf8.DecodeRuneInString(rest)
	switch first {
	case '=', '@', '＝', '＠', '＋', '－', '−':
		return true
	case '+', '-':
		return len(rest) != len(s) || !isSignedNumber(s)
	}
	return false
}

// isSignedNumber: a sign, then digits with points and commas between them, nothing else.
func isSignedNumber(s string) bool {
	body := s[1:]
	for i := 0; i < len(body); i++ {
		c := body[i]
		mark := (c == '.' || c == ',') && i > 0 && i+1 < len(body) && body[i-1] != '.' && body[i-1] != ','
		if (c < '0' || c > '9') && !mark {
			return false
		}
	}
	return body != ""
}
