package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"

	"tandem/internal/core/access"
	"tandem/internal/core/brand"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const brandTag = "Branding"

// BrandLogo is a picture that stands for a brand.
type BrandLogo struct {
	URL    string `json:"url"`
	Type   string `json:"type" doc:"image/png, image/jpeg or image/webp"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// BrandColors is the shades of the colour that can be read where they are used: WCAG AA.
type BrandColors struct {
	Fill       string `json:"fill" doc:"of buttons on a light ground"`
	OnFill     string `json:"on_fill" doc:"of letters on fill"`
	FillDark   string `json:"fill_dark" doc:"of buttons on a dark ground"`
	OnFillDark string `json:"on_fill_dark"`
	Text       string `json:"text" doc:"of links on a light ground"`
	TextDark   string `json:"text_dark" doc:"of links on a dark ground"`
	Adjusted   bool   `json:"adjusted" doc:"the colour itself is not fit for all of these"`
}

// BrandShown is a brand as customers see it.
type BrandShown struct {
	Name         string      `json:"name"`
	Color        string      `json:"color"`
	Colors       BrandColors `json:"colors"`
	LogoLight    *BrandLogo  `json:"logo_light" doc:"for a light ground"`
	LogoDark     *BrandLogo  `json:"logo_dark" doc:"for a dark ground"`
	SupportEmail string      `json:"support_email"`
	SupportPhone string      `json:"support_phone"`
	Website      string      `json:"website"`
	ImprintURL   string      `json:"imprint_url"`
	PrivacyURL   string      `json:"privacy_url"`
	Icon         string      `json:"icon" doc:"for the browser's tab"`
	Portal       bool        `json:"portal" doc:"the address that was asked opens the portal alone"`
}

func logoBody(logos map[brand.Scheme]brand.Logo, scheme brand.Scheme) *BrandLogo {
	l, there := logos[scheme]
	if !there {
		return nil
	}
	return &BrandLogo{LogoPath(l.Digest), l.Type, l.Width, l.Height}
}

func brandColors(p brand.Palette) BrandColors {
	return BrandColors{p.Fill, p.OnFill, p.FillDark, p.OnFillDark, p.Text, p.TextDark, p.Adjusted}
}

func brandShown(s brand.Shown, portal bool) BrandShown {
	return BrandShown{Name: s.Name, Color: s.Color, Colors: brandColors(s.Palette),
		LogoLight: logoBody(s.Logos, brand.Light), LogoDark: logoBody(s.Logos, brand.Dark), SupportEmail: s.SupportEmail, SupportPhone: s.SupportPhone, Website: s.Website,
		ImprintURL: s.ImprintURL, PrivacyURL: s.PrivacyURL, Icon: signOf(s), Portal: portal}
}

// BrandBody is what one party has decided of its brand. Empty texts are those of the reseller above, or of the operator.
type BrandBody struct {
	ID           string     `json:"id" doc:"of what the audit says of it; empty until somebody decided anything"`
	Name         string     `json:"name"`
	Color        string     `json:"color" doc:"such as #0b5f59"`
	Domain       string     `json:"domain" doc:"a host name of the portal's own, in ASCII"`
	SupportEmail string     `json:"support_email"`
	SupportPhone string     `json:"support_phone"`
	Website      string     `json:"website"`
	ImprintURL   string     `json:"imprint_url"`
	PrivacyURL   string     `json:"privacy_url"`
	LogoLight    *BrandLogo `json:"logo_light"`
	LogoDark     *BrandLogo `json:"logo_dark"`
	Version      int64      `json:"version"`
	// Shown is left out where a change is refused.
	Shown   *BrandShown `json:"shown,omitempty" doc:"with what it takes over from above"`
	Address string      `json:"address,omitempty" doc:"how its customers reach the portal; empty: the public URL is not set"`
}

func brandBody(b brand.Brand) BrandBody {
	out := BrandBody{Name: b.Name, Color: b.Color, Domain: b.Domain, SupportEmail: b.SupportEmail, SupportPhone: b.SupportPhone, Website: b.Website, ImprintURL: b.ImprintURL,
		PrivacyURL: b.PrivacyURL, LogoLight: logoBody(b.Logos, brand.Light), LogoDark: logoBody(b.Logos, brand.Dark), Version: b.Version}
	if b.ID != 0 {
		out.ID = id.Format(brand.Prefix, b.ID)
	}
	return out
}

// BrandPatch is a change of a brand; an empty text is taken over from above again.
type BrandPatch struct {
	Name         Opt[string] `json:"name,omitzero"`
	Color        Opt[string] `json:"color,omitzero"`
	Domain       Opt[string] `json:"domain,omitzero"`
	SupportEmail Opt[string] `json:"support_email,omitzero"`
	SupportPhone Opt[string] `json:"support_phone,omitzero"`
	Website      Opt[string] `json:"website,omitzero"`
	ImprintURL   Opt[string] `json:"imprint_url,omitzero"`
	PrivacyURL   Opt[string] `json:"privacy_url,omitzero"`
}

func (p *BrandPatch) patch() brand.Patch {
	return brand.Patch{Name: cleared(p.Name), Color: cleared(p.Color), Domain: cleared(p.Domain), SupportEmail: cleared(p.SupportEmail), SupportPhone: cleared(p.SupportPhone),
		Website: cleared(p.Website), ImprintURL: cleared(p.ImprintURL), PrivacyURL: cleared(p.PrivacyURL)}
}

// BrandPath is whose brand it is.
type BrandPath struct {
	ID string `path:"id" doc:"operator, or the ID of a reseller"`
}

func brandOf(text string) (int64, error) {
	if text == "operator" {
		return brand.Operator, nil
	}
	return pathID(customer.Prefix, "brand", text)
}

// Brands is how the operator and resellers look to their customers.
func Brands(s *brand.Service) Module {
	return func(api *API) {
		api.Code("no_reseller", "409. Only resellers and the operator have a brand.")
		Register(api, Route{Method: http.MethodGet, Path: "/brand", ID: "show-brand", Summary: "How this address looks to customers", Tag: brandTag, Needs: Public,
			Doc: "Of the domain that was asked; of every other address the operator's."},
			func(ctx context.Context, _ *Nothing) (*Answer[BrandShown], error) {
				shown, portal, err := s.ByHost(ctx, access.From(ctx).Host)
				return &Answer[BrandShown]{brandShown(shown, portal)}, err
			})
		Register(api, Route{Method: http.MethodGet, Path: "/brand-colors", ID: "get-brand-colors", Summary: "What would be shown of a colour", Tag: brandTag, Needs: access.BrandRead},
			func(ctx context.Context, in *struct {
				Color string `query:"color" doc:"such as #0b5f59"`
			}) (*Answer[BrandColors], error) {
				p, err := s.Colors(ctx, in.Color)
				return &Answer[BrandColors]{brandColors(p)}, err
			})
		Register(api, Route{Method: http.MethodGet, Path: "/brands/{id}", ID: "get-brand", Summary: "Read a brand", Tag: brandTag, Needs: access.BrandRead,
			Doc: "Of the operator, or of one reseller. What stands empty is taken over from the reseller above, then from the operator; shown has it."},
			func(ctx context.Context, in *BrandPath) (*Single[BrandBody], error) {
				reseller, err := brandOf(in.ID)
				if err != nil {
					return nil, err
				}
				return brandAnswer(ctx, s, reseller)
			})
		Register(api, Route{Method: http.MethodPatch, Path: "/brands/{id}", ID: "patch-brand", Summary: "Change a brand", Tag: brandTag, Needs: access.BrandWrite},
			func(ctx context.Context, in *struct {
				BrandPath
				MatchParam
				Body BrandPatch
			}) (*Single[BrandBody], error) {
				reseller, err := brandOf(in.ID)
				if err != nil {
					return nil, err
				}
				version, err := in.Version()
				if err != nil {
					return nil, err
				}
				if _, err := s.Update(ctx, reseller, version, in.Body.patch(), access.From(ctx).Host); err != nil {
					return nil, current(err, brandBody)
				}
				return brandAnswer(ctx, s, reseller)
			})
		logoRoutes(api, s)
	}
}

// brandAnswer is a brand as it is now. Who may change it may see what came of it.
func brandAnswer(ctx context.Context, s *brand.Service, reseller int64) (*Single[BrandBody], error) {
	b, shown, err := s.Get(ctx, reseller)
	if err != nil {
		return nil, err
	}
	body := brandBody(b)
	told := brandShown(shown, false)
	body.Shown, body.Address = &told, shown.Address
	return &Single[BrandBody]{ETag(b.Version), body}, nil
}

// LogoPath is where a logo is served.
func LogoPath(digest string) string { return base + "/brand/logos/" + digest }

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func logoRoutes(api *API, s *brand.Service) {
	RegisterRaw(api, Route{Method: http.MethodGet, Path: "/brand/logos/{digest}", ID: "download-logo", Summary: "A logo", Tag: brandTag, Needs: Public, Answer: "application/octet-stream",
		Doc: "By its SHA-256, as brands name it; also from mails."},
		func(w http.ResponseWriter, r *http.Request) error { return sendLogo(w, r, s) })
	RegisterRaw(api, Route{Method: http.MethodPut, Path: "/brands/{id}/logos/{scheme}", ID: "put-logo", Summary: "Keep a logo", Tag: brandTag, Needs: access.BrandWrite,
		Stream: true, Body: "multipart/form-data", Answer: "application/json",
		Doc: "scheme is light or dark, after the ground that the logo is made for. The part file is a PNG, JPEG or WebP picture of at most 512 KB and 2048 pixels."},
		func(w http.ResponseWriter, r *http.Request) error {
			return logoChange(w, r, s, func(reseller, version int64, scheme brand.Scheme) error {
				data, err := uploadedLogo(r)
				if err == nil {
					_, err = s.SetLogo(r.Context(), reseller, version, scheme, data)
				}
				return err
			})
		})
	RegisterRaw(api, Route{Method: http.MethodDelete, Path: "/brands/{id}/logos/{scheme}", ID: "delete-logo", Summary: "Take a logo away", Tag: brandTag, Needs: access.BrandWrite, Answer: "application/json"},
		func(w http.ResponseWriter, r *http.Request) error {
			return logoChange(w, r, s, func(reseller, version int64, scheme brand.Scheme) error {
				_, err := s.RemoveLogo(r.Context(), reseller, version, scheme)
				return err
			})
		})
}

// logoChange reads what a logo is addressed to, changes it, and answers with the brand.
func logoChange(w http.ResponseWriter, r *http.Request, s *brand.Service, change func(reseller, version int64, scheme brand.Scheme) error) error {
	reseller, err := brandOf(r.PathValue("id"))
	if err != nil {
		return err
	}
	version, _, err := IfMatch(r.Header.Get("If-Match"))
	if err != nil {
		return err
	}
	scheme := brand.Scheme(r.PathValue("scheme"))
	if scheme != brand.Light && scheme != brand.Dark {
		return errs.NotFound("brand")
	}
	if err := change(reseller, version, scheme); err != nil {
		return current(err, brandBody)
	}
	answer, err := brandAnswer(r.Context(), s, reseller)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", answer.ETag)
	w.WriteHeader(http.StatusOK)
	return json.NewEncoder(w).Encode(answer.Body)
}

// uploadedLogo is the bytes of the form's file, one more than there may be at most.
func uploadedLogo(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, errs.New(errs.KindUnsupported, "unsupported_type", "Send the file as multipart/form-data, in a part named file.")
	}
	part, err := form.NextPart()
	var wrong errs.Fields
	switch {
	case errors.Is(err, io.EOF):
		wrong.Add("file", "required", "The form has no part named file.")
		return nil, wrong.Err()
	case err != nil:
		return nil, formError(err)
	case part.FormName() != "file":
		wrong.Add(printable(part.FormName()), "unknown_field", "The form has the part file only.")
		return nil, wrong.Err()
	}
	data, err := io.ReadAll(io.LimitReader(part, brand.MaxLogo+1))
	if err != nil {
		return nil, formError(err)
	}
	return data, nil
}

// sendLogo serves a picture as what it was decoded as. Its name is made of its bytes: it never changes.
func sendLogo(w http.ResponseWriter, r *http.Request, s *brand.Service) error {
	digest := r.PathValue("digest")
	if !digestForm.MatchString(digest) {
		return errs.NotFound("brand")
	}
	contentType, data, err := s.Picture(r.Context(), digest)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // mails are read in pages of others
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(data) // the caller may be gone
	return nil
}
