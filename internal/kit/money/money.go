package money

import (
	"database/sql/driver"
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// Amount is an amount of money in millionths of a currency unit. The currency stands beside it, never in it.
type Amount int64

// Scale is how many Amount steps make one currency unit; Digits how many decimals that is.
const (
	Scale  Amount = 1_000_000
	Digits        = 6
	Max    Amount = math.MaxInt64
	Min    Amount = math.MinInt64
)

// Codes of Error.
const (
	CodeEmpty    = "empty"             // nothing but blanks
	CodeNumber   = "bad_number"        // not a number, or separators where none can be
	CodeDecimals = "too_many_decimals" // more than Digits decimals that are not zero
	CodeRange    = "out_of_range"      // does not fit into an Amount
	CodeZero     = "division_by_zero"
)

// Error is why a text is not an amount or an operation has no result.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Message }

func errRange() error {
	return &Error{CodeRange, "the amount is too large: at most 9,223,372,036,854.775807"}
}

// FromUnits is n whole currency units. It reports overflow.
func FromUnits(n int64) (Amount, error) { return MulDiv(Amount(n), int64(Scale), 1, HalfEven) }

// String writes the amount with exactly six decimals and a point: "12.500000". Parse and ParseExact read it.
func (a Amount) String() string {
	return string(a.append(make([]byte, 0, 24), Digits))
}

func (a Amount) append(b []byte, digits int) []byte {
	u := magnitude(a)
	if a < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, u/uint64(Scale), 10)
	if digits <= 0 {
		return b
	}
	b = append(b, '.')
	frac := u % uint64(Scale)
	for i, unit := 0, uint64(Scale)/10; i < digits && i < Digits; i, unit = i+1, unit/10 {
		b = append(b, byte('0'+frac/unit%10))
	}
	return b
}

// Text writes the amount with the given decimals (0 to 6), and more where leaving them out would change the value:
// Text(2) of 12.5 is "12.50", of 0.123 is "0.123".
func (a Amount) Text(decimals int) string {
	decimals = min(max(decimals, 0), Digits)
	frac := magnitude(a) % uint64(Scale)
	need := Digits
	for need > decimals && frac%10 == 0 {
		frac /= 10
		need--
	}
	return string(a.append(make([]byte, 0, 24), need))
}

// magnitude is |a|, right also for Min.
func magnitude(a Amount) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// MarshalText writes String, so that JSON carries amounts as text.
func (a Amount) MarshalText() ([]byte, error) { return a.append(nil, Digits), nil }

// UnmarshalText reads the machine form only, see ParseExact.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := ParseExact(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// Value gives the database the int64.
func (a Amount) Value() (driver.Value, error) { return int64(a), nil }

// Scan takes an int64 from the database, or its decimal digits as some drivers give sums. A float or NULL is refused:
// a column of money is an integer, and no amount is not the amount zero.
func (a *Amount) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*a = Amount(v)
		return nil
	case []byte:
		return a.scanText(string(v))
	case string:
		return a.scanText(v)
	default:
		return fmt.Errorf("money: scan: a %T is not an amount", src)
	}
}

func (a *Amount) scanText(s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fmt.Errorf("money: scan: %w", err)
	}
	*a = Amount(n)
	return nil
}

// Add is a + b, or CodeRange.
func (a Amount) Add(b Amount) (Amount, error) {
	s := a + b
	if (s > a) != (b > 0) {
		return 0, errRange()
	}
	return s, nil
}

// Sub is a - b, or CodeRange.
func (a Amount) Sub(b Amount) (Amount, error) {
	d := a - b
	if (d < a) != (b > 0) {
		return 0, errRange()
	}
	return d, nil
}

// Neg is -a, or CodeRange for Min.
func (a Amount) Neg() (Amount, error) { return Amount(0).Sub(a) }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case a < 0:
		return -1
	case a > 0:
		return 1
	default:
		return 0
	}
}

// Rounding says which neighbour a result takes that lies between two.
type Rounding int

// The rounding modes.
const (
	HalfEven Rounding = iota // to the nearest, a half to the even one
	HalfUp                   // to the nearest, a half away from zero, as invoices do
	Down                     // towards zero
	Up                       // away from zero
	Floor                    // towards minus infinity
	Ceiling                  // towards plus infinity
)

// MulDiv is a*num/den, computed with 128 bits and rounded once by mode. It gives CodeZero when den is 0 and CodeRange
// when the result does not fit.
func MulDiv(a Amount, num, den int64, mode Rounding) (Amount, error) {
	if den == 0 {
		return 0, &Error{CodeZero, "division by zero"}
	}
	negative := (a < 0) != (num < 0) != (den < 0)
	d := magnitude(Amount(den))
	hi, lo := bits.Mul64(magnitude(a), magnitude(Amount(num)))
	if hi >= d {
		return 0, errRange()
	}
	q, r := bits.Div64(hi, lo, d)
	if roundsAway(q, r, d, negative, mode) {
		if q == math.MaxUint64 {
			return 0, errRange()
		}
		q++
	}
	switch {
	case negative && q <= 1<<63:
		return Amount(-q), nil
	case !negative && q <= math.MaxInt64:
		return Amount(q), nil
	default:
		return 0, errRange()
	}
}

// roundsAway tells whether the magnitude q with remainder r of d goes up by one.
func roundsAway(q, r, d uint64, negative bool, mode Rounding) bool {
	if r == 0 {
		return false
	}
	switch mode {
	case HalfEven:
		return r > d-r || (r == d-r && q&1 == 1)
	case HalfUp:
		return r >= d-r
	case Up:
		return true
	case Floor:
		return negative
	case Ceiling:
		return !negative
	default: // Down
		return false
	}
}

// Mul is a*b where b is an amount too, a rate per unit: 2.5 units * 3.2 = 8. Rounded by mode.
func (a Amount) Mul(b Amount, mode Rounding) (Amount, error) {
	return MulDiv(a, int64(b), int64(Scale), mode)
}

// Div is a/b as a number with six decimals, rounded by mode.
func (a Amount) Div(b Amount, mode Rounding) (Amount, error) {
	return MulDiv(a, int64(Scale), int64(b), mode)
}

// Round rounds to the given decimals (0 to 6) by mode: a currency's own digits at a document line.
func (a Amount) Round(decimals int, mode Rounding) (Amount, error) {
	unit := int64(1)
	for i := min(max(decimals, 0), Digits); i < Digits; i++ {
		unit *= 10
	}
	q, err := MulDiv(a, 1, unit, mode)
	if err != nil {
		return 0, err
	}
	return MulDiv(q, unit, 1, mode)
}
