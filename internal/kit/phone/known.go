package phone

import (
	"strconv"

	pn "github.com/nyaruka/phonenumbers"
)

// Known tells whether an E.164 number lies in a range that is known to be assigned. It takes some
// forty times as long as Parse: for forms and dry runs, not for every row. Anything but the result of Parse is not known.
func Known(e164 string) bool {
	n := number(e164)
	return n != nil && pn.IsValidNumber(n)
}

// Country gives the ISO 3166 code of the country whose plan the number lies in, "" when it lies in none.
func Country(e164 string) string {
	n := number(e164)
	if n == nil {
		return ""
	}
	if c := pn.GetRegionCodeForNumber(n); len(c) == 2 && c != pn.UNKNOWN_REGION {
		return c
	}
	return ""
}

// Display gives the international form for people, "+47 22 99 54 94". What is not E.164 is given back as it is.
func Display(e164 string) string {
	n := number(e164)
	if n == nil {
		return e164
	}
	return pn.Format(n, pn.INTERNATIONAL)
}

// CallingCode gives the calling code of a country (ISO 3166 alpha-2, capitals), 0 when it has none of its own.
func CallingCode(country string) int {
	r := plans().byRegion[country]
	if r == nil {
		return 0
	}
	cc, _ := strconv.Atoi(r.code)
	return cc
}

// number is the library's form of an E.164 number, nil when it is not one.
func number(e164 string) *pn.PhoneNumber {
	if len(e164) < 2 || len(e164) > 1+maxCallingCode+maxNational || e164[0] != '+' {
		return nil
	}
	for i := 1; i < len(e164); i++ {
		if e164[i] < '0' || e164[i] > '9' {
			return nil
		}
	}
	r, nsn, err := plans().splitInternational(e164[1:])
	if err != nil || len(nsn) < minNational || len(nsn) > maxNational {
		return nil
	}
	cc, errCode := strconv.ParseInt(r.code, 10, 32)
	value, errValue := strconv.ParseUint(nsn, 10, 64)
	if errCode != nil || errValue != nil {
		return nil
	}
	code := int32(cc)
	n := &pn.PhoneNumber{CountryCode: &code, NationalNumber: &value}
	zeros := int32(0)
	for int(zeros) < len(nsn)-1 && nsn[zeros] == '0' {
		zeros++
	}
	if zeros > 0 {
		leading := true
		n.ItalianLeadingZero, n.NumberOfLeadingZeros = &leading, &zeros
	}
	return n
}
