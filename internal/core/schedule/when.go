package schedule

import (
	"regexp"
	"strconv"
	"time"
)

// Furthest is how far ahead a save may be delayed.
const Furthest = 5 * 365 * 24 * time.Hour

var fromNow = regexp.MustCompile(`^\+([0-9]{1,7})([smhd])$`)

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// ParseAt reads when a save is to be applied: an instant in RFC 3339, or a time from now such as +90m, +1h or +2d. wrong
// is what is wrong with it, empty when nothing is.
func ParseAt(text string, now time.Time) (at time.Time, code, wrong string) {
	if m := fromNow.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || time.Duration(n) > Furthest/units[m[2]] {
			return at, "too_far", "It may be five years ahead at most."
		}
		at = now.Add(time.Duration(n) * units[m[2]])
	} else {
		var err error
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return at, "bad_time", "Give an instant such as 2026-03-01T18:00:00Z, or a time from now such as +90m, +1h or +2d."
		}
		at = at.UTC().Truncate(time.Microsecond)
	}
	code, wrong = checkAt(at, now)
	return at, code, wrong
}

func checkAt(at, now time.Time) (code, wrong string) {
	switch {
	case !at.After(now):
		return "past", "It must lie ahead."
	case at.Sub(now) > Furthest:
		return "too_far", "It may be five years ahead at most."
	}
	return "", ""
}
