package rest

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/httpx"
)

// Single is the answer with one resource.
type Single[T any] struct {
	ETag string `header:"ETag" doc:"The version, for If-Match."`
	Body T
}

// Created is the answer to a POST that made a resource.
type Created[T any] struct {
	Location string `header:"Location" doc:"Where the resource is."`
	ETag     string `header:"ETag" doc:"The version, for If-Match."`
	Body     T
}

// Answer is an answer that is no single resource.
type Answer[T any] struct {
	Body T
}

// Nothing is an input without parameters, or an answer without a body.
type Nothing struct{}

// ETag prints a version as an entity tag.
func ETag(version int64) string { return httpx.ETag(version) }

// IfMatch reads the version a change was made against: any is true when the caller did not say, or said *.
func IfMatch(header string) (version int64, any bool, err error) {
	version, any, err = httpx.IfMatch(header)
	if err != nil {
		return 0, false, &errs.Error{Kind: errs.KindBadRequest, Code: "bad_header", Detail: "A header is wrong.",
			Fields: []errs.Field{{Field: "If-Match", Code: "bad_header", Message: err.Error() + "."}}}
	}
	return version, any, nil
}

// MatchParam is the If-Match header; embed it into the input of PATCH, PUT and DELETE.
type MatchParam struct {
	IfMatch string `header:"If-Match" doc:"The version the change was made against, from ETag. 412 when it has changed since."`
}

// Version reads the header: 0 when the caller did not say.
func (p MatchParam) Version() (int64, error) {
	version, _, err := IfMatch(p.IfMatch)
	return version, err
}

// Opt is a property of a merge patch: absent, null or a value. Give it the tag `json:"name,omitzero"`.
type Opt[T any] struct {
	Set   bool // it was there
	Null  bool // it was null
	Value T
}

// Some is an Opt that was given a value.
func Some[T any](v T) Opt[T] { return Opt[T]{Set: true, Value: v} }

// UnmarshalJSON notes that the property was there.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	o.Set = true
	if string(b) == "null" {
		o.Null = true
		return nil
	}
	return json.Unmarshal(b, &o.Value)
}

// MarshalJSON prints the value, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.Set || o.Null {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// Schema is the value's, which may be null.
func (o Opt[T]) Schema(r huma.Registry) *huma.Schema {
	s := huma.SchemaFromType(r, reflect.TypeFor[T]())
	if s.Ref != "" {
		return s
	}
	copied := *s
	copied.Nullable = true
	return &copied
}

// Pointer is nil when the property was absent or null.
func (o Opt[T]) Pointer() *T {
	if !o.Set || o.Null {
		return nil
	}
	return &o.Value
}

// Time prints an instant of the database, microseconds since 1970, as the API does: RFC 3339 in UTC. 0 is no time.
func Time(micros int64) *time.Time {
	if micros == 0 {
		return nil
	}
	t := time.UnixMicro(micros).UTC()
	return &t
}
