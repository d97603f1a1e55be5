package phone

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	pn "github.com/nyaruka/phonenumbers"
	"golang.org/x/text/encoding/charmap"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, country, want, code string }{
		{"+4722995494", "", "+4722995494", ""},
		{"+47 22 99 54 94", "SE", "+4722995494", ""},
		{"004722995494", "US", "+4722995494", ""},
		{"00 47 22-99.54/94", "", "+4722995494", ""},
		{"22 99 54 94", "NO", "+4722995494", ""},
		{"＋４７２２９９５４９４", "", "+4722995494", ""},
		{"٢٢٩٩٥٤٩٤", "NO", "+4722995494", ""},
		{"+44 (0)20 7946 0958", "", "+442079460958", ""},
		{"020 7946 0958", "GB", "+442079460958", ""},
		{"011 47 22995494", "US", "+4722995494", ""},
		{"(650) 253-0000", "US", "+16502530000", ""},
		{"1 650 253 0000", "US", "+16502530000", ""},
		{"0039 06 698 12345", "NO", "+390669812345", ""},
		{"4722995494", "NO", "+4722995494", ""},
		{"8 800 555 35 35", "RU", "+78005553535", ""},
		{"", "NO", "", CodeEmpty},
		{"  ", "NO", "", CodeEmpty},
		{"n/a", "NO", "", CodeNotANumber},
		{"++44 (0) none", "", "", CodeNotANumber},
		{"++4722995494", "", "", CodeNotANumber},
		{"+", "", "", CodeNotANumber},
		{"22995494 ext 5", "NO", "", CodeNotANumber},
		{"22995494;ext=5", "NO", "", CodeNotANumber},
		{"22995494#12", "NO", "", CodeNotANumber},
		{"1-800-FLOWERS", "US", "", CodeNotANumber},
		{"4.7E+10", "NO", "", CodeNotANumber},
		{"22995494", "", "", CodeNeedCountry},
		{"22995494", "ZZ", "", CodeNeedCountry},
		{"12", "NO", "", CodeTooShort},
		{"12", "", "", CodeNeedCountry},
		{"+4712", "", "", CodeTooShort},
		{"+479999999", "", "", CodeLength},
		{"9999999999999999999999999999999999999999", "NO", "", CodeTooLong},
		{"9999999999999999999999999999999999999999", "", "", CodeNeedCountry},
		{strings.Repeat("9", 1<<20), "NO", "", CodeTooLong},
		{strings.Repeat("1 ", 60), "NO", "", CodeTooLong},
		{"+999123456789", "", "", CodeCallingCode},
		{"+0123456789", "", "", CodeCallingCode},
		{"000123456789", "NO", "", CodeCallingCode},
	} {
		got, v, err := Parse(c.raw, c.country)
		var e *Error
		if c.code != "" {
			if !errors.As(err, &e) || e.Code != c.code || v != Impossible || got != "" {
				t.Errorf("Parse(%.40q, %q) = %q, %v, %v; want code %s", c.raw, c.country, got, v, err, c.code)
			}
			continue
		}
		if got != c.want || v != Possible || err != nil {
			t.Errorf("Parse(%q, %q) = %q, %v, %v; want %q", c.raw, c.country, got, v, err, c.want)
		}
	}
}

func TestKnownDisplayCountry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e164, display, country string
		known                  bool
	}{
		{"+4722995494", "+47 22 99 54 94", "NO", true},
		{"+390236618300", "+39 02 3661 8300", "IT", true},
		{"+4700000000", "+47 00000000", "NO", false},
		{"+80012345678", "+800 1234 5678", "", true},
		{"nonsense", "nonsense", "", false}, {"", "", "", false}, {"+", "+", "", false}, {"+47 22", "+47 22", "", false},
	} {
		if got := Known(c.e164); got != c.known {
			t.Errorf("Known(%q) = %v", c.e164, got)
		}
		if got := Display(c.e164); got != c.display {
			t.Errorf("Display(%q) = %q, want %q", c.e164, got, c.display)
		}
		if got := Country(c.e164); got != c.country && c.known {
			t.Errorf("Country(%q) = %q, want %q", c.e164, got, c.country)
		}
	}
	if CallingCode("NO") != 47 || CallingCode("KZ") != 7 || CallingCode("ZZ") != 0 {
		t.Error("calling codes")
	}
	if _, v, err := Check("22 99 54 94", "NO"); v != Valid || err != nil {
		t.Error("Check of an assigned number", v, err)
	}
	if _, v, err := Check("00 00 00 00", "NO"); v != Impossible || err == nil {
		t.Error("Check: 00 is international everywhere", v, err)
	}
	if _, v, _ := Check("+4719999999", ""); v != Possible {
		t.Error("Check of a number not assigned", v)
	}
}

// library is the same question asked of the library alone.
func library(raw, country string) (string, bool) {
	if rest, ok := strings.CutPrefix(raw, "00"); ok {
		raw = "+" + rest
	}
	if raw[0] == '+' {
		country = pn.UNKNOWN_REGION
	}
	n, err := pn.Parse(raw, country)
	if err != nil || pn.IsPossibleNumberWithReason(n) != pn.IS_POSSIBLE {
		return "", false
	}
	return pn.Format(n, pn.E164), true
}

