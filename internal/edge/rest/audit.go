package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

const auditTag = "Audit"

// AuditBody is one entry of the audit.
type AuditBody struct {
	ID         string            `json:"id"`
	At         time.Time         `json:"at"`
	Actor      AuditActor        `json:"actor"`
	OnBehalfOf *AuditActor       `json:"on_behalf_of"`
	IP         string            `json:"ip"`
	Verb       string            `json:"verb" doc:"HTTP method, or JOB, CLI"`
	Action     string            `json:"action"`
	Table      string            `json:"table"`
	RowID      string            `json:"row_id"`
	RowName    string            `json:"row_name"`
	Message    string            `json:"message"`
	Comment    string            `json:"comment"`
	Changes    []AuditChangeBody `json:"changes"`
	RequestID  string            `json:"request_id"`
	ErasedAt   *time.Time        `json:"erased_at,omitempty" doc:"when its personal values were erased; the proof of the entry holds"`
}

// AuditActor is who did it.
type AuditActor struct {
	Kind string `json:"kind" doc:"staff, token, system or anonymous"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AuditChangeBody is one field before and after.
type AuditChangeBody struct {
	Field string `json:"field"`
	Old   any    `json:"old"`
	New   any    `json:"new"`
	// Masked: it changed, and the values are hidden from the caller.
	Masked bool `json:"masked,omitempty" doc:"it changed, and its values are hidden from the caller"`
}

// Prefixes tells how the IDs of a table's rows begin in the API.
type Prefixes map[string]string

// tables is every audited table, as choices.
func (p Prefixes) tables() []list.Choice {
	names := []string{"settings"} // one row, which has no ID
	for name := range p {
		if name != names[0] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := make([]list.Choice, len(names))
	for i, name := range names {
		out[i] = list.Choice{Value: name, Label: strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")}
	}
	return out
}

// RowID prints the ID of a row: with its table's prefix, as a plain number where the table has none, and as nothing
// when it is about no single row.
func (p Prefixes) RowID(table string, rowID int64) string {
	if rowID == 0 {
		return ""
	}
	if prefix, ok := p[table]; ok {
		return id.Format(prefix, rowID)
	}
	return strconv.FormatInt(rowID, 10)
}

func auditBody(p Prefixes, k audit.Kept) AuditBody {
	b := AuditBody{ID: id.Format(audit.Prefix, k.ID), At: k.At, Actor: AuditActor{Kind: string(k.ActorKind), Name: k.ActorName}, IP: k.IP, Verb: k.Verb,
		Action: string(k.Action), Table: k.Table, RowID: p.RowID(k.Table, k.RowID), RowName: k.RowName, Message: k.Message, Comment: k.Comment,
		RequestID: k.RequestID, Changes: []AuditChangeBody{}, ErasedAt: timeOrNil(k.ErasedAt)}
	switch k.ActorKind {
	case access.KindStaff:
		b.Actor.ID = id.Format(staff.Prefix, k.ActorID)
	case access.KindToken:
		b.Actor.ID = id.Format(session.TokenPrefix, k.ActorID)
	}
	if k.OnBehalfOf != "" {
		b.OnBehalfOf = &AuditActor{Name: k.OnBehalfOf}
	}
	_ = json.Unmarshal(k.Raw, &b.Changes) // we wrote it
	return b
}

// Audit is the proof of every change.
func Audit(s *audit.Service, prefixes Prefixes) Module {
	body := func(k audit.Kept) AuditBody { return auditBody(prefixes, k) }
	return func(api *API) {
		Register(api, Route{Method: "GET", Path: "/audit-entries", ID: "list-audit-entries", Summary: "List audit entries, the newest first", Tag: auditTag, Needs: access.AuditRead,
			Doc:  "As text/csv everything that matches is sent, which needs audit.export and is noted itself.",
			Also: map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error { return auditCSV(w, r, s, prefixes) }}},
			func(ctx context.Context, in *struct{ ListParams }) (*Answer[PageBody[AuditBody]], error) {
				rows, page, err := s.List(ctx, in.Query())
				if err != nil {
					return nil, err
				}
				return pageOf(rows, page, body), nil
			})
		Register(api, Route{Method: "GET", Path: "/audit-entries/fields", ID: "list-audit-fields", Summary: "Fields of audit entries", Tag: auditTag, Needs: access.AuditRead},
			func(ctx context.Context, _ *Nothing) (*Answer[FieldsBody], error) {
				fields, err := s.Fields(ctx)
				for i := range fields {
					if fields[i].Name == "table" {
						fields[i].Choices = prefixes.tables()
					}
				}
				return &Answer[FieldsBody]{Body: FieldsBody{Fields: fields}}, err
			})
		auditProof(api, s)
		Register(api, Route{Method: "GET", Path: "/audit-entries/{id}", ID: "get-audit-entry", Summary: "Read an audit entry", Tag: auditTag, Needs: access.AuditRead},
			func(ctx context.Context, in *auditID) (*Answer[AuditBody], error) {
				n, err := pathID(audit.Prefix, "audit entry", in.ID)
				if err != nil {
					return nil, err
				}
				k, err := s.Get(ctx, n)
				if err != nil {
					return nil, err
				}
				return &Answer[AuditBody]{Body: body(k)}, nil
			})
	}
}

type auditID struct {
	ID string `path:"id"`
}

func auditCSV(w http.ResponseWriter, r *http.Request, s *audit.Service, prefixes Prefixes) error {
	out := csvAnswer(w, "audit.csv")
	head := []string{"id", "at", "actor", "on_behalf_of", "ip", "verb", "action", "table", "row_id", "row_name", "message", "comment", "changes", "request_id"}
	if err := access.Require(r.Context(), access.AuditExport); err != nil {
		return err
	}
	if err := out.Write(head); err != nil {
		return err
	}
	v := r.URL.Query()
	q := ListParams{Q: v.Get("q"), Filter: v.Get("filter"), Sort: v.Get("sort")}.Query()
	err := s.Export(r.Context(), q, func(k audit.Kept) error {
		b := auditBody(prefixes, k)
		behalf := ""
		if b.OnBehalfOf != nil {
			behalf = b.OnBehalfOf.Name
		}
		return out.Write([]string{b.ID, stamp(b.At), b.Actor.Name, behalf, b.IP, b.Verb, b.Action, b.Table, b.RowID, b.RowName, b.Message, b.Comment, string(k.Raw), b.RequestID})
	}, func() error { return nil })
	if err != nil {
		return err
	}
	return out.Close()
}
