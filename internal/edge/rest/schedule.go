package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core/access"
	"tandem/internal/core/schedule"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

const (
	applyAtHeader  = "Tandem-Apply-At"
	revertAtHeader = "Tandem-Revert-At"
	// delayedHeader names, in the answer to a change that will be taken back, what takes it back.
	delayedHeader = "Tandem-Scheduled-Change"
)

// Delays says which delayed save a route makes when its caller names a time.
type Delays struct {
	Resource string
	Op       schedule.Op
	// Parent is the parameter under which a create keeps the row that its path names.
	Parent string
}

// later is when a request is to be carried out, and taken back.
type later struct {
	at, back time.Time
	req      *http.Request
}

type laterKey struct{}

// delayed reads the times of a request into its context. A route that keeps no changes for later refuses them: nothing
// is done at once that was asked for later.
func (s *Server) delayed(ctx context.Context, route *Route, r *http.Request) (context.Context, error) {
	at, back := r.Header.Get(applyAtHeader), r.Header.Get(revertAtHeader)
	if at == "" && back == "" || !route.changes() {
		return ctx, nil
	}
	var wrong errs.Fields
	read := func(name, text string) (t time.Time) {
		if text == "" {
			return t
		}
		if route.Delays == nil || s.schedule == nil || name == revertAtHeader && route.Delays.Op != schedule.OpUpdate {
			wrong.Add(name, "not_here", "This cannot be asked for later here; nothing was changed.")
			return t
		}
		t, code, message := schedule.ParseAt(text, s.cfg.Clock.Now())
		if code != "" {
			wrong.Add(name, code, "%s", message)
		}
		return t
	}
	l := later{at: read(applyAtHeader, at), back: read(revertAtHeader, back), req: r}
	if err := wrong.Err(); err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, laterKey{}, l), nil
}

// answered is an answer in another shape than the route's own. huma takes it for an error, which may have any status.
type answered struct {
	status int
	header http.Header
	body   any
}

// Error is never read.
func (a *answered) Error() string { return http.StatusText(a.status) }

// GetStatus is the HTTP status.
func (a *answered) GetStatus() int { return a.status }

// GetHeaders is what goes with the status.
func (a *answered) GetHeaders() http.Header { return a.header }

// MarshalJSON prints the body.
func (a *answered) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	if err := marshalJSON(&out, a.body); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// keepForLater makes a delayed save of a request that huma has read and found well-formed.
func (s *Server) keepForLater(ctx context.Context, route *Route, l later, in any) (*answered, error) {
	ask := schedule.Ask{Resource: route.Delays.Resource, Op: route.Delays.Op, Options: map[string]string{}, At: l.at, Back: l.back}
	var err error
	if ask.Version, err = (MatchParam{l.req.Header.Get("If-Match")}).Version(); err != nil {
		return nil, err
	}
	for name, values := range l.req.URL.Query() {
		ask.Options[name] = values[0]
	}
	var row []string
	for _, name := range pathNames(route.Path) {
		value := l.req.PathValue(name)
		if name != "id" {
			ask.Options[name] = value
		}
		row = append(row, value)
	}
	ask.Row = strings.Join(row, "/")
	if route.Delays.Parent != "" {
		ask.Options[route.Delays.Parent] = ask.Row
	}
	ask.Patch = json.RawMessage("{}")
	if body := reflect.ValueOf(in).Elem().FieldByName("Body"); body.IsValid() {
		if ask.Patch, err = json.Marshal(body.Interface()); err != nil {
			return nil, err
		}
	}
	if l.at.IsZero() {
		row, back, err := s.schedule.NowAndBack(ctx, ask)
		if err != nil {
			return nil, err
		}
		return &answered{http.StatusOK, http.Header{"Etag": {ETag(row.Version)}, delayedHeader: {id.Format(schedule.Prefix, back.ID)}}, row.Body}, nil
	}
	c, err := s.schedule.Make(ctx, ask)
	if err != nil {
		return nil, err
	}
	b := s.scheduledBody(ctx, &c)
	return &answered{http.StatusAccepted, http.Header{"Location": {base + "/scheduled-changes/" + b.ID}, "Etag": {ETag(c.Version)}}, b}, nil
}

