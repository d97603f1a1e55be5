package rest

import (
	"context"

	"tandem/internal/kit/geo"
)

// ReferenceBody is what the world has agreed on: for pick-lists.
type ReferenceBody struct {
	Countries  []geo.CountryInfo  `json:"countries"`
	Currencies []geo.CurrencyInfo `json:"currencies"`
	Languages  []geo.LanguageInfo `json:"languages"`
	Timezones  []string           `json:"timezones"`
}

// Reference is countries, currencies, languages and time zones.
func Reference(api *API) {
	Register(api, Route{Method: "GET", Path: "/reference", ID: "get-reference", Summary: "Countries, currencies, languages and time zones", Tag: "Reference", Needs: SignedIn, Portal: true},
		func(context.Context, *Nothing) (*Answer[ReferenceBody], error) {
			return &Answer[ReferenceBody]{Body: ReferenceBody{Countries: geo.ListCountries(), Currencies: geo.ListCurrencies(), Languages: geo.ListLanguages(), Timezones: geo.ListTimezones()}}, nil
		})
}
