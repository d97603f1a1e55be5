package identity

import (
	"context"
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tandem/internal/kit/errs"
)

const (
	minPassword = 8   // characters
	maxPassword = 256 // bytes: enough for any sentence, and little to hash
	// decoration is how many digits and signs somebody adds to a word and takes it for a password.
	decoration = 6
	// product is what this is called: among the first that are tried here.
	product = "Tandem"
)

// commonText is passwords that many people have, of those that were ever made public, and words that passwords are made of: in
// small letters, one a line, sorted by bytes, so that it is searched as it is. Most are of zxcvbn's list, see NOTICE.
//
//go:embed common.txt
var commonText string

// CheckPassword notes what is wrong with a password: too short, known to everybody, or what everybody knows of the person:
// their name or address, their customer, the operator, the product. It asks for no mixture of signs, as NIST SP 800-63B.
func (s *Service) CheckPassword(ctx context.Context, wrong *errs.Fields, field, password, email string, names ...string) error {
	local, _, _ := strings.Cut(email, "@")
	known := append([]string{email, local, product}, names...)
	if s.Operator != nil {
		operator, err := s.Operator(ctx)
		if err != nil {
			return err
		}
		known = append(known, operator)
	}
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		wrong.Add(field, "too_short", "A password has at least %d characters.", minPassword)
	case len(password) > maxPassword:
		wrong.Add(field, "too_long", "A password has at most %d bytes.", maxPassword)
	case !utf8.ValidString(password):
		wrong.Add(field, "bad_text", "A password is UTF-8 text.")
	case tooPersonal(password, known):
		wrong.Add(field, "too_personal", "A password must not be a name that belongs to it: yours, your address, your company's, ours.")
	case tooCommon(password):
		wrong.Add(field, "too_common", "This password is among the first that are tried. Take another one: a few words in a row are hard to guess and easy to keep.")
	}
	return nil
}

// tooCommon tells whether many have this password, or it is a word that many have and a few digits or signs behind it, in
// any letter case, or with digits in place of letters.
func tooCommon(password string) bool {
	lower := strings.ToLower(norm.NFKC.String(password))
	for _, word := range []string{lower, stem(lower)} {
		if listed(word) || listed(letters(word, 'i')) || listed(letters(word, 'l')) {
			return true
		}
	}
	return uniform(lower)
}

// stem is a word without the digits and signs that stand behind it, when they are few.
func stem(word string) string {
	short := strings.TrimRight(word, "0123456789!.?*#$@_-+")
	if len(word)-len(short) > decoration {
		return word
	}
	return short
}

// letters is a word with the letters that its digits and signs stand for; one is what 1 stands for.
func letters(word string, one rune) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '0':
			return 'o'
		case '1', '!', '|':
			return one
		case '3':
			return 'e'
		case '4', '@':
			return 'a'
		case '5', '$':
			return 's'
		case '7':
			return 't'
		}
		return r
	}, word)
}

// listed searches the sorted list by halves.
func listed(word string) bool {
	if word == "" || strings.ContainsRune(word, '\n') {
		return false
	}
	from, to := 0, len(commonText)
	for from < to {
		start := from + (to-from)/2
		start = from + strings.LastIndexByte(commonText[from:start], '\n') + 1 // where that line begins
		line, _, _ := strings.Cut(commonText[start:to], "\n")
		switch {
		case line == word:
			return true
		case line < word:
			from = start + len(line) + 1
		default:
			to = start
		}
	}
	return false
}

// tooPersonal tells whether a password is one of the words, however it is written, with hardly anything beside.
func tooPersonal(password string, words []string) bool {
	squashed := squash(password)
	for _, text := range words {
		for _, word := range append(strings.Fields(text), text) {
			word = squash(word)
			if utf8.RuneCountInString(word) < 4 || !strings.Contains(squashed, word) {
				continue
			}
			rest := strings.ReplaceAll(squashed, word, "")
			bare := strings.Trim(rest, "0123456789")
			if len(rest)-len(bare) <= decoration {
				rest = bare
			}
			if utf8.RuneCountInString(rest) < 4 {
				return true
			}
		}
	}
	return false
}

// squash is the letters and digits of a text, small.
func squash(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(text)))
}

// uniform tells whether a password is one or two characters over and over.
func uniform(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 3
}
