package contact

import (
	"math"
	"regexp"
	"strings"
	"unicode"
)

// What people and programs write before a secret, and the forms that well-known secrets have.
var secretForms = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:pass(?:word|wd|code|phrase)?|passwort|pwd|pw|secret|token|api[ _-]?key|contraseña|contrasena|clave|passord|mot de passe)\s*(?:[:=]|->|=>)\s*\S`),
	regexp.MustCompile(`(?i)\b(?:pass(?:word|wd|code|phrase)|pwd|contraseña|contrasena|passord)\s+(?:is|es|er)\s+\S*[0-9!#$%&*+?@^~]\S*`),
	regexp.MustCompile(`(?i)\bpin(?:\s*(?:code|number|kode))?\s*(?:is|es|er|[:=#])?\s*\d{3,8}\b`),
	regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY`),
	regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`),
	regexp.MustCompile(`\b[srp]k_(?:live|test)_[0-9A-Za-z]{8,}`),
	regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|whsec_|AIza|SG\.)[0-9A-Za-z_-]{12,}`),
	regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}`),
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@`),
}

// token is a run of characters that keys are made of.
var token = regexp.MustCompile(`[0-9A-Za-z+/_=-]{20,}`)

// looksLikeSecret tells whether a note seems to hold a password, PIN or key. It errs on the side of asking: whoever
// means it can insist.
func looksLikeSecret(note string) bool {
	for _, form := range secretForms {
		if form.MatchString(note) {
			return true
		}
	}
	for _, word := range strings.Fields(note) {
		if strings.Contains(word, "@") { // an address
			continue
		}
		for _, run := range token.FindAllString(word, -1) {
			if isRandom(run) {
				return true
			}
		}
	}
	return false
}

// isRandom tells whether a run looks drawn by chance: many different characters, and kinds of characters that change
// far more often than they do in words, numbers and addresses.
func isRandom(run string) bool {
	counts := map[rune]int{}
	upper, lower, digits, changes, n := 0, 0, 0, 0, 0
	last := ' '
	for _, r := range run {
		kind := ' '
		switch {
		case unicode.IsDigit(r):
			kind, digits = '0', digits+1
		case unicode.IsUpper(r):
			kind, upper = 'A', upper+1
		case unicode.IsLower(r):
			kind, lower = 'a', lower+1
		default: // what joins words tells nothing
			continue
		}
		if n > 0 && kind != last {
			changes++
		}
		last = kind
		counts[r]++
		n++
	}
	if n < 20 || upper+lower < 4 {
		return false
	}
	bits := 0.0
	for _, c := range counts {
		p := float64(c) / float64(n)
		bits -= p * math.Log2(p)
	}
	often := float64(changes) / float64(n-1)
	mixed := digits > 0 && upper > 0 && lower > 0
	return bits >= 3 && ((digits >= 3 && often >= 0.28) || (mixed && often >= 0.3) || often >= 0.4)
}