// delayParams documents what a route that keeps changes for later takes, and answers with.
func (r *Route) delayParams(op *huma.Operation) {
	if r.Delays == nil {
		return
	}
	op.Parameters = append(op.Parameters, headerParam(applyAtHeader,
		"Carry it out later: an instant in RFC 3339, or +90m, +1h, +2d from now, up to five years. The answer is 202 with a scheduled_change."))
	if r.Delays.Op == schedule.OpUpdate {
		op.Parameters = append(op.Parameters, headerParam(revertAtHeader,
			"Take it back at this time, written like "+applyAtHeader+": the fields that change get their former values again. Without "+applyAtHeader+
				" the change is made at once, and "+delayedHeader+" in the answer names what will take it back."))
	}
	op.Responses = map[string]*huma.Response{"202": {Description: "Kept for later", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/ScheduledBody"}}}}}
}

// ScheduledBody is a delayed save.
type ScheduledBody struct {
	ID          string            `json:"id"`
	Resource    string            `json:"resource" doc:"what it changes, such as customers"`
	Op          string            `json:"op" doc:"create, update or delete"`
	RowID       string            `json:"row_id" doc:"what it changes; empty for a create"`
	RowName     string            `json:"row_name"`
	Patch       map[string]any    `json:"patch" doc:"what changes alone"`
	Hidden      []string          `json:"hidden,omitempty" doc:"fields of it that the caller is not shown"`
	Options     map[string]string `json:"options" doc:"parameters of the request"`
	State       string            `json:"state" doc:"pending, applied, conflicted, failed or cancelled"`
	ReasonCode  string            `json:"reason_code" doc:"why it failed, conflicts or was cancelled"`
	Reason      string            `json:"reason"`
	ApplyAt     time.Time         `json:"apply_at"`
	Waits       bool              `json:"waits" doc:"it takes back a change that was not applied yet"`
	Requester   string            `json:"requester"`
	RequesterID string            `json:"requester_id" doc:"staff or token; empty for Tandem itself"`
	Mine        bool              `json:"mine" doc:"the caller asked for it"`
	MayManage   bool              `json:"may_manage" doc:"the caller may change, cancel and run it"`
	Comment     string            `json:"comment"`
	Pair        string            `json:"pair" doc:"the other of a change and what takes it back"`
	PairRole    string            `json:"pair_role" doc:"first or back; a back without a pair takes back what was changed at once"`
	RowVersion  int64             `json:"row_version" doc:"the version it was asked against"`
	ResultID    string            `json:"result_id" doc:"what was made or changed"`
	AppliedAt   *time.Time        `json:"applied_at"`
	AppliedBy   string            `json:"applied_by" doc:"the node, or the person who ran it"`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
	Version     int64             `json:"version"`
	Diff        []ScheduledDiff   `json:"diff,omitempty" doc:"on a single one: what it changes"`
}

// ScheduledDiff is one field of the preview.
type ScheduledDiff struct {
	Field    string `json:"field"`
	Asked    any    `json:"asked" doc:"as it was when it was asked"`
	Now      any    `json:"now"`
	Then     any    `json:"then"`
	Conflict bool   `json:"conflict" doc:"somebody changed it since"`
	Masked   bool   `json:"masked,omitempty" doc:"its values are hidden from the caller"`
}

func (s *Server) scheduledBody(ctx context.Context, whole *schedule.Change) ScheduledBody {
	c := s.schedule.Shown(ctx, whole)
	prefix := s.schedule.RowPrefix(c.Resource)
	b := ScheduledBody{ID: id.Format(schedule.Prefix, c.ID), Resource: c.Resource, Op: string(c.Op), RowName: c.RowName, Hidden: c.Hidden, Options: c.Options,
		State: string(c.State), ReasonCode: c.ReasonCode, Reason: c.Reason, ApplyAt: c.ApplyAt, Waits: c.Waits(), Requester: c.Requester.Name, RequesterID: requesterID(c.Requester), Mine: c.Mine(ctx),
		MayManage: c.MayManage(ctx), Comment: c.Comment, PairRole: string(c.Role), RowVersion: c.RowVersion, AppliedBy: c.AppliedBy,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Version: c.Version}
	if patch, err := access.From(ctx).Principal.HideIn(c.Patch); err == nil { // we wrote it
		_ = json.Unmarshal(patch, &b.Patch)
	}
	if c.Row != 0 {
		b.RowID = id.Format(prefix, c.Row)
	}
	if c.Pair != 0 {
		b.Pair = id.Format(schedule.Prefix, c.Pair)
	}
	if c.Result != 0 {
		b.ResultID = id.Format(prefix, c.Result)
	}
	if !c.AppliedAt.IsZero() {
		b.AppliedAt = Time(clock.Micros(c.AppliedAt))
	}
	return b
}

// ScheduledPatch is what may be changed of a delayed save.
type ScheduledPatch struct {
	ApplyAt Opt[string] `json:"apply_at,omitzero" doc:"an instant, or +1h from now"`
	Comment Opt[string] `json:"comment,omitzero" doc:"why; up to 1000 letters"`
}

// ScheduledDecision is what becomes of a conflicted one.
type ScheduledDecision struct {
	Action string `json:"action" enum:"apply,drop" doc:"apply it to what is there now, with the caller's rights, or drop it"`
}

const scheduledTag = "Delayed saves"

// Scheduled is the routes of delayed saves, and lets every route that keeps changes for later do so.
func Scheduled(s *schedule.Service) Module {
	return func(api *API) {
		api.server.schedule = s
		for code, meaning := range map[string]string{
			"delayed_save_ended":       "409. The delayed save was applied, failed or was cancelled already.",
			"delayed_save_conflicted":  "409. The delayed save conflicts with a later change: resolve that first.",
			"delayed_save_waits":       "409. The delayed save takes back a change that was not made yet.",
			"delayed_save_no_conflict": "409. The delayed save conflicts with nothing.",
		} {
			api.Code(code, meaning)
		}
		read := func(ctx context.Context, q list.Query) ([]ScheduledBody, list.Page, error) {
			rows, page, err := s.List(ctx, q)
			out := make([]ScheduledBody, len(rows))
			for i := range rows {
				out[i] = api.server.scheduledBody(ctx, &rows[i])
			}
			return out, page, err
		}
		describedList(api, Route{Path: "/scheduled-changes", ID: "list-scheduled-changes", Summary: "List delayed saves", Tag: scheduledTag, Needs: access.ScheduleRead},
			s.ListTable, read, func(b ScheduledBody) ScheduledBody { return b })
		Register(api, Route{Method: http.MethodGet, Path: "/scheduled-changes/{id}", ID: "get-scheduled-change", Summary: "One delayed save, with the difference it makes now", Tag: scheduledTag, Needs: access.ScheduleRead},
			func(ctx context.Context, in *ScheduledPath) (*Single[ScheduledBody], error) {
				n, err := in.parse()
				if err != nil {
					return nil, err
				}
				c, diff, err := s.Get(ctx, n)
				if err != nil {
					return nil, err
				}
				b := api.server.scheduledBody(ctx, &c)
				for _, d := range diff {
					b.Diff = append(b.Diff, ScheduledDiff(d))
				}
				return &Single[ScheduledBody]{ETag(c.Version), b}, nil
			})
		scheduledWrites(api, s)
	}
}

// ScheduledPath is the path parameter of one delayed save.
type ScheduledPath struct {
	ID string `path:"id"`
}

func (p ScheduledPath) parse() (int64, error) { return pathID(schedule.Prefix, "delayed save", p.ID) }

func scheduledWrites(api *API, s *schedule.Service) {
	answer := func(ctx context.Context, c schedule.Change, err error) (*Single[ScheduledBody], error) {
		if err != nil {
			return nil, current(err, func(c schedule.Change) ScheduledBody { return api.server.scheduledBody(ctx, &c) })
		}
		return &Single[ScheduledBody]{ETag(c.Version), api.server.scheduledBody(ctx, &c)}, nil
	}
	Register(api, Route{Method: http.MethodPatch, Path: "/scheduled-changes/{id}", ID: "update-scheduled-change", Summary: "Change when a delayed save is applied, or why", Tag: scheduledTag, Needs: access.ScheduleRead,
		Doc: "One's own; those of others with schedule.manage."},
		func(ctx context.Context, in *struct {
			ScheduledPath
			MatchParam
			Body ScheduledPatch
		}) (*Single[ScheduledBody], error) {
			n, version, err := addressed(schedule.Prefix, "delayed save", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			e := schedule.Edit{ApplyAt: in.Body.ApplyAt.Pointer()}
			if in.Body.Comment.Set {
				text := strings.TrimSpace(in.Body.Comment.Value)
				if len([]rune(text)) > maxComment {
					var wrong errs.Fields
					wrong.Add("comment", "length", "It may have %d letters at most.", maxComment)
					return nil, wrong.Err()
				}
				e.Comment = &text
			}
			c, err := s.Edit(ctx, n, version, e)
			return answer(ctx, c, err)
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/scheduled-changes/{id}", ID: "cancel-scheduled-change", Summary: "Cancel a delayed save", Tag: scheduledTag, Needs: access.ScheduleRead, Status: http.StatusOK,
		Doc: "One's own; those of others with schedule.manage. What would take it back is cancelled with it."},
		func(ctx context.Context, in *struct {
			ScheduledPath
			MatchParam
		}) (*Single[ScheduledBody], error) {
			n, version, err := addressed(schedule.Prefix, "delayed save", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			c, err := s.Cancel(ctx, n, version)
			return answer(ctx, c, err)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/scheduled-changes/{id}/run", ID: "run-scheduled-change", Summary: "Apply a delayed save now", Tag: scheduledTag, Needs: access.ScheduleRead, Status: http.StatusOK,
		Doc: "In the name and with the rights of who asked for it. The answer says whether it was applied or conflicts."},
		func(ctx context.Context, in *ScheduledPath) (*Single[ScheduledBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			c, err := s.RunNow(ctx, n)
			return answer(ctx, c, err)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/scheduled-changes/{id}/resolve", ID: "resolve-scheduled-change", Summary: "Decide about a delayed save that conflicts", Tag: scheduledTag, Needs: access.ScheduleRead, Status: http.StatusOK},
		func(ctx context.Context, in *struct {
			ScheduledPath
			Body ScheduledDecision
		}) (*Single[ScheduledBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			c, err := s.Resolve(ctx, n, in.Body.Action == "apply")
			return answer(ctx, c, err)
		})
}

// requesterID is how the requester of a delayed save is written.
func requesterID(r schedule.Requester) string {
	switch r.Kind {
	case access.KindStaff:
		return id.Format(staff.Prefix, r.ID)
	case access.KindToken:
		return id.Format(session.TokenPrefix, r.ID)
	}
	return ""
}
