package customer

import (
	"errors"
	"strings"
)

// A customer ID is six digits to base 31 and a check character, from letters and digits without 0 O 1 I L. The
// numbers behind it run on, but the IDs do not, so that one cannot be guessed from another and two that follow each
// other differ in most places. The check character is a weighted sum modulo the prime 31: every single wrong
// character and every swap of two is found.
const (
	numberAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	numberDigits   = 6
	numberSpace    = 31 * 31 * 31 * 31 * 31 * 31
	numberFactor   = 500_213_969 // no multiple of 31, so that the map is one to one
	numberShift    = 271_828_182
)

// errNotNumber says that a text is not a customer ID; which part is wrong helps nobody.
var errNotNumber = errors.New("that is not a customer ID: seven letters and digits, of which the last one proves the others")

// FormatNumber is the customer ID of the n-th customer of an installation, n from 0 to 887,503,680.
func FormatNumber(n int64) string {
	v := (n%numberSpace*numberFactor + numberShift) % numberSpace
	var b [numberDigits + 1]byte
	sum := int64(0)
	for i := numberDigits - 1; i >= 0; i-- {
		digit := v % 31
		v /= 31
		b[i] = numberAlphabet[digit]
		sum += digit * int64(i+1)
	}
	b[numberDigits] = numberAlphabet[sum%31]
	return string(b[:])
}

// ParseNumber reads a customer ID as people type it, in any case, with spaces and dashes, and proves its check
// character.
func ParseNumber(s string) (string, error) {
	if len(s) > 32 {
		return "", errNotNumber
	}
	clean := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if len(clean) != numberDigits+1 {
		return "", errNotNumber
	}
	sum := 0
	for i := range numberDigits {
		digit := strings.IndexByte(numberAlphabet, clean[i])
		if digit < 0 {
			return "", errNotNumber
		}
		sum += digit * (i + 1)
	}
	if clean[numberDigits] != numberAlphabet[sum%31] {
		return "", errNotNumber
	}
	return clean, nil
}