// randomInput makes numbers that are near the edges of real plans: real calling codes and prefixes, lengths around the
// possible ones.
func randomInput(r *rand.Rand, regions []string) (raw, country string) {
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + r.IntN(10))
		}
		return string(b)
	}
	country = regions[r.IntN(len(regions))]
	plan := plans().byRegion[country]
	body := digits(r.IntN(4) + max(0, plan.shortest-1+r.IntN(plan.longest-plan.shortest+3)))
	if r.IntN(4) == 0 {
		if ex := pn.GetExampleNumber(country); ex != nil {
			body = pn.GetNationalSignificantNumber(ex)
		}
	}
	switch r.IntN(4) {
	case 0:
		body = []string{"0", "1", "8", "06", "00", "01", "90", "15", "0015", "45"}[r.IntN(10)] + body
	case 1:
		if plan.prefix != "" {
			body = plan.prefix + body
		}
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		return "+" + plan.code + body, country
	case 3:
		return "00" + plan.code + body, country
	case 4:
		return plan.code + body, country
	case 5:
		return []string{"011", "810", "0011", "119", "010", "009"}[r.IntN(6)] + plan.code + body, country
	case 6:
		return "+" + digits(3+r.IntN(17)), country
	default:
		return body, country
	}
}

// The table here and the library agree, on the verdict always, and on the number unless a second prefix was left.
func TestAgreesWithLibrary(t *testing.T) {
	t.Parallel()
	n, workers := 100_000/slowdown, 4
	var regions []string
	for region := range pn.GetSupportedRegions() {
		regions = append(regions, region)
	}
	slices.Sort(regions) // the same inputs in every run
	for w := range workers {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(w)))
			possible, settled := 0, 0
			for range n / workers {
				raw, country := randomInput(r, regions)
				if raw == "" {
					continue
				}
				want, ok := library(raw, country)
				got, v, err := Parse(raw, country)
				if (v == Possible) != ok || (err == nil) != ok {
					t.Fatalf("Parse(%q, %s) = %q, %v, %v; the library says %q, %v", raw, country, got, v, err, want, ok)
				}
				if !ok {
					continue
				}
				possible++
				if got != want {
					settled++
					if again, ok := library(want, pn.UNKNOWN_REGION); !ok || again == want {
						t.Fatalf("Parse(%q, %s) = %q; the library says %q", raw, country, got, want)
					}
				}
				if again, v, err := Parse(got, "NO"); again != got || v != Possible {
					t.Fatalf("Parse(%q, %s) = %q, which reads as %q, %v", raw, country, got, again, err)
				}
				if possible%50 == 0 {
					if lib, err := pn.Parse(got, "ZZ"); err != nil || pn.IsValidNumber(lib) != Known(got) || pn.Format(lib, pn.INTERNATIONAL) != Display(got) {
						t.Fatalf("%q: known %v, shown %q; the library differs", got, Known(got), Display(got))
					}
				}
			}
			if possible < n/workers/5 || settled > possible/50 {
				t.Errorf("%d of %d possible, %d settled: the inputs are not worth much", possible, n/workers, settled)
			}
		})
	}
}

// The numbers of real exports: exactly those that their description calls wrong are refused.
func TestExportedNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, sep     string
		column, wrong int
	}{{"astpp-customers.csv", ",", 5, 21}, {"magoware-customers.csv", ";", 7, 3}} {
		b, err := os.ReadFile("../../../testdata/customers/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		if c.sep == ";" {
			if b, err = charmap.Windows1252.NewDecoder().Bytes(b); err != nil {
				t.Fatal(err)
			}
		}
		wrong := map[string]int{}
		total := 0
		for i, line := range strings.Split(string(b), "\n") {
			cells := strings.Split(strings.TrimRight(line, "\r"), c.sep)
			if i == 0 || len(cells) <= c.column || cells[c.column] == "" || strings.Contains(line, `"`) || !strings.Contains(line, "example.org") {
				continue
			}
			total++
			if _, v, _ := Parse(cells[c.column], ""); v == Impossible {
				wrong[cells[c.column]]++
			}
		}
		sum := 0
		for _, n := range wrong {
			sum += n
		}
		t.Log(c.file, total, wrong)
		if sum > c.wrong || sum < c.wrong-3 {
			t.Errorf("%s: %d wrong %v, want %d", c.file, sum, wrong, c.wrong)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"+4722995494", "0047 22 99", "(650) 253-0000", "１２３", "\xff+"} {
		f.Add(s, "NO")
	}
	f.Fuzz(func(t *testing.T, raw, country string) {
		got, v, err := Parse(raw, country)
		if (v == Impossible) != (err != nil) || (v == Impossible) != (got == "") || len(got) > 21 {
			t.Fatalf("Parse(%q, %q) = %q, %v, %v", raw, country, got, v, err)
		}
		Known(raw)
		Display(raw)
		Country(raw)
		if v == Possible {
			if again, _, err := Parse(got, country); again != got {
				t.Fatalf("%q -> %q -> %q, %v", raw, got, again, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, raw, country string }{
		{"international", "+4722995494", "NO"}, {"with-00", "0041444343685", ""}, {"brazil", "+551136756233", ""},
		{"national-prefix", "020 7946 0958", "GB"}, {"national", "22 99 54 94", "NO"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, v, _ := Parse(c.raw, c.country); v != Possible {
					b.Fatal(v)
				}
			}
		})
	}
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			Known("+4722995494")
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			library("+4722995494", "NO")
		}
	})
}
