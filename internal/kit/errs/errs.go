// Package errs holds the errors that a caller is told about. Edges map them to their protocol (RFC 9457 over
// HTTP); every other error is a fault of ours and is told to nobody but the log.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of refusal an error is.
type Kind string

// The kinds, each with the HTTP status it becomes.
const (
	KindBadRequest   Kind = "bad_request"  // 400: the request itself is malformed
	KindUnauthorized Kind = "unauthorized" // 401: not signed in
	KindForbidden    Kind = "forbidden"    // 403: signed in, not allowed
	KindNotFound     Kind = "not_found"    // 404: missing, or not yours
	KindConflict     Kind = "conflict"     // 409: something stands in the way
	KindStale        Kind = "stale"        // 412: changed since it was read
	KindTooLarge     Kind = "too_large"    // 413
	KindUnsupported  Kind = "unsupported"  // 415
	KindInvalid      Kind = "invalid"      // 422: wrong fields
	KindTooMany      Kind = "too_many"     // 429
	KindUnavailable  Kind = "unavailable"  // 503: not now
)

// Field is one wrong field: its name as the API spells it, a machine code, a sentence that says what would be right.
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Blocker is one thing that stands in the way of a change.
type Blocker struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Error is a refusal with help: what is wrong, where, and what stands in the way.
type Error struct {
	Kind       Kind
	Code       string // machine code, such as duplicate_email
	Detail     string // a sentence for people
	Fields     []Field
	BlockedBy  []Blocker
	Current    any // the present representation, with KindStale
	RetryAfter int // seconds, with KindTooMany and KindUnavailable; 0 = not said
}

// Error is the sentence, followed by every wrong field.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Detail
	}
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Message
	}
	return e.Detail + " (" + strings.Join(parts, "; ") + ")"
}

// New makes an error of a kind with a code and a sentence.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// NotFound says that a thing is missing, or not the caller's to see: the two are told alike.
func NotFound(what string) *Error {
	return New(KindNotFound, "not_found", "There is no such %s.", what)
}

// Forbidden says that the caller lacks a permission.
func Forbidden(permission string) *Error {
	return New(KindForbidden, "forbidden", "This needs the permission %s.", permission)
}

// Stale says that the resource changed since the caller read it; current is its present representation.
func Stale(current any) *Error {
	e := New(KindStale, "stale", "It was changed by somebody else since you read it.")
	e.Current = current
	return e
}

// As finds the Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// IsKind tells whether err is a refusal of this kind.
func IsKind(err error, kind Kind) bool {
	e, ok := As(err)
	return ok && e.Kind == kind
}

// Fields gathers wrong fields, so that all are told at once. The zero value is ready.
type Fields struct {
	list []Field
}

// Add notes a wrong field.
func (f *Fields) Add(field, code, format string, args ...any) {
	f.list = append(f.list, Field{Field: field, Code: code, Message: fmt.Sprintf(format, args...)})
}

// List is what was noted.
func (f *Fields) List() []Field { return f.list }

// Has tells whether the field was noted already.
func (f *Fields) Has(field string) bool {
	for _, x := range f.list {
		if x.Field == field {
			return true
		}
	}
	return false
}

// Err is nil when nothing is wrong, else an Error of KindInvalid with every field.
func (f *Fields) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	detail := "One field is wrong."
	if len(f.list) > 1 {
		detail = fmt.Sprintf("%d fields are wrong.", len(f.list))
	}
	return &Error{Kind: KindInvalid, Code: "invalid", Detail: detail, Fields: f.list}
}
