package rest

import (
	"context"
	"encoding/json"
	"net/http"

	"tandem/internal/core/view"
)

// PreferencePath addresses a preference.
type PreferencePath struct {
	Key string `path:"key" maxLength:"100" pattern:"^[a-z0-9][a-z0-9._-]*$" doc:"Such as grid.customers."`
}

// Preferences is the routes of what the console remembers for one person.
func Preferences(s *view.Service) Module {
	return func(api *API) {
		api.Code("too_many_preferences", "409. The caller has as many preferences as there may be.")
		Register(api, Route{Method: http.MethodGet, Path: "/preferences/{key}", ID: "get-preference", Summary: "What is remembered", Tag: viewTag, Needs: SignedIn,
			Doc: "Any JSON; null when nothing is remembered."},
			func(ctx context.Context, in *PreferencePath) (*Answer[json.RawMessage], error) {
				value, err := s.Preference(ctx, in.Key)
				return &Answer[json.RawMessage]{Body: value}, err
			})
		Register(api, Route{Method: http.MethodPut, Path: "/preferences/{key}", ID: "set-preference", Summary: "Remember something", Tag: viewTag, Needs: SignedIn,
			MaxBody: view.MaxPreference, Doc: "Any JSON of up to 64 KiB. Only the caller can read it."},
			func(ctx context.Context, in *struct {
				PreferencePath
				Body json.RawMessage
			}) (*Answer[json.RawMessage], error) {
				err := s.SetPreference(ctx, in.Key, in.Body)
				return &Answer[json.RawMessage]{Body: in.Body}, err
			})
	}
}
