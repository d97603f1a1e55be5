package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core/access"
)

// What a route may need beside a permission of access.
const (
	// Public routes answer everybody. An Idempotency-Key means nothing there: strangers cannot be told apart.
	Public access.Permission = "*public"
	// SignedIn routes answer every principal but contacts, whatever its role; contacts too when they are of the Portal.
	SignedIn access.Permission = "*signed_in"
)

// base is where the routes of the API begin.
const base = "/api/v1"

// Route declares one operation.
type Route struct {
	Method  string
	Path    string            // below /api/v1, such as /customers/{id}
	ID      string            // operation ID, such as list-customers
	Summary string            // one line
	Doc     string            // more, when there is more to say
	Tag     string            // the capability
	Needs   access.Permission // a permission, Public or SignedIn
	Status  int               // of success; 0 means 200, or 204 without a body
	MaxBody int64             // bytes; 0 means 1 MiB
	// Stream routes send or take much, or for long: each piece has a deadline, not the whole.
	Stream bool
	// ShownOnce names the top-level properties of the answer that are secrets: a repeat under the same
	// Idempotency-Key gets the answer without them.
	ShownOnce []string
	// Made says what the route makes: when the answer to an Idempotency-Key was lost, it is made anew from that.
	Made *Made
	// Delays says that the route keeps its change for later when the caller names a time; nil: it refuses to.
	Delays *Delays
	// Also serves the same route in another type when the Accept header asks for it, such as text/csv.
	Also map[string]RawHandler
	// Query documents the parameters of a raw route; others are refused by name.
	Query []Query
	// Body and Answer are the content types of a raw route, for the document.
	Body, Answer string
	// FreeQuery takes any query parameter: for routes whose parameters are not known beforehand.
	FreeQuery bool

	// Portal opens a SignedIn route to contacts.
	Portal bool
	// Always opens a route to those who have something else to do first, such as changing a password they were given.
	Always bool

	wire    bool            // the handler sees the HTTP request, for its cookie
	allowed map[string]bool // query parameters
	meter   *meter
}

// Made names the resources that a route makes one of.
type Made struct {
	Table  string // in the audit
	Prefix string // of their IDs
	Path   string // of their list; one of them is read at Path/{id}
}

// Query is one query parameter of a raw route.
type Query struct{ Name, Doc string }

// RawHandler answers a request itself. An error is told as a problem when nothing was sent yet.
type RawHandler func(w http.ResponseWriter, r *http.Request) error

// Module registers the routes of one capability.
type Module func(*API)

// API is where modules register their routes.
type API struct {
	server *Server
	huma   huma.API
}

// Register adds a route whose input and output huma reads and writes: struct fields with path, query and header
// tags, and a field Body. The handler runs only for a caller who holds what the route needs.
func Register[I, O any](api *API, route Route, handler func(context.Context, *I) (*O, error)) {
	r, ok := api.server.add(route)
	if !ok {
		return
	}
	op := r.operation()
	op.BodyReadTimeout = 30 * time.Second
	op.MaxBodyBytes = r.MaxBody
	op.DefaultStatus = r.Status
	s := api.server
	huma.Register(api.huma, op, func(ctx context.Context, in *I) (*O, error) {
		if l, ok := ctx.Value(laterKey{}).(later); ok {
			told, err := s.keepForLater(ctx, r, l, in)
			if err != nil {
				return nil, s.problemOf(ctx, err)
			}
			return nil, told
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err)
		}
		return out, nil
	})
	r.allowed = map[string]bool{}
	read := map[string]bool{}
	for _, p := range api.find(r).Parameters {
		switch p.In {
		case "query":
			r.allowed[p.Name] = true
		case "path":
			read[p.Name] = true
		}
	}
	for _, name := range pathNames(r.Path) {
		if !read[name] { // huma passes over embedded structs whose names are not exported
			s.broken = append(s.broken, fmt.Errorf("route %s %s: its input does not read {%s}", r.Method, r.Path, name))
		}
	}
}

