package phone

import (
	"strings"
	"unicode"
)

// Verdict is what can be said about a number.
type Verdict int

// The verdicts. Parse gives Impossible or Possible; Check gives Valid too.
const (
	Impossible Verdict = iota // cannot be a telephone number: refuse it
	Possible                  // has a length that its country uses
	Valid                     // lies in a range that is known to be assigned
)

// Codes of Error.
const (
	CodeEmpty       = "empty"
	CodeNotANumber  = "not_a_number" // characters that no number has, among them letters and extensions
	CodeNeedCountry = "need_country" // national form without a usable default country
	CodeCallingCode = "bad_calling_code"
	CodeTooShort    = "too_short"
	CodeTooLong     = "too_long"
	CodeLength      = "bad_length" // between the shortest and the longest, but of a length that the country does not use
)

// Error is why a number is impossible. Message is for a person.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Message }

var (
	errEmpty       = &Error{CodeEmpty, "there is no telephone number"}
	errNotANumber  = &Error{CodeNotANumber, "not a telephone number: only digits, a leading + and the separators blank - . / ( ) can be in it"}
	errNeedCountry = &Error{CodeNeedCountry, "a number without + or 00 needs a default country"}
	errCallingCode = &Error{CodeCallingCode, "no country has this calling code"}
	errTooShort    = &Error{CodeTooShort, "too short for a telephone number of this country"}
	errTooLong     = &Error{CodeTooLong, "too long for a telephone number of this country"}
	errLength      = &Error{CodeLength, "no telephone number of this country has this many digits"}
)

const (
	maxInput       = 64 // characters a person may write
	maxNational    = 17 // digits after the calling code, as the library has it
	minNational    = 2
	maxCallingCode = 3
)

// Parse reads a number as written by a person. A leading + or 00 means international whatever defaultCountry is; anything
// else is national (or carries the international prefix of that country) and needs defaultCountry, an ISO 3166
// alpha-2 code in capitals or "". Impossible comes with an *Error and no number. Whether a possible number is
// assigned is a second question, answered by Known, since it costs some forty times as much.
func Parse(raw, defaultCountry string) (e164 string, v Verdict, err error) {
	var buf [maxInput]byte
	digits, international, perr := normalise(raw, buf[:0])
	if perr != nil {
		return "", Impossible, perr
	}
	t := plans()
	var r *region
	var nsn string
	if international {
		r, nsn, perr = t.splitInternational(digits)
	} else {
		r, nsn, perr = t.splitNational(digits, defaultCountry)
	}
	if perr == nil {
		nsn, perr = r.finish(nsn)
	}
	if perr != nil {
		return "", Impossible, perr
	}
	if len(raw) == 1+len(r.code)+len(nsn) && raw[0] == '+' && raw[1:1+len(r.code)] == r.code && raw[1+len(r.code):] == nsn {
		return raw, Possible, nil
	}
	return "+" + r.code + nsn, Possible, nil
}

// Check is Parse and Known together, for forms: Valid, Possible (say that the number is not known to be assigned), or
// Impossible with an *Error.
func Check(raw, defaultCountry string) (e164 string, v Verdict, err error) {
	e164, v, err = Parse(raw, defaultCountry)
	if err == nil && Known(e164) {
		v = Valid
	}
	return e164, v, err
}

// normalise leaves the digits. A leading + or 00 is removed and told as international.
func normalise(raw string, buf []byte) (digits string, international bool, err *Error) {
	if len(raw) > 4*maxInput {
		return "", false, errTooLong
	}
	for _, c := range raw {
		switch {
		case c >= '0' && c <= '9':
			buf = append(buf, byte(c))
		case c == '+' || c == '＋':
			if international || len(buf) > 0 {
				return "", false, errNotANumber
			}
			international = true
		case isSeparator(c):
		case unicode.IsDigit(c):
			d, ok := asciiDigit(c)
			if !ok {
				return "", false, errNotANumber
			}
			buf = append(buf, d)
		default:
			return "", false, errNotANumber
		}
		if len(buf) == maxInput {
			return "", false, errTooLong
		}
	}
	if len(buf) == 0 {
		if international || strings.TrimSpace(raw) != "" {
			return "", false, errNotANumber
		}
		return "", false, errEmpty
	}
	if !international && len(buf) > 2 && buf[0] == '0' && buf[1] == '0' {
		buf, international = buf[2:], true
	}
	return string(buf), international, nil
}

func isSeparator(c rune) bool {
	switch c {
	case ' ', '-', '.', '(', ')', '/', '[', ']', '\t':
		return true
	}
	return c > 127 && (unicode.In(c, unicode.Zs, unicode.Pd) || strings.ContainsRune("−\u00ad\u200b\u2060\u200e\u200f\u202a\u202c\u202d\u2068\u2069／．（）", c))
}

// asciiDigit takes the digits that the library takes: full-width, Arabic-Indic and its eastern form.
func asciiDigit(c rune) (byte, bool) {
	for _, zero := range [...]rune{'０', '٠', '۰'} {
		if c >= zero && c <= zero+9 {
			return byte('0' + c - zero), true
		}
	}
	return 0, false
}
