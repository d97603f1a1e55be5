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
	if generic, ok := v.(*any); ok && bytes.Contains(data, []byte(`\u0000`)) && holdsNUL(*generic) {
		return errors.New("text may not hold the character U+0000")
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
