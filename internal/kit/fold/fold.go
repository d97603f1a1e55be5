// Package fold turns text into the key it is compared, sorted and searched by: without case and accents, so
// that "oyvind" finds "Øyvind" and "eBay" stands beside "Ebba". It is done once, here, so that both databases,
// which fold differently or not at all, agree to the byte.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What Unicode does not decompose but people type without.
var letters = map[rune]string{
	'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ħ': "h", 'ŧ': "t", 'ŋ': "n",
}

// Key is the folded form of s, trimmed, with runs of white space as one space.
func Key(s string) string {
	if isPlain(s) {
		return s
	}
	return slow(s)
}

// isPlain tells whether s is its own key: most numbers, codes and lower-case words are.
func isPlain(s string) bool {
	space := true // a leading space is not plain
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || (c >= 'A' && c <= 'Z') || (c == ' ' && space) {
			return false
		}
		space = c == ' '
	}
	return len(s) == 0 || s[len(s)-1] != ' '
}

func slow(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r == 0 || (r >= 0x300 && unicode.Is(unicode.Mn, r)): // the first mark is U+0300
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		r = unicode.ToLower(r)
		if r < 0x80 {
			b.WriteByte(byte(r))
		} else if t, ok := letters[r]; ok {
			b.WriteString(t)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}
