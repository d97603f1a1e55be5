package money

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0.000000", "-0": "0.000000", "25": "25.000000", "1234.50": "1234.500000", "1,234.50": "1234.500000",
		"1.234,50": "1234.500000", "1,234": "1234.000000", "12,345": "12345.000000", "0,234": "0.234000", "1,5": "1.500000",
		"1,2345": "1.234500", "1234,567": "1234.567000", "1.234": "1.234000", "1.234.567": "1234567.000000",
		"1,234,567": "1234567.000000", "1 234,50": "1234.500000", "1\u00a0234\u00a0567.89": "1234567.890000",
		"1'234.50": "1234.500000", " 12 ": "12.000000", "€ 12.5": "12.500000", "-$5": "-5.000000", "£-5": "-5.000000",
		"5 €": "5.000000", "+7": "7.000000", "−7": "-7.000000", ".5": "0.500000", ",5": "0.500000", "-.5": "-0.500000",
		"100.50000": "100.500000", "1.0000000000": "1.000000", "000123": "123.000000",
		"9223372036854.775807": "9223372036854.775807", "-9223372036854.775808": "-9223372036854.775808",
		"1.234.567,89": "1234567.890000", "000000000000000000000000000001": "1.000000",
	} {
		got, err := Parse(in)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for in, code := range map[string]string{
		"": CodeEmpty, "  ": CodeEmpty, "\u00a0": CodeEmpty, "abc": CodeNumber, "ten": CodeNumber, "12..3": CodeNumber,
		"NaN": CodeNumber, "Inf": CodeNumber, "1e400": CodeNumber, "1e3": CodeNumber, "--5": CodeNumber, "+-5": CodeNumber,
		"1,2,3": CodeNumber, "1,23,456": CodeNumber, "1234,567,890": CodeNumber, "1.2.3": CodeNumber, "5.": CodeNumber,
		".": CodeNumber, ",": CodeNumber, "-": CodeNumber, "€": CodeNumber, "€€5": CodeNumber, "€5€": CodeNumber,
		"1,234.5,6": CodeNumber, "1.5,234": CodeNumber, "5-": CodeNumber, "(5)": CodeNumber, "0x10": CodeNumber, "1_000": CodeNumber,
		"١٢": CodeNumber, "12 34": CodeNumber, "1 2": CodeNumber, "1.0000001": CodeDecimals, "=1": CodeNumber,
		"9223372036854.775808": CodeRange, "-9223372036854.775809": CodeRange, "99999999999999999999999": CodeRange,
		"1,234 567": CodeNumber, "1\x00": CodeNumber, "1 234,": CodeNumber, strings.Repeat("1", 65): CodeNumber,
	} {
		got, err := Parse(in)
		var e *Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("Parse(%q) = %v, %v; want code %s", in, got, err, code)
		}
	}
}

func TestParseMark(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		mark rune
		want string
	}{
		{"1,234", ',', "1.234000"}, {"1,234", '.', "1234.000000"}, {"1.234", ',', "1234.000000"}, {"1.234", '.', "1.234000"},
		{"1.234,5", ',', "1234.500000"}, {"1.234,5", '.', ""}, {"1,5", '.', ""}, {"1,2,3", ',', ""},
	} {
		got, err := ParseMark(c.in, c.mark)
		if (err == nil) != (c.want != "") || err == nil && got.String() != c.want {
			t.Errorf("ParseMark(%q, %q) = %v, %v; want %q", c.in, c.mark, got, err, c.want)
		}
	}
}

// The amounts of a real system's export: exactly those that its description calls wrong are refused.
func TestParseExportedBalances(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../../testdata/customers/astpp-customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"1,2,3": true, "--5": true, "1e400": true, "ten": true}
	wrong := 0
	for _, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		if _, err := Parse(row[12]); err != nil {
			wrong++
			if !known[row[12]] {
				t.Errorf("%q refused: %v", row[12], err)
			}
		} else if known[row[12]] {
			t.Errorf("%q accepted", row[12])
		}
		if _, err := Parse(row[13]); err != nil {
			t.Errorf("credit limit %q refused: %v", row[13], err)
		}
	}
	if wrong != 31 {
		t.Errorf("%d wrong amounts, want 31", wrong)
	}
}

func amounts() *rapid.Generator[Amount] {
	return rapid.Map(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e13, 1e13),
		rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1e6, -1e6, 5e5})),
		func(v int64) Amount { return Amount(v) })
}

