package geo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCountry(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"NO": "NO", "no": "NO", " No ": "NO", "NOR": "NO", "nor": "NO", "Norway": "NO", "norway": "NO", "Norge": "NO", "Norwegen": "NO", "Norvège": "NO",
		"UK": "GB", "U.K.": "GB", "England": "GB", "Great Britain": "GB", "USA": "US", "U.S.A.": "US", "United States of America": "US", "Estados Unidos": "US",
		"Deutschland": "DE", "DEUTSCHLAND": "DE", "Allemagne": "DE", "Alemania": "DE", "Niemcy": "DE", "Германия": "DE", "德国": "DE", "ドイツ": "DE", "독일": "DE",
		"España": "ES", "Espana": "ES", "Österreich": "AT", "Osterreich": "AT", "Schweiz": "CH", "Suisse": "CH", "Svizzera": "CH", "Brasil": "BR", "Polska": "PL",
		"Danmark": "DK", "Sverige": "SE", "Suomi": "FI", "Ísland": "IS", "Ελλάδα": "GR", "Türkiye": "TR", "Turkey": "TR", "Holland": "NL", "Czech Republic": "CZ",
		"Bosnia & Herzegovina": "BA", "Bosnia and Herzegovina": "BA", "Côte d’Ivoire": "CI", "Cote d'Ivoire": "CI", "Korea, Republic of": "KR", "Kosovo": "XK",
		"Congo": "CG", "Zaire": "CD", "St. Lucia": "LC", "Saint Lucia": "LC", "Eesti": "EE", "中国": "CN", "السعودية": "SA", "المملكة العربية السعودية": "SA", "भारत": "IN",
		"Niger": "NE", "Nigeria": "NG", "Dominica": "DM", "Dominican Republic": "DO", "Guinea": "GN", "Georgia": "GE", "Mali": "ML", "Oman": "OM",
		"Switzerland": "CH", "Brazil": "BR", "Ireland": "IE", "Portugal": "PT", "Poland": "PL", "Denmark": "DK", "Spain": "ES", "Germany": "DE",
	} {
		if got, ok := Country(in); got != want || !ok {
			t.Errorf("Country(%q) = %q, %v; want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"", " ", "ZZ", "Atlantis", "XX", "EU", "UN", "AN", "SU", "Europe", "??", "47", strings.Repeat("a", 1000), "\xff"} {
		if got, ok := Country(in); ok {
			t.Errorf("Country(%q) = %q", in, got)
		}
	}
}

func TestCountriesAreWhole(t *testing.T) {
	t.Parallel()
	list := ListCountries()
	if len(list) != 250 {
		t.Errorf("%d countries, want 249 and Kosovo", len(list))
	}
	names := map[string]bool{}
	for i, c := range list {
		for _, by := range []string{c.Code, c.Alpha3, c.Name, strings.ToLower(c.Code), strings.ToUpper(c.Name)} {
			if got, ok := Country(by); got != c.Code || !ok {
				t.Errorf("Country(%q) = %q, want %s", by, got, c.Code)
			}
		}
		if _, ok := Currency(c.Currency); !ok && c.Code != "AQ" {
			t.Errorf("%s: currency %q", c.Code, c.Currency)
		}
		if c.CallingCode == 0 && !slices.Contains([]string{"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}, c.Code) {
			t.Errorf("%s has no calling code", c.Code)
		}
		if names[c.Name] || i > 0 && list[i-1].Code == c.Code {
			t.Errorf("%s twice", c.Name)
		}
		names[c.Name] = true
	}
	if c, ok := CountryByCode("NO"); !ok || c != (CountryInfo{"NO", "NOR", "Norway", 47, "NOK"}) {
		t.Errorf("%+v", c)
	}
	if _, ok := CountryByCode("no"); ok {
		t.Error("codes are in capitals")
	}
	list[0].Code = "changed"
	if ListCountries()[0].Code == "changed" {
		t.Error("the list is shared")
	}
}

func TestCurrency(t *testing.T) {
	t.Parallel()
	for in, digits := range map[string]int{"NOK": 2, " eur ": 2, "JPY": 0, "KWD": 3, "CLF": 4} {
		if c, ok := Currency(in); !ok || c.Digits != digits || c.Name == "" {
			t.Errorf("Currency(%q) = %+v, %v", in, c, ok)
		}
	}
	for _, in := range []string{"", "XXX", "EURO", "DEM", "€"} {
		if c, ok := Currency(in); ok {
			t.Errorf("Currency(%q) = %+v", in, c)
		}
	}
	list := ListCurrencies()
	if len(list) < 150 || !slices.IsSortedFunc(list, func(a, b CurrencyInfo) int { return strings.Compare(a.Code, b.Code) }) {
		t.Errorf("%d currencies, or not in order", len(list))
	}
	for _, c := range list {
		if len(c.Code) != 3 || c.Name == "" || c.Digits < 0 || c.Digits > 4 {
			t.Errorf("%+v", c)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"en": "en", "EN": "en", "english": "en", "English": "en", "en-gb": "en-GB", "en_GB": "en-GB", "nb": "nb", "no": "no", "Norwegian": "no", "norsk": "no",
		"Deutsch": "de", "español": "es", "espanol": "es", "French": "fr", "français": "fr", "zh-hant": "zh-Hant", "zh-Hant-TW": "zh-Hant-TW", "日本語": "ja", "pt-br": "pt-BR",
		"Norwegian Bokmål": "nb", "iw": "", "xx": "", "": "", "klingon": "", "en-": "en", "und": "", "en-GB-!!": "", "mul": "",
	} {
		if got, ok := Language(in); got != want || ok != (want != "") {
			t.Errorf("Language(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	seen := map[string]bool{}
	for _, l := range ListLanguages() {
		if got, ok := Language(l.Code); got != l.Code || !ok {
			t.Errorf("Language(%q) = %q", l.Code, got)
		}
		if got, ok := Language(l.Name); got != l.Code || !ok {
			t.Errorf("Language(%q) = %q, want %s", l.Name, got, l.Code)
		}
		if seen[l.Name] || l.Native == "" {
			t.Errorf("%+v", l)
		}
		seen[l.Name] = true
	}
	if len(seen) < 180 {
		t.Errorf("%d languages", len(seen))
	}
}

func TestTimezone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Europe/Oslo": "Europe/Oslo", "europe/oslo": "Europe/Oslo", " UTC ": "UTC", "Etc/UTC": "UTC", "America/New York": "America/New_York",
		"Asia/Calcutta": "Asia/Kolkata", "US/Eastern": "America/New_York", "CET": "CET", "Etc/GMT+5": "Etc/GMT+5", "Europe/Kiev": "Europe/Kyiv",
		"": "", "Local": "", "Oslo": "", "../etc/passwd": "", "Europe/Atlantis": "", "Factory": "", "+01:00": "",
	} {
		if got, ok := Timezone(in); got != want || ok != (want != "") {
			t.Errorf("Timezone(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	list := ListTimezones()
	if len(list) < 400 || !slices.IsSorted(list) {
		t.Errorf("%d zones, or not in order", len(list))
	}
	for _, f := range table(zonesTSV) {
		name, ok := Timezone(f[0])
		if again, _ := Timezone(name); !ok || again != name {
			t.Errorf("%s is %s is %s", f[0], name, again)
		}
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
}

func FuzzCountry(f *testing.F) {
	f.Add("norge")
	f.Fuzz(func(t *testing.T, s string) {
		if code, ok := Country(s); ok {
			if again, ok := Country(code); !ok || again != code {
				t.Fatalf("%q: %q, %q", s, code, again)
			}
		}
		if code, ok := Language(s); ok {
			if again, ok := Language(code); !ok || again != code {
				t.Fatalf("%q: %q, %q", s, code, again)
			}
		}
		Timezone(s)
		Currency(s)
	})
}
