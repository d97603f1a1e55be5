package geo

import (
	_ "embed" // the lists
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tandem/internal/kit/fold"
	"tandem/internal/kit/phone"
)

// CountryInfo is a country or territory with a code of its own.
type CountryInfo struct {
	Code        string `json:"code"` // ISO 3166-1 alpha-2
	Alpha3      string `json:"alpha3"`
	Name        string `json:"name"`         // English
	CallingCode int    `json:"calling_code"` // 0 for the few that have none
	Currency    string `json:"currency"`     // ISO 4217 code in common use, "" for Antarctica
}

// CurrencyInfo is a currency in use.
type CurrencyInfo struct {
	Code   string `json:"code"` // ISO 4217
	Name   string `json:"name"`
	Digits int    `json:"digits"` // decimals of its minor unit
}

//go:embed data/countries.tsv
var countriesTSV string

//go:embed data/aliases.tsv
var aliasesTSV string

//go:embed data/currencies.tsv
var currenciesTSV string

// nativeLanguages are those in which a country's name is understood, besides English.
var nativeLanguages = []string{
	"de", "fr", "es", "pt", "it", "nl", "nb", "sv", "da", "fi", "is", "pl", "cs", "sk", "hu", "ro", "bg", "hr", "sr", "sl", "mk", "sq", "el",
	"ru", "uk", "et", "lv", "lt", "tr", "ar", "he", "fa", "hi", "zh", "zh-Hant", "ja", "ko", "vi", "th", "id", "ca",
}

type countryTable struct {
	list   []CountryInfo // by name
	byCode map[string]CountryInfo
	byName map[string]string // key -> code; "" where two countries have it
}

var countries = sync.OnceValue(func() countryTable {
	t := countryTable{byCode: map[string]CountryInfo{}, byName: map[string]string{}}
	for _, f := range table(countriesTSV) {
		c := CountryInfo{Code: f[0], Alpha3: f[1], Currency: f[2], Name: f[3], CallingCode: phone.CallingCode(f[0])}
		t.list = append(t.list, c)
		t.byCode[c.Code] = c
	}
	slices.SortFunc(t.list, func(a, b CountryInfo) int { return strings.Compare(fold.Key(a.Name), fold.Key(b.Name)) })
	for _, c := range t.list {
		t.byName[key(c.Code)] = c.Code
		t.byName[key(c.Alpha3)] = c.Code
		t.byName[key(c.Name)] = c.Code
	}
	english := display.English.Regions()
	for _, c := range t.list {
		t.add(english.Name(language.MustParseRegion(c.Code)), c.Code, nil)
	}
	for _, f := range table(aliasesTSV) {
		t.add(f[1], f[0], nil)
	}
	native := map[string]bool{}
	for _, l := range nativeLanguages {
		names := display.Regions(language.MustParse(l))
		for _, c := range t.list {
			t.add(names.Name(language.MustParseRegion(c.Code)), c.Code, native)
		}
	}
	return t
})

// add gives a country a further name. A name that another has already stays with it, but for native ones, of which
// neither gets it.
func (t *countryTable) add(name, code string, native map[string]bool) {
	k := key(name)
	if k == "" {
		return
	}
	old, taken := t.byName[k]
	switch {
	case !taken:
		t.byName[k] = code
		if native != nil {
			native[k] = true
		}
	case old != code && native[k]:
		t.byName[k] = ""
	}
}

// key is what names are compared by: letters and digits only, without case and accents, "and" as "&".
func key(s string) string {
	if len(s) > 200 {
		return ""
	}
	folded := fold.Key(strings.ReplaceAll(s, "&", " and "))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r) {
			return r
		}
		return -1
	}, folded)
}

func table(tsv string) [][]string {
	var rows [][]string
	for line := range strings.Lines(tsv) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
	}
	return rows
}

// Country finds the country meant by a code (alpha-2 or alpha-3), a name in English or in a major language, or a common
// alias ("UK", "Holland"). Case, accents and punctuation do not matter. It returns the alpha-2 code.
func Country(input string) (code string, ok bool) {
	t := countries()
	if _, exact := t.byCode[input]; exact {
		return input, true
	}
	code = t.byName[key(input)]
	return code, code != ""
}

// CountryByCode gives what is known of the country with that alpha-2 code in capitals.
func CountryByCode(code string) (CountryInfo, bool) {
	c, ok := countries().byCode[code]
	return c, ok
}

// ListCountries gives all, by English name. The slice is the caller's.
func ListCountries() []CountryInfo { return slices.Clone(countries().list) }

type currencyTable struct {
	list   []CurrencyInfo // by code
	byCode map[string]CurrencyInfo
}

var currencies = sync.OnceValue(func() currencyTable {
	t := currencyTable{byCode: map[string]CurrencyInfo{}}
	for _, f := range table(currenciesTSV) {
		c := CurrencyInfo{Code: f[0], Digits: int(f[1][0] - '0'), Name: f[2]}
		t.list = append(t.list, c)
		t.byCode[c.Code] = c
	}
	return t
})

// Currency finds a currency in use by its ISO 4217 code; letter case and blanks around it are ignored.
func Currency(code string) (CurrencyInfo, bool) {
	c, ok := currencies().byCode[strings.ToUpper(strings.TrimSpace(code))]
	return c, ok
}

// ListCurrencies gives all, by code. The slice is the caller's.
func ListCurrencies() []CurrencyInfo { return slices.Clone(currencies().list) }
