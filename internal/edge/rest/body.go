package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// humaConfig is huma without what we do ourselves or not at all: documents, docs, schema links in bodies.
func (s *Server) humaConfig() huma.Config {
	c := huma.DefaultConfig("Tandem", s.cfg.Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	format := huma.Format{Marshal: marshalJSON, Unmarshal: unmarshalJSON}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	c.Info.Description = "Customer management for communications providers. Everything the console does, it does through this API."
	c.Info.License = &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Set by POST /api/v1/session; named __Host-" + sessionCookie + " over https."},
		"bearer":  {Type: "http", Scheme: "bearer", Description: "A token made in the console or with tandem token create."},
	}
	return c
}

func marshalJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// unmarshalJSON reads JSON that is UTF-8 and holds no U+0000, which PostgreSQL keeps in no text. Its errors name no
// value of the caller's.
func unmarshalJSON(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	if err := json.Unmarshal(data, v); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			return fmt.Errorf("the JSON breaks at byte %d", syntax.Offset)
		case errors.As(err, &kind):
			return fmt.Errorf("%s cannot be read as %s", kind.Field, kind.Type.Kind())
		}
		return errors.New("the JSON cannot be read")
	}
	if _, ok := v.(*any); ok { // the first of two readings
		if err := refuseTwins(data); err != nil {
			return err
		}
	}
	if generic, ok := v.(*any); ok && bytes.Contains(data, []byte(`\u0000`)) && holdsNUL(*generic) {
		return errors.New("text may not hold the character U+0000")
	}
	return nil
}

// refuseTwins refuses an object that has a key twice: which of the two counts is read differently by different
// programs. data is valid JSON.
func refuseTwins(data []byte) error {
	type frame struct {
		keys  map[string]bool // nil in an array
		value bool            // a colon came: what follows is no key
	}
	var stack []frame
	for i := 0; i < len(data); i++ {
		top := len(stack) - 1
		switch data[i] {
		case '{':
			stack = append(stack, frame{keys: map[string]bool{}})
		case '[':
			stack = append(stack, frame{})
		case '}', ']':
			stack = stack[:top]
		case ':':
			stack[top].value = true
		case ',':
			stack[top].value = false
		case '"':
			begin := i
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			if top < 0 || stack[top].keys == nil || stack[top].value {
				continue
			}
			var key string
			if err := json.Unmarshal(data[begin:i+1], &key); err != nil {
				return errors.New("the JSON cannot be read")
			}
			if stack[top].keys[key] {
				return fmt.Errorf("a key stands there twice, before byte %d", i+1)
			}
			stack[top].keys[key] = true
		}
	}
	return nil
}

func holdsNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		for _, x := range v {
			if holdsNUL(x) {
				return true
			}
		}
	case map[string]any:
		for k, x := range v {
			if strings.ContainsRune(k, 0) || holdsNUL(x) {
				return true
			}
		}
	}
	return false
}

// problemResponse documents what every route may refuse with.
func (s *Server) problemResponse() *huma.Response {
	schema := huma.SchemaFromType(s.api.huma.OpenAPI().Components.Schemas, problemType)
	return &huma.Response{Description: "A problem (RFC 9457)", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}
