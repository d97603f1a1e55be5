package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core/access"
	"tandem/internal/core/once"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Problem is the body of every refusal (RFC 9457).
type Problem struct {
	Type      string         `json:"type" doc:"Where the code is described."`
	Title     string         `json:"title" doc:"The status in words."`
	Status    int            `json:"status"`
	Detail    string         `json:"detail" doc:"A sentence for people."`
	Code      string         `json:"code" doc:"For machines. The codes are listed under x-problem-codes."`
	Errors    []errs.Field   `json:"errors,omitempty" doc:"Every wrong field at once."`
	BlockedBy []errs.Blocker `json:"blocked_by,omitempty" doc:"What stands in the way, with 409."`
	Current   any            `json:"current,omitempty" doc:"The present representation, with 412."`
	RequestID string         `json:"request_id,omitempty" doc:"Name it when you ask for help; it stands in the log."`

	retryAfter int
}

// Error is the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the body's type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders is what goes with the status.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	return h
}

var statusOf = map[errs.Kind]int{
	errs.KindBadRequest:   http.StatusBadRequest,
	errs.KindUnauthorized: http.StatusUnauthorized,
	errs.KindForbidden:    http.StatusForbidden,
	errs.KindNotFound:     http.StatusNotFound,
	errs.KindConflict:     http.StatusConflict,
	errs.KindStale:        http.StatusPreconditionFailed,
	errs.KindTooLarge:     http.StatusRequestEntityTooLarge,
	errs.KindUnsupported:  http.StatusUnsupportedMediaType,
	errs.KindInvalid:      http.StatusUnprocessableEntity,
	errs.KindTooMany:      http.StatusTooManyRequests,
	errs.KindUnavailable:  http.StatusServiceUnavailable,
}

func newProblem(ctx context.Context, status int, code, detail string) *Problem {
	return &Problem{
		Type: "/api/docs#" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
		RequestID: access.From(ctx).RequestID,
	}
}

// problemOf maps an error to what the caller is told. What is no refusal of ours is told to the log alone.
func (s *Server) problemOf(ctx context.Context, err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	if e, ok := errs.As(err); ok {
		p := newProblem(ctx, statusOf[e.Kind], e.Code, e.Detail)
		p.Errors, p.BlockedBy, p.Current, p.retryAfter = e.Fields, e.BlockedBy, e.Current, e.RetryAfter
		if p.Status == 0 {
			p.Status = http.StatusInternalServerError
		}
		return p
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, once.ErrTaken):
		return newProblem(ctx, http.StatusConflict, "idempotency_in_progress", "The first request with this Idempotency-Key is still being answered.")
	case errors.As(err, &tooLarge):
		return newProblem(ctx, http.StatusRequestEntityTooLarge, "too_large", "The body is larger than this route takes.")
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return newProblem(ctx, http.StatusServiceUnavailable, "cancelled", "The caller went away.")
	case db.IsFull(err):
		s.log.LogAttrs(ctx, slog.LevelError, "storage is full", slog.String("error", err.Error()))
		p := newProblem(ctx, http.StatusServiceUnavailable, "storage_full", "There is no room left to store this. Nothing was changed.")
		p.retryAfter = 60
		return p
	case db.IsUnavailable(err):
		s.log.LogAttrs(ctx, slog.LevelError, "the database is not available", slog.String("error", err.Error()))
		p := newProblem(ctx, http.StatusServiceUnavailable, "unavailable", "The database cannot be reached or is too busy just now.")
		p.retryAfter = 5
		return p
	}
	s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("error", err.Error()))
	return newProblem(ctx, http.StatusInternalServerError, "internal", "Something went wrong on our side. It was logged under the request ID.")
}

// writeProblem answers with a problem where huma is not at work.
func (s *Server) writeProblem(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	for k, v := range p.GetHeaders() {
		h[k] = v
	}
	h.Del("Content-Length")
	h.Del("ETag")
	h.Set("Content-Type", "application/problem+json")
	body, err := json.Marshal(p)
	if err != nil { // the present representation cannot be printed
		p.Current = nil
		body, _ = json.Marshal(p)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // the caller may be gone
}

func init() {
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true // a field has one name
	huma.NewError = func(status int, msg string, list ...error) huma.StatusError {
		return humaProblem(context.Background(), status, msg, list)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, list ...error) huma.StatusError {
		return humaProblem(ctx.Context(), status, msg, list)
	}
}

// humaProblem turns what huma finds wrong with a request into a problem. Rejected values, which may be secrets, are
// left out.
func humaProblem(ctx context.Context, status int, msg string, list []error) *Problem {
	code, detail := "invalid", "The request is wrong."
	switch {
	case status == http.StatusInternalServerError && msg == "cannot read request body":
		status, code, detail = http.StatusBadRequest, "body_unreadable", "The body ended early or could not be read."
	case status == http.StatusRequestEntityTooLarge:
		code, detail = "too_large", "The body is larger than this route takes."
	case status == http.StatusUnsupportedMediaType:
		code, detail = "unsupported_type", "Send the body as application/json."
	case status == http.StatusRequestTimeout:
		code, detail = "timeout", "The body took too long to arrive."
	case status == http.StatusBadRequest && msg == "request body is required":
		code, detail = "body_required", "This needs a JSON body."
	case status == http.StatusBadRequest:
		code, detail = "malformed", "The body is not valid JSON."
	case status == http.StatusNotAcceptable:
		code, detail = "not_acceptable", "This cannot be answered in a type you accept."
	}
	p := newProblem(ctx, status, code, detail)
	for _, err := range list {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			p.Errors = append(p.Errors, fieldOf(d.ErrorDetail(), code))
		}
	}
	if n := len(p.Errors); status == http.StatusUnprocessableEntity && n > 0 {
		p.Detail = "One field is wrong."
		if n > 1 {
			p.Detail = strconv.Itoa(n) + " fields are wrong."
		}
	}
	return p
}

// fieldOf names the wrong field as the API spells it, with a code for what huma says in words.
func fieldOf(d *huma.ErrorDetail, fallback string) errs.Field {
	_, field, _ := strings.Cut(d.Location, ".")
	f := errs.Field{Field: field, Code: fallback, Message: sentence(d.Message)}
	switch {
	case d.Message == "unexpected property":
		f.Code, f.Message = "unknown_field", "There is no such field."
	case d.Message == "unknown query parameter":
		f.Code, f.Message = "unknown_parameter", "There is no such parameter."
	case strings.HasPrefix(d.Message, "expected required property "):
		name, _, _ := strings.Cut(strings.TrimPrefix(d.Message, "expected required property "), " ")
		f.Code, f.Message = "required", "This is required."
		f.Field = strings.TrimPrefix(field+"."+name, ".")
	case strings.HasPrefix(d.Message, "required "):
		f.Code, f.Message = "required", "This is required."
	}
	return f
}

// sentence makes a message of huma's one for people, without the value that some carry behind a colon.
func sentence(msg string) string {
	msg, _, _ = strings.Cut(msg, ": ")
	if msg == "" || !utf8.ValidString(msg) {
		return "This is wrong."
	}
	return strings.ToUpper(msg[:1]) + msg[1:] + "."
}
