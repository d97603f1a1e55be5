package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/verification"
)

// VerificationBody is how far a contact has come in proving that an address is theirs.
type VerificationBody struct {
	Address   string     `json:"address" doc:"email or mobile"`
	Value     string     `json:"value" doc:"empty: the contact has none"`
	Verified  bool       `json:"verified"`
	Offered   bool       `json:"offered" doc:"a code can be sent there"`
	Pending   bool       `json:"pending" doc:"a code was sent there and works still"`
	ExpiresAt *time.Time `json:"expires_at" doc:"when that code ends"`
	TriesLeft int64      `json:"tries_left" doc:"how many more wrong tries it bears"`
	NextAt    *time.Time `json:"next_at" doc:"when another code can be sent; null: now"`
}

func verificationBody(s verification.State) VerificationBody {
	return VerificationBody{Address: string(s.Address), Value: s.Value, Verified: s.Verified, Offered: s.Offered, Pending: s.Pending,
		ExpiresAt: momentOrNil(s.Expires), TriesLeft: s.Left, NextAt: momentOrNil(s.Next)}
}

// VerificationsBody is one for each address.
type VerificationsBody struct {
	Items []VerificationBody `json:"items"`
}

// VerificationStart names the address that a code goes to.
type VerificationStart struct {
	Address string `json:"address" maxLength:"200" doc:"email or mobile"`
}

// VerificationCode is a code that came to an address.
type VerificationCode struct {
	VerificationStart
	Code string `json:"code" maxLength:"200" doc:"six digits; spaces do not matter"`
}

// Verification is how contacts prove that an address is theirs.
func Verification(s *verification.Service) Module {
	return func(api *API) {
		api.Code("code_ended", "409. The verification code was used, has expired, was replaced, or had too many wrong tries.")
		api.Code("already_verified", "409. The address was verified already.")
		api.Code("no_address", "409. The contact has no address that a code could go to.")
		api.Code("too_many_codes", "429. Too many verification codes were asked for; Retry-After says when the next one can be.")
		portalVerification(api, s)
		Register(api, Route{Method: http.MethodPost, Path: "/contacts/{id}/verification", ID: "send-contact-verification", Summary: "Send a contact a code to verify an address", Tag: contactTag,
			Needs: access.ContactWrite, Doc: "The contact enters it in the portal."},
			func(ctx context.Context, in *struct {
				ContactPath
				Body VerificationStart
			}) (*Answer[VerificationBody], error) {
				n, err := pathID(contact.Prefix, "contact", in.ID)
				if err != nil {
					return nil, err
				}
				st, err := s.StartFor(ctx, n, contact.Address(in.Body.Address))
				return &Answer[VerificationBody]{verificationBody(st)}, err
			})
	}
}

func portalVerification(api *API, s *verification.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/portal/verification", ID: "get-portal-verification", Summary: "Which of one's own addresses are verified", Tag: portalTag, Needs: access.PortalView},
		func(ctx context.Context, _ *Nothing) (*Answer[VerificationsBody], error) {
			all, err := s.Own(ctx)
			if err != nil {
				return nil, err
			}
			out := VerificationsBody{Items: []VerificationBody{}}
			for _, one := range all {
				out.Items = append(out.Items, verificationBody(one))
			}
			return &Answer[VerificationsBody]{out}, nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/portal/verification", ID: "send-portal-verification", Summary: "Send a code to one of one's own addresses", Tag: portalTag, Needs: access.PortalProfile,
		Doc: "A minute lies between two codes to the same address; in a day there are ten for a contact and five for an address."},
		func(ctx context.Context, in *struct{ Body VerificationStart }) (*Answer[VerificationBody], error) {
			st, err := s.Start(ctx, contact.Address(in.Body.Address))
			return &Answer[VerificationBody]{verificationBody(st)}, err
		})
	Register(api, Route{Method: http.MethodPost, Path: "/portal/verification/confirm", ID: "confirm-portal-verification", Summary: "Verify one of one's own addresses with the code that came there", Tag: portalTag, Needs: access.PortalProfile,
		Doc: "The code works once, for 15 minutes, and not after five wrong tries."},
		func(ctx context.Context, in *struct{ Body VerificationCode }) (*Single[PortalContact], error) {
			return portalSingle(s.Confirm(ctx, contact.Address(in.Body.Address), in.Body.Code))
		})
}