// RegisterRaw adds a route that reads the request and writes the answer itself: uploads, downloads, event streams.
func RegisterRaw(api *API, route Route, handler RawHandler) {
	r, ok := api.server.add(route)
	if !ok {
		return
	}
	op := r.operation()
	r.allowed = map[string]bool{}
	for _, name := range pathNames(r.Path) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
	}
	for _, q := range r.Query {
		r.allowed[q.Name] = true
		op.Parameters = append(op.Parameters, &huma.Param{Name: q.Name, In: "query", Description: q.Doc, Schema: &huma.Schema{Type: "string"}})
	}
	if r.Body != "" {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.Body: {Schema: rawSchema(r.Body)}}}
	}
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer := &huma.Response{Description: http.StatusText(status)}
	if r.Answer != "" {
		answer.Content = map[string]*huma.MediaType{r.Answer: {Schema: rawSchema(r.Answer)}}
	}
	op.Responses = map[string]*huma.Response{fmt.Sprint(status): answer, "default": api.server.problemResponse()}
	api.huma.OpenAPI().AddOperation(&op)
	api.server.handle(r, func(w http.ResponseWriter, req *http.Request) {
		if err := handler(w, req); err != nil {
			api.server.failRaw(w, req, err)
		}
	})
}

func rawSchema(contentType string) *huma.Schema {
	switch {
	case strings.HasPrefix(contentType, "multipart/"):
		return &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{
			"file": {Type: "string", Format: "binary"}, "target": {Type: "string"},
		}}
	case strings.HasPrefix(contentType, "text/"):
		return &huma.Schema{Type: "string"}
	case strings.HasSuffix(contentType, "json"):
		return &huma.Schema{Type: "object", AdditionalProperties: true}
	}
	return &huma.Schema{Type: "string", Format: "binary"}
}

// find gives the documented operation of a route, where huma has put its parameters.
func (a *API) find(r *Route) *huma.Operation {
	item := a.huma.OpenAPI().Paths[base+r.Path]
	for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete, item.Head} {
		if op != nil && op.OperationID == r.ID {
			return op
		}
	}
	return &huma.Operation{}
}

// operation is the route for the OpenAPI document and for huma.
func (r *Route) operation() huma.Operation {
	op := huma.Operation{
		Method: r.Method, Path: base + r.Path, OperationID: r.ID, Summary: r.Summary, Description: r.Doc,
		Tags: []string{r.Tag}, Metadata: map[string]any{"route": r},
		Extensions: map[string]any{"x-needs": r.needsName()},
	}
	if r.Needs != Public {
		op.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
	}
	if r.Method == http.MethodPost && r.Needs != Public {
		op.Parameters = append(op.Parameters, headerParam("Idempotency-Key",
			"The same key with the same request has one effect, and gets the same answer. Kept for a day."))
	}
	r.delayParams(&op)
	if r.changes() {
		op.Parameters = append(op.Parameters, headerParam("Tandem-Comment",
			"Why, kept with the audit entry. Plain ASCII, or percent-encoded behind UTF-8''."))
	}
	return op
}

func headerParam(name, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: doc, Schema: &huma.Schema{Type: "string"}}
}

func (r *Route) changes() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

func (r *Route) needsName() string { return strings.TrimPrefix(string(r.Needs), "*") }

// ofPortal tells whether the route is one of the portal.
func (r *Route) ofPortal() bool { return r.Path == "/portal" || strings.HasPrefix(r.Path, "/portal/") }

func pathNames(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// check tells what is wrong with a declaration. A route must say what it needs.
func (r *Route) check() error {
	known := r.Needs == Public || r.Needs == SignedIn
	for _, p := range append(access.AllPermissions(), access.AllPortal()...) {
		known = known || p == r.Needs
	}
	switch {
	case !known:
		return fmt.Errorf("route %s %s does not say what it needs: a permission of access, rest.Public or rest.SignedIn", r.Method, r.Path)
	case r.ID == "" || r.Summary == "" || r.Tag == "":
		return fmt.Errorf("route %s %s lacks an ID, a summary or a tag", r.Method, r.Path)
	case !strings.HasPrefix(r.Path, "/"):
		return fmt.Errorf("route %s %s: the path must begin with a slash", r.Method, r.Path)
	}
	return nil
}