func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "a")
		for _, s := range []string{a.String(), a.Text(2), a.Text(0)} {
			for _, parse := range []func(string) (Amount, error){Parse, ParseExact} {
				if back, err := parse(s); err != nil || back != a {
					t.Fatalf("%d -> %q -> %d, %v", a, s, back, err)
				}
			}
		}
		var back Amount
		b, err := json.Marshal(a)
		if err != nil || b[0] != '"' || json.Unmarshal(b, &back) != nil || back != a {
			t.Fatalf("%d -> %s -> %d, %v", a, b, back, err)
		}
		v, _ := a.Value()
		if back.Scan(v) != nil || back != a {
			t.Fatalf("database: %d -> %d", a, back)
		}
	})
}

func TestParseAgainstBigRat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{1,16}(\.[0-9]{1,8})?`).Draw(t, "s")
		want, _ := new(big.Rat).SetString(s)
		want.Mul(want, big.NewRat(int64(Scale), 1))
		fits := want.IsInt() && want.Num().IsInt64()
		for _, parse := range []func(string) (Amount, error){Parse, ParseExact} {
			got, err := parse(s)
			if (err == nil) != fits || fits && int64(got) != want.Num().Int64() {
				t.Fatalf("%q = %d, %v; want %s", s, got, err, want)
			}
		}
	})
}

func TestArithmeticAgainstBig(t *testing.T) {
	t.Parallel()
	check := func(t *rapid.T, what string, got Amount, err error, want *big.Int) {
		if want.IsInt64() != (err == nil) || err == nil && int64(got) != want.Int64() {
			t.Fatalf("%s = %d, %v; want %s", what, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := amounts().Draw(t, "a"), amounts().Draw(t, "b"), amounts().Draw(t, "c")
		mode := Rounding(rapid.IntRange(0, 5).Draw(t, "mode"))
		A, B, C := big.NewInt(int64(a)), big.NewInt(int64(b)), big.NewInt(int64(c))
		got, err := a.Add(b)
		check(t, "add", got, err, new(big.Int).Add(A, B))
		got, err = a.Sub(b)
		check(t, "sub", got, err, new(big.Int).Sub(A, B))
		got, err = a.Neg()
		check(t, "neg", got, err, new(big.Int).Neg(A))
		got, err = MulDiv(a, int64(b), int64(c), mode)
		if c == 0 {
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeZero {
				t.Fatalf("division by zero: %v", err)
			}
			return
		}
		check(t, "muldiv", got, err, bigRound(new(big.Int).Mul(A, B), C, mode))
		digits := rapid.IntRange(0, 6).Draw(t, "digits")
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(6-digits)), nil)
		got, err = a.Round(digits, mode)
		check(t, "round", got, err, new(big.Int).Mul(bigRound(A, unit, mode), unit))
	})
}

// bigRound is the definition of the modes, by rationals.
func bigRound(n, d *big.Int, mode Rounding) *big.Int {
	r := new(big.Rat).SetFrac(n, d)
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean; the denominator is positive
	if r.IsInt() {
		return floor
	}
	ceil := new(big.Int).Add(floor, big.NewInt(1))
	toZero, away := floor, ceil
	if r.Sign() < 0 {
		toZero, away = ceil, floor
	}
	half := new(big.Rat).Sub(r, new(big.Rat).SetInt(floor)).Cmp(big.NewRat(1, 2))
	switch mode {
	case Down:
		return toZero
	case Up:
		return away
	case Floor:
		return floor
	case Ceiling:
		return ceil
	}
	switch {
	case half < 0:
		return floor
	case half > 0:
		return ceil
	case mode == HalfUp:
		return away
	case floor.Bit(0) == 0:
		return floor
	default:
		return ceil
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	var a Amount
	for _, src := range []any{1.5, nil, "1.5", []byte("x"), true} {
		if a.Scan(src) == nil {
			t.Errorf("Scan(%v) accepted", src)
		}
	}
	if a.Scan([]byte("42")) != nil || a != 42 {
		t.Errorf("Scan of digits: %d", a)
	}
	for _, s := range []string{`1.5`, `"1,5"`, `" 1"`, `"1e3"`, `"+1"`, `"1."`, `".5"`, `""`, `"-"`, `"1.0000001"`} {
		if json.Unmarshal([]byte(s), &a) == nil {
			t.Errorf("JSON %s accepted", s)
		}
	}
	if v, err := FromUnits(12); err != nil || v != 12*Scale {
		t.Error(v, err)
	}
	if v, err := (8 * Scale).Div(3*Scale, HalfUp); err != nil || v.String() != "2.666667" {
		t.Error(v, err)
	}
	if v, err := (5 * Scale / 2).Mul(16*Scale/5, HalfUp); err != nil || v != 8*Scale {
		t.Error(v, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1,234.50", "-€5", "1e9", "..", "1’234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("%q: %v -> %v, %v", s, a, back, err)
		}
	})
}

func BenchmarkMulDiv(b *testing.B) {
	a := Amount(123456789)
	for b.Loop() {
		_, _ = MulDiv(a, 60, 61, HalfUp)
	}
}
