package rest

import (
	"context"
	"net/http"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/signup"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const signUpTag = "Sign-up"

// SignUpOffer is whether people can become customers by themselves at an address.
type SignUpOffer struct {
	Open     bool   `json:"open"`
	Approval bool   `json:"approval" doc:"new customers wait until somebody approves them"`
	TermsURL string `json:"terms_url" doc:"what has to be accepted; empty: nothing"`
}

// SignUpInput is what somebody says who wants an account.
type SignUpInput struct {
	Name         string `json:"name" maxLength:"1000"`
	Company      string `json:"company,omitempty" maxLength:"1000"`
	Email        string `json:"email" maxLength:"320"`
	Password     string `json:"password" maxLength:"1024"`
	Language     string `json:"language,omitempty" maxLength:"100" doc:"such as en; left out, the operator's choice"`
	Country      string `json:"country,omitempty" maxLength:"100"`
	Telephone    string `json:"telephone,omitempty" maxLength:"100"`
	AcceptsTerms bool   `json:"accepts_terms,omitempty" doc:"needed where the offer has terms"`
}

// SignUpToken is what the link in the mail brings, and the password that was chosen.
type SignUpToken struct {
	Token    string `json:"token" maxLength:"256"`
	Password string `json:"password" maxLength:"1024" doc:"the one of the sign-up: whoever has the mailbox alone opens nothing"`
}

// SignUpConfirmed is what came of a link.
type SignUpConfirmed struct {
	Email    string `json:"email" doc:"to sign in with"`
	Waits    bool   `json:"waits" doc:"the customer is pending until somebody approves it; the portal is open meanwhile"`
	Password bool   `json:"password" doc:"the password of the sign-up counts; false: the address signs in elsewhere already, with the password it has there"`
}

// SignUpSettings is whether and how people sign up with one party.
type SignUpSettings struct {
	ID           string `json:"id" doc:"of what the audit says of it; empty until somebody decided anything"`
	Open         bool   `json:"open"`
	Template     string `json:"template" doc:"the customer that new ones are made like: in groups, billing type, currency, time zone, language, country and own fields"`
	TemplateName string `json:"template_name"`
	Approval     bool   `json:"approval" doc:"new customers are pending until somebody makes them active"`
	TermsURL     string `json:"terms_url" doc:"what has to be accepted; empty: nothing"`
	Version      int64  `json:"version"`
}

func signUpSettings(s signup.Settings) SignUpSettings {
	out := SignUpSettings{Open: s.Open, TemplateName: s.TemplateName, Approval: s.Approval, TermsURL: s.TermsURL, Version: s.Version}
	if s.ID != 0 {
		out.ID = id.Format(signup.Prefix, s.ID)
	}
	if s.Template != 0 {
		out.Template = id.Format(customer.Prefix, s.Template)
	}
	return out
}

// SignUpPatch is a change of the settings.
type SignUpPatch struct {
	Open     Opt[bool]   `json:"open,omitzero"`
	Template Opt[string] `json:"template,omitzero" doc:"an active customer of the brand's own; null: none"`
	Approval Opt[bool]   `json:"approval,omitzero"`
	TermsURL Opt[string] `json:"terms_url,omitzero"`
}

func (p *SignUpPatch) patch() (signup.Patch, error) {
	out := signup.Patch{TermsURL: cleared(p.TermsURL)}
	if p.Open.Set {
		out.Open = &p.Open.Value
	}
	if p.Approval.Set {
		out.Approval = &p.Approval.Value
	}
	if text := cleared(p.Template); text != nil {
		out.Template = new(int64)
		if *text != "" {
			n, err := id.Parse(customer.Prefix, *text)
			if err != nil {
				var wrong errs.Fields
				wrong.Add("template", "not_found", "There is no such customer.")
				return out, wrong.Err()
			}
			*out.Template = n
		}
	}
	return out, nil
}

// SignUps is how strangers become customers.
func SignUps(s *signup.Service) Module {
	return func(api *API) {
		api.Code("too_many_sign_ups", "429. Too many signed up with this address, from this network, or in all; Retry-After says when there is room again.")
		api.Code("already_customer", "409. There is an account with the address of the sign-up by now.")
		Register(api, Route{Method: http.MethodGet, Path: "/sign-ups", ID: "get-sign-up-offer", Summary: "Whether people can sign up at this address", Tag: signUpTag, Needs: Public,
			Doc: "Of the brand whose domain was asked; of every other address the operator's."},
			func(ctx context.Context, _ *Nothing) (*Answer[SignUpOffer], error) {
				o, err := s.Offered(ctx)
				return &Answer[SignUpOffer]{SignUpOffer{o.Open, o.Approval, o.TermsURL}}, err
			})
		Register(api, Route{Method: http.MethodPost, Path: "/sign-ups", ID: "sign-up", Summary: "Ask for an account", Tag: signUpTag, Needs: Public, Status: http.StatusNoContent,
			Doc: "The answer is the same whether anybody has this address. A link comes by mail, works once and for a day. Not found where sign-up is closed."},
			func(ctx context.Context, in *struct{ Body SignUpInput }) (*Nothing, error) {
				b := in.Body
				return nil, s.SignUp(ctx, signup.Input{Name: b.Name, Company: b.Company, Email: b.Email, Password: b.Password, Language: b.Language, Country: b.Country,
					Telephone: b.Telephone, AcceptsTerms: b.AcceptsTerms})
			})
		Register(api, Route{Method: http.MethodPost, Path: "/sign-ups/confirm", ID: "confirm-sign-up", Summary: "Open the account with the link that came by mail", Tag: signUpTag, Needs: Public,
			Doc: "Makes the customer and its owner, once, for who knows the password that was chosen. Nobody is signed in by it."},
			func(ctx context.Context, in *struct{ Body SignUpToken }) (*Answer[SignUpConfirmed], error) {
				c, err := s.Confirm(ctx, in.Body.Token, in.Body.Password)
				if err != nil {
					return nil, err
				}
				return &Answer[SignUpConfirmed]{SignUpConfirmed{c.Email, c.Waits, c.Password}}, nil
			})
		signUpSettingsRoutes(api, s)
	}
}

func signUpSettingsRoutes(api *API, s *signup.Service) {
	answer := func(ctx context.Context, reseller int64) (*Single[SignUpSettings], error) {
		now, err := s.Get(ctx, reseller)
		if err != nil {
			return nil, err
		}
		return &Single[SignUpSettings]{ETag(now.Version), signUpSettings(now)}, nil
	}
	Register(api, Route{Method: http.MethodGet, Path: "/brands/{id}/sign-up", ID: "get-sign-up-settings", Summary: "Whether and how people sign up with a brand", Tag: signUpTag, Needs: access.BrandRead},
		func(ctx context.Context, in *BrandPath) (*Single[SignUpSettings], error) {
			reseller, err := brandOf(in.ID)
			if err != nil {
				return nil, err
			}
			return answer(ctx, reseller)
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/brands/{id}/sign-up", ID: "patch-sign-up-settings", Summary: "Change whether and how people sign up with a brand", Tag: signUpTag, Needs: access.BrandWrite},
		func(ctx context.Context, in *struct {
			BrandPath
			MatchParam
			Body SignUpPatch
		}) (*Single[SignUpSettings], error) {
			reseller, err := brandOf(in.ID)
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			patch, err := in.Body.patch()
			if err != nil {
				return nil, err
			}
			if _, err := s.Update(ctx, reseller, version, patch); err != nil {
				return nil, current(err, signUpSettings)
			}
			return answer(ctx, reseller)
		})
}
