package tabular

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberStyle is how a number of a sheet is meant to be read.
type numberStyle int

const (
	styleNumber   numberStyle = iota
	styleDate                 // a day
	styleDateTime             // a day with a time
	styleTime                 // a time of day
	styleElapsed              // hours that may be over 24
	stylePadded               // stylePadded+n: a number of at least n digits, with zeros in front ("00000")
)

// loadStyles reads which cell style means what. A workbook without styles has plain numbers.
func (w *workbook) loadStyles() ([]numberStyle, error) {
	if w.styles == "" || w.parts[partKey(w.styles)] == nil {
		return nil, nil
	}
	custom := map[string]numberStyle{}
	var styles []numberStyle
	err := w.walk(w.styles, func(x *xmlReader) error {
		switch string(x.name) {
		case "numFmt":
			if len(custom) < maxStyles {
				custom[x.attr("numFmtId")] = classify(x.attr("formatCode"))
			}
		case "cellXfs":
			outer := x.depth
			for x.depth >= outer {
				kind, err := x.next()
				if err != nil {
					return x.cut(err)
				}
				if kind == xmlStart && string(x.name) == "xf" && len(styles) < maxStyles {
					id := x.attr("numFmtId")
					style, own := custom[id]
					if !own {
						style = builtIn(id)
					}
					styles = append(styles, style)
				}
			}
		}
		return nil
	})
	return styles, err
}

const maxStyles = 65_536 // a workbook cannot have more

// builtIn knows the formats that every spreadsheet has without naming them; 27 to 36 and 50 to 58 are dates in the East
// Asian versions.
func builtIn(id string) numberStyle {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil:
		return styleNumber
	case n == 22:
		return styleDateTime
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
		return styleDate
	case n >= 18 && n <= 21, n == 45, n == 47, n >= 32 && n <= 35, n == 55, n == 56:
		return styleTime
	case n == 46:
		return styleElapsed
	}
	return styleNumber
}

// classify reads a number format such as "dd.mm.yyyy hh:mm": the first section, without quoted text, escaped characters
// and colours.
func classify(code string) numberStyle {
	if strings.EqualFold(code, "general") {
		return styleNumber
	}
	var plain []byte
	elapsed := false
scan:
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case ';':
			break scan
		case '"', '[':
			closing := byte('"')
			if code[i] == '[' {
				closing = ']'
			}
			end := strings.IndexByte(code[i+1:], closing)
			if end < 0 {
				break scan
			}
			inside := strings.ToLower(code[i+1 : i+1+end])
			elapsed = elapsed || closing == ']' && inside != "" && strings.Trim(inside, "hms") == ""
			i += end + 1
		case '\\', '_', '*':
			i++
		default:
			plain = append(plain, code[i]|0x20)
		}
	}
	if n := len(plain); n > 1 && n <= 15 && strings.Trim(string(plain), "0") == "" {
		return stylePadded + numberStyle(n)
	}
	letters := string(plain)
	if strings.ContainsAny(letters, "#?") || strings.Contains(letters, "general") {
		return styleNumber
	}
	day := strings.ContainsAny(letters, "yd")
	clock := strings.ContainsAny(letters, "hs")
	switch {
	case elapsed:
		return styleElapsed
	case day && clock:
		return styleDateTime
	case day, !clock && strings.Contains(letters, "m"):
		return styleDate
	case clock:
		return styleTime
	}
	return styleNumber
}

// numberText writes the number of a cell as a person would: a date as ISO 8601, digits without exponent, and not the noise
// that comes from binary fractions. raw that is no number is given back.
func numberText(raw string, style numberStyle, date1904 bool) string {
	raw = strings.TrimSpace(raw)
	switch {
	case style >= stylePadded:
		n := int(style - stylePadded)
		if text := plainNumber(raw); len(text) < n && isDigits(text) {
			return strings.Repeat("0", n-len(text)) + text
		}
	case style != styleNumber:
		if v, err := strconv.ParseFloat(raw, 64); err == nil {
			if text, ok := dateText(v, style, date1904); ok {
				return text
			}
		}
	}
	return plainNumber(raw)
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// plainNumber keeps short decimals as they are stored, and all whole numbers; anything else is rounded to the 15 digits
// that a spreadsheet shows.
func plainNumber(raw string) string {
	body := strings.TrimPrefix(raw, "-")
	whole, frac, point := strings.Cut(body, ".")
	if isDigits(whole) && len(raw) <= 400 && (!point || isDigits(frac) && len(strings.TrimLeft(whole, "0"))+len(frac) <= 15) {
		return raw
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw
	}
	mantissa := strconv.FormatFloat(v, 'e', 14, 64)
	rounded, err := strconv.ParseFloat(mantissa, 64)
	if err != nil {
		return raw
	}
	if text := strconv.FormatFloat(rounded, 'f', -1, 64); len(text) <= 40 {
		return text
	}
	return raw
}

// dateText reads a serial day number. The first day is 1900-01-01, with a 29th of February that year never had; or
// 1904-01-02.
func dateText(v float64, style numberStyle, date1904 bool) (string, bool) {
	const lastDay = 2_958_466 // the first that is after the year 9999
	if v < 0 || v >= lastDay || math.IsNaN(v) {
		return "", false
	}
	days := int(v)
	seconds := int(math.Round((v - float64(days)) * 86400))
	switch {
	case style == styleElapsed:
		total := days*86400 + seconds
		return strconv.Itoa(total/3600) + time.Unix(int64(total), 0).UTC().Format(":04:05"), true
	case style == styleTime && days == 0:
		return time.Unix(int64(seconds%86400), 0).UTC().Format("15:04:05"), true
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		epoch = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	day := epoch.AddDate(0, 0, days)
	if style == styleDate {
		return day.Format("2006-01-02"), true
	}
	return day.Add(time.Duration(seconds) * time.Second).Format("2006-01-02T15:04:05"), true
}
