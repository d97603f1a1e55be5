package phone

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	pn "github.com/nyaruka/phonenumbers"
)

// table holds the numbering plans by calling code and by country.
type table struct {
	byCode   [1000]*region // the main country of a calling code, or its own plan when it belongs to none
	byRegion map[string]*region
}

// region is what reading needs of one country's plan. Lengths are bit sets.
type region struct {
	code       string // calling code
	possible   uint32 // lengths of a national number
	localOnly  uint32 // lengths that work inside an area only
	shortest   int
	longest    int
	prefix     string // national prefix when it is plain digits
	prefixExpr func() *regexp.Regexp
	starts     [10]bool // digits that something the prefix expression matches can begin with
	transform  string
	general    func() *regexp.Regexp
	idd        func() *regexp.Regexp
}

var plans = sync.OnceValue(func() *table {
	t := &table{byRegion: map[string]*region{}}
	// The collection is embedded in the library, which has read it in its own init: it cannot fail here.
	coll, err := pn.MetadataCollection()
	if err != nil {
		return t
	}
	for _, m := range coll.GetMetadata() {
		r := newRegion(m)
		cc := int(m.GetCountryCode())
		id := m.GetId()
		if id != pn.REGION_CODE_FOR_NON_GEO_ENTITY {
			t.byRegion[id] = r
		}
		if cc > 0 && cc < len(t.byCode) && pn.GetRegionCodeForCountryCode(cc) == id {
			t.byCode[cc] = r
		}
	}
	return t
})

func newRegion(m *pn.PhoneMetadata) *region {
	g := m.GetGeneralDesc()
	r := &region{
		code:      strconv.Itoa(int(m.GetCountryCode())),
		possible:  bitset(g.GetPossibleLength()),
		localOnly: bitset(g.GetPossibleLengthLocalOnly()),
		transform: m.GetNationalPrefixTransformRule(),
		general:   lazyExpr("^(?:" + g.GetNationalNumberPattern() + ")$"),
		idd:       lazyExpr("^(?:" + m.GetInternationalPrefix() + ")"),
	}
	if l := g.GetPossibleLength(); len(l) > 0 {
		r.shortest, r.longest = int(l[0]), int(l[len(l)-1])
	}
	switch p := m.GetNationalPrefixForParsing(); {
	case p == "":
	case strings.Trim(p, "0123456789") == "" && r.transform == "":
		r.prefix = p
	default:
		r.prefixExpr = lazyExpr("^(?:" + p + ")")
		r.starts = firstDigits(p)
	}
	return r
}

func lazyExpr(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func bitset(lengths []int32) (set uint32) {
	for _, n := range lengths {
		if n >= 0 && n < 32 {
			set |= 1 << n
		}
	}
	return set
}

// splitInternational finds the calling code that the digits begin with.
func (t *table) splitInternational(digits string) (*region, string, *Error) {
	if len(digits) <= minNational {
		return nil, "", errTooShort
	}
	if digits[0] == '0' {
		return nil, "", errCallingCode
	}
	cc := 0
	for i := 0; i < maxCallingCode && i < len(digits); i++ {
		cc = cc*10 + int(digits[i]-'0')
		if r := t.byCode[cc]; r != nil {
			return r, digits[i+1:], nil
		}
	}
	return nil, "", errCallingCode
}

// splitNational reads digits as dialled in a country: with its own international prefix, with its calling code but no
// plus sign, or simply national. The order and the conditions are the library's.
func (t *table) splitNational(digits, country string) (*region, string, *Error) {
	r := t.byRegion[country]
	if r == nil {
		return nil, "", errNeedCountry
	}
	if at := r.idd().FindStringIndex(digits); at != nil {
		rest := digits[at[1]:]
		if rest == "" || rest[0] != '0' {
			return t.splitInternational(rest)
		}
	}
	if rest, ok := strings.CutPrefix(digits, r.code); ok {
		rest, _ = r.stripPrefix(rest)
		general := r.general()
		if !general.MatchString(digits) && general.MatchString(rest) || len(digits) > r.longest && !r.local(len(digits)) {
			cc, _ := strconv.Atoi(r.code)
			return t.byCode[cc], rest, nil
		}
	}
	return r, digits, nil
}

// finish takes the national prefix away and judges the length by the plan of the calling code's main country.
func (r *region) finish(nsn string) (string, *Error) {
	if len(nsn) < minNational {
		return "", errTooShort
	}
	if s, ok := r.stripPrefix(nsn); ok && (r.isPossible(len(s)) || len(s) > r.longest && !r.local(len(s))) {
		nsn = s
	}
	if len(nsn) < minNational {
		return "", errTooShort
	}
	if len(nsn) > maxNational {
		return "", errTooLong
	}
	main := r
	if cc, _ := strconv.Atoi(r.code); plans().byCode[cc] != nil {
		main = plans().byCode[cc]
	}
	switch n := len(nsn); {
	case main.isPossible(n):
		return main.settle(nsn), nil
	case main.local(n) || n < main.shortest:
		return "", errTooShort
	case n > main.longest:
		return "", errTooLong
	default:
		return "", errLength
	}
}

// settle goes on taking prefixes away as long as the number stays possible, so that reading our own result again gives
// the same number. Only odd input such as two national prefixes has more than one.
func (r *region) settle(nsn string) string {
	for range 4 {
		s, ok := r.stripPrefix(nsn)
		if !ok || s == nsn || !r.isPossible(len(s)) {
			break
		}
		nsn = s
	}
	return nsn
}

func (r *region) isPossible(n int) bool { return n < 32 && r.possible&^r.localOnly&(1<<n) != 0 }
func (r *region) local(n int) bool      { return n < 32 && r.localOnly&(1<<n) != 0 }

// stripPrefix takes a national prefix and carrier code away, unless that would turn a number that fits the plan into
// one that does not.
func (r *region) stripPrefix(nsn string) (string, bool) {
	if r.prefixExpr == nil {
		rest, ok := strings.CutPrefix(nsn, r.prefix)
		if !ok || r.prefix == "" {
			return nsn, false
		}
		return r.unlessWorse(nsn, rest)
	}
	if nsn == "" || nsn[0] < '0' || nsn[0] > '9' || !r.starts[nsn[0]-'0'] {
		return nsn, false
	}
	expr := r.prefixExpr()
	at := expr.FindStringSubmatchIndex(nsn)
	if at == nil {
		return nsn, false
	}
	if r.transform == "" || at[len(at)-2] < 0 {
		return r.unlessWorse(nsn, nsn[at[1]:])
	}
	return r.unlessWorse(nsn, expr.ReplaceAllString(nsn, r.transform))
}

func (r *region) unlessWorse(before, after string) (string, bool) {
	general := r.general()
	if general.MatchString(before) && !general.MatchString(after) {
		return before, false
	}
	return after, true
}

// firstDigits finds which digits a match of the expression can begin with, so that most numbers need no regular
// expression: it is asked what one digit, continued in any way, could match.
func firstDigits(expr string) (starts [10]bool) {
	re, err := regexpSyntax(expr)
	if err != nil {
		for i := range starts {
			starts[i] = true
		}
		return starts
	}
	for i := range starts {
		starts[i] = re.canBegin(rune('0' + i))
	}
	return starts
}
