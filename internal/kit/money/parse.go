package money

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseExact reads the machine form only: an optional minus, digits, and at most one point with one to six decimals.
// It is for the API and for files of our own.
func ParseExact(s string) (Amount, error) {
	body, negative := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(body, ".")
	if whole == "" || point && frac == "" || !allDigits(whole) || !allDigits(frac) {
		return 0, errNumber(s)
	}
	return assemble(whole, frac, negative)
}

// Parse reads an amount as people and other systems write it: "1234.50", "1,234.50", "1.234,50", "1 234,50",
// "1'234.50", "€ 12", "-5". Blanks around it and one currency sign (€, $, £, ...) before or after it are ignored; an
// exponent, letters, two signs, a sign behind, and groups that are not of three are refused.
//
// Which separator is the decimal mark:
//
//   - both "." and "," occur: the one that comes last, and it may occur once only;
//   - only one sort, more than once: it groups thousands ("1,234,567");
//   - one ".": it is the decimal mark, always ("1.234" is a bit more than one), since systems export so;
//   - one ",": it groups when one to three digits that do not begin with 0 stand before it and exactly three after it
//     ("1,234" is one thousand two hundred and thirty-four), otherwise it is the decimal mark ("1,5", "0,125",
//     "1234,567").
//
// Whoever knows the decimal mark of a file uses ParseMark instead. More than six decimals are refused unless those
// beyond are zeros, since nothing may be rounded in silence.
func Parse(s string) (Amount, error) { return parse(s, 0) }

// ParseMark is Parse where the decimal mark is known, '.' or ','; the other of the two then only groups thousands.
func ParseMark(s string, mark rune) (Amount, error) { return parse(s, mark) }

func parse(s string, mark rune) (Amount, error) {
	body := strings.TrimFunc(s, unicode.IsSpace)
	if body == "" {
		return 0, &Error{CodeEmpty, "there is no amount"}
	}
	if len(body) > 64 {
		return 0, errNumber(s)
	}
	body, negative, ok := stripSignAndCurrency(body)
	if !ok {
		return 0, errNumber(s)
	}
	at := decimalMark(body, mark)
	whole, frac := body, ""
	if at >= 0 {
		whole, frac = body[:at], body[at+1:]
		if frac == "" {
			return 0, errNumber(s)
		}
	}
	whole, ok = ungroup(whole)
	if !ok || !allDigits(frac) || whole == "" && frac == "" {
		return 0, errNumber(s)
	}
	return assemble(whole, frac, negative)
}

// stripSignAndCurrency takes away one sign and one currency symbol, in either order in front ("-€5", "€-5") or the
// symbol behind ("-5 €").
func stripSignAndCurrency(s string) (rest string, negative, ok bool) {
	signs, symbols := 0, 0
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '-' || r == '−':
			negative = true
			signs++
		case r == '+':
			signs++
		case unicode.Is(unicode.Sc, r):
			symbols++
		case unicode.IsSpace(r):
		default:
			if last, n := utf8.DecodeLastRuneInString(s); unicode.Is(unicode.Sc, last) {
				symbols++
				s = strings.TrimRightFunc(s[:len(s)-n], unicode.IsSpace)
			}
			return s, negative, s != "" && signs <= 1 && symbols <= 1
		}
		s = s[n:]
	}
	return "", false, false
}

// decimalMark finds the byte index of the decimal mark by the rule that Parse documents, -1 when there is none.
func decimalMark(s string, mark rune) int {
	if mark == '.' || mark == ',' {
		return strings.LastIndexByte(s, byte(mark))
	}
	points, commas := strings.Count(s, "."), strings.Count(s, ",")
	lastPoint, lastComma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case points > 0 && commas > 0:
		return max(lastPoint, lastComma)
	case points > 1 || commas > 1:
		return -1
	case points == 1:
		return lastPoint
	case commas == 1:
		if lastComma >= 1 && lastComma <= 3 && s[0] != '0' && len(s)-lastComma == 4 {
			return -1
		}
		return lastComma
	default:
		return -1
	}
}

// ungroup removes thousands separators, one sort only, with one to three digits first and then exactly three each.
func ungroup(s string) (string, bool) {
	if allDigits(s) {
		return s, true
	}
	var sep rune
	out := make([]byte, 0, len(s))
	run, groups := 0, 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			out = append(out, byte(r))
			run++
			continue
		}
		if !strings.ContainsRune(".,'’ \u00a0\u2009\u202f", r) || sep != 0 && r != sep {
			return "", false
		}
		if groups == 0 && (run < 1 || run > 3) || groups > 0 && run != 3 {
			return "", false
		}
		sep, run = r, 0
		groups++
	}
	return string(out), run == 3
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// assemble makes the amount of digits before and after the mark.
func assemble(whole, frac string, negative bool) (Amount, error) {
	if len(frac) > Digits {
		if strings.Trim(frac[Digits:], "0") != "" {
			return 0, &Error{CodeDecimals, "an amount has at most six decimals"}
		}
		frac = frac[:Digits]
	}
	var u uint64
	for _, part := range [...]string{whole, frac} {
		for i := 0; i < len(part); i++ {
			if u > (math.MaxUint64-9)/10 {
				return 0, errRange()
			}
			u = u*10 + uint64(part[i]-'0')
		}
	}
	for i := len(frac); i < Digits; i++ {
		if u > math.MaxUint64/10 {
			return 0, errRange()
		}
		u *= 10
	}
	switch {
	case negative && u <= 1<<63:
		return Amount(-u), nil
	case !negative && u <= math.MaxInt64:
		return Amount(u), nil
	default:
		return 0, errRange()
	}
}

func errNumber(s string) error {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	return &Error{CodeNumber, "\"" + s + "\" is not an amount"}
}
