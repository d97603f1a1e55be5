package rest

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/core/schedule"
	"tandem/internal/core/setting"
)

const settingTag = "Settings"

// SettingsBody is what is decided for the whole installation.
type SettingsBody struct {
	OrganizationName    string   `json:"organization_name"`
	DefaultCountry      string   `json:"default_country" doc:"ISO 3166-1 alpha-2, or empty"`
	DefaultCurrency     string   `json:"default_currency" doc:"ISO 4217"`
	DefaultLanguage     string   `json:"default_language" doc:"BCP 47"`
	DefaultTimezone     string   `json:"default_timezone" doc:"IANA"`
	RetentionDays       int      `json:"retention_days" doc:"How long a closed customer may be reopened."`
	GroupTypes          []string `json:"group_types" doc:"The operator's own, beside client, staff, promotional and territory."`
	AuditDays           int      `json:"audit_days" doc:"How long audit entries are kept; 0: for ever."`
	RequireComment      string   `json:"require_comment" doc:"Whose changes need a Tandem-Comment: never; staff, people who are signed in; all, programs with a token as well."`
	ImpersonationReason string   `json:"impersonation_reason" doc:"Whether staff who open the portal as a contact have to say why: recorded, it is one click; typed, they do."`
	StaffSignIn         string   `json:"staff_sign_in" doc:"How staff sign in: any; provider, through a sign-in provider only, but for those with staff.password. It counts while a provider is enabled."`
	PortalSecondFactor  []string `json:"portal_second_factor" doc:"The roles in the portal that require a second factor: owner, billing, technical, viewer."`
	Version             int64    `json:"version"`
}

func settingsBody(s setting.Settings) SettingsBody {
	return SettingsBody{OrganizationName: s.OrganizationName, DefaultCountry: s.DefaultCountry, DefaultCurrency: s.DefaultCurrency, DefaultLanguage: s.DefaultLanguage,
		DefaultTimezone: s.DefaultTimezone, RetentionDays: s.RetentionDays, GroupTypes: s.GroupTypes,
		AuditDays: s.AuditDays, RequireComment: s.RequireComment, ImpersonationReason: s.ImpersonationReason, PortalSecondFactor: s.PortalSecondFactor, StaffSignIn: s.StaffSignIn, Version: s.Version}
}

type patchSettingsBody struct {
	OrganizationName    Opt[string]   `json:"organization_name,omitzero" maxLength:"1000"`
	DefaultCountry      Opt[string]   `json:"default_country,omitzero" maxLength:"200"`
	DefaultCurrency     Opt[string]   `json:"default_currency,omitzero" maxLength:"200"`
	DefaultLanguage     Opt[string]   `json:"default_language,omitzero" maxLength:"200"`
	DefaultTimezone     Opt[string]   `json:"default_timezone,omitzero" maxLength:"200"`
	RetentionDays       Opt[int]      `json:"retention_days,omitzero"`
	GroupTypes          Opt[[]string] `json:"group_types,omitzero"`
	AuditDays           Opt[int]      `json:"audit_days,omitzero" doc:"From 30, or 0 for ever"`
	ImpersonationReason Opt[string]   `json:"impersonation_reason,omitzero" maxLength:"200" doc:"recorded or typed"`
	StaffSignIn         Opt[string]   `json:"staff_sign_in,omitzero" maxLength:"200" doc:"any or provider"`
	PortalSecondFactor  Opt[[]string] `json:"portal_second_factor,omitzero" maxItems:"20" doc:"owner, billing, technical, viewer"`
	RequireComment      Opt[string]   `json:"require_comment,omitzero" maxLength:"200" doc:"never, staff or all"`
}

func (b *patchSettingsBody) patch() setting.Patch {
	return setting.Patch{OrganizationName: cleared(b.OrganizationName), DefaultCountry: cleared(b.DefaultCountry),
		DefaultCurrency: cleared(b.DefaultCurrency), DefaultLanguage: cleared(b.DefaultLanguage), DefaultTimezone: cleared(b.DefaultTimezone),
		RetentionDays: cleared(b.RetentionDays), GroupTypes: cleared(b.GroupTypes),
		AuditDays: cleared(b.AuditDays), RequireComment: cleared(b.RequireComment),
		ImpersonationReason: cleared(b.ImpersonationReason), PortalSecondFactor: cleared(b.PortalSecondFactor), StaffSignIn: cleared(b.StaffSignIn)}
}

type patchSettingsInput struct {
	MatchParam
	Body patchSettingsBody
}

// Settings is what is decided for the whole installation.
func Settings(settings *setting.Service) Module {
	return func(api *API) {
		Register(api, Route{Method: "GET", Path: "/settings", ID: "get-settings", Summary: "Read the settings", Tag: settingTag, Needs: access.SettingRead},
			func(ctx context.Context, _ *Nothing) (*Single[SettingsBody], error) {
				s, err := settings.Show(ctx)
				return &Single[SettingsBody]{ETag: ETag(s.Version), Body: settingsBody(s)}, err
			})
		Register(api, Route{Method: "PATCH", Path: "/settings", ID: "patch-settings", Summary: "Change settings", Tag: settingTag, Needs: access.SettingWrite,
			Delays: &Delays{Resource: "settings", Op: schedule.OpUpdate}},
			func(ctx context.Context, in *patchSettingsInput) (*Single[SettingsBody], error) {
				version, err := in.Version()
				if err != nil {
					return nil, err
				}
				s, err := settings.Update(ctx, version, in.Body.patch())
				return &Single[SettingsBody]{ETag: ETag(s.Version), Body: settingsBody(s)}, current(err, settingsBody)
			})
	}
}
