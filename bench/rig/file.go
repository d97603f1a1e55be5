package rig

import (
	"encoding/csv"
	"io"
	"math/rand/v2"
	"strings"

	"tandem/internal/core/customer"
)

var fileHeader = []string{"reference", "first_name", "last_name", "company", "description", "status", "billing_type", "currency", "groups", "email", "telephone",
	"address_1", "city", "postal_code", "country", "timezone", "language", "tax_number", "external_id"}

var fileGroups = []string{"Newsletter", "Fiber", "Cable TV", "Waiting list"}

// File is a CSV file of n new customers, made while it is read.
func File(n int) io.Reader {
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(writeFile(w, n)) }() // it gives what it was given
	return r
}

func writeFile(w io.Writer, n int) error {
	out := csv.NewWriter(w)
	if err := out.Write(fileHeader); err != nil {
		return err
	}
	draw := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		d := person(draw, i, []int64{0, 1, 2, 3})
		var groups []string
		for _, g := range d.Groups {
			groups = append(groups, fileGroups[g])
		}
		if d.Status == customer.StatusClosed || d.Status == customer.StatusPenalty {
			d.Status = customer.StatusInactive
		}
		err := out.Write([]string{d.Reference, d.FirstName, d.LastName, d.Company, d.Description, string(d.Status), string(d.BillingType), d.Currency, strings.Join(groups, "; "),
			d.Email, d.Telephone, d.Address1, d.City, d.PostalCode, d.Country, d.Timezone, d.Language, d.TaxNumber, d.ExternalID})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
