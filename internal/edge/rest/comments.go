package rest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
)

// unexplained is the routes that need no comment though the operator asks for one: they change no record that others
// rely on, or they ask for it themselves.
var unexplained = map[string]bool{
	"impersonate-contact": true, "enter-portal": true, // why is kept with them anyway
	"erase-customer": true, "erase-contact": true, // the reason stands in the body, and has to
	"export-chosen-customers": true, "preview-email-template": true, "test-email-template": true, "write-email": true, "resend-email": true,
	"send-contact-verification": true, "test-sms-gateway": true,
	"send-portal-verification": true, "confirm-portal-verification": true,
	"create-view": true, "update-view": true, "delete-view": true,
	"create-import": true, "update-import": true, "check-import": true, "fix-import-row": true, "cancel-import": true,
	// With dry_run they change nothing; their comment stands in the body.
	"bulk-update-customers": true, "bulk-delete-customers": true, "bulk-create-customers": true, "change-group-members": true,
}

// explained refuses a change without a comment where the operator asks the caller for one.
func (s *Server) explained(ctx context.Context, route *Route, call *access.Call) error {
	if !route.changes() || route.Needs == Public || route.Needs == SignedIn || unexplained[route.ID] {
		return nil
	}
	return s.explain(ctx, call.Principal, call.Comment)
}

func (s *Server) explain(ctx context.Context, p access.Principal, comment string) error {
	if s.cfg.Explains == nil || strings.TrimSpace(comment) != "" {
		return nil
	}
	must, err := s.cfg.Explains(ctx, p)
	if err != nil || !must {
		return err
	}
	return &errs.Error{Kind: errs.KindInvalid, Code: "comment_required", Detail: "Say why: changes need a comment here.",
		Fields: []errs.Field{{Field: "Tandem-Comment", Code: "comment_required", Message: "Say why, in this header."}}}
}

// Explained refuses a change without a comment, for routes whose comment stands in the body.
func (a *API) Explained(ctx context.Context, comment string) error {
	call := access.From(ctx)
	if comment == "" {
		comment = call.Comment
	}
	return a.server.explain(ctx, call.Principal, comment)
}

// Unexplained is the IDs of the routes that need no comment, for the test that there are such routes.
func Unexplained() []string { return slices.Sorted(maps.Keys(unexplained)) }
