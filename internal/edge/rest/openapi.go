package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/kit/secret"
)

var problemType = reflect.TypeFor[Problem]()

// document is the OpenAPI document and the page made of it.
type document struct {
	json []byte
	html []byte // without the nonce
}

// serveDocs prints the document when somebody asks for it first, so that a start does not wait for it.
func (s *Server) serveDocs(serve func(*document, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, err := s.docs()
		if err != nil {
			s.failRaw(w, r, err)
			return
		}
		serve(d, w, r)
	}
}

// renderDocs prints the document and the page. Every route is known by then, and it is done once: it completes the routes.
func (s *Server) renderDocs() (*document, error) {
	api := s.api.huma.OpenAPI()
	api.Extensions = map[string]any{"x-problem-codes": s.Codes()}
	for _, r := range s.routes {
		op := s.api.find(r)
		if op.Responses["default"] == nil {
			op.Responses["default"] = s.problemResponse()
		}
		for contentType := range r.Also {
			if ok := op.Responses["200"]; ok != nil && ok.Content != nil {
				ok.Content[contentType] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
			}
		}
	}
	text, err := json.MarshalIndent(api, "", " ")
	if err != nil {
		return nil, fmt.Errorf("print the OpenAPI document: %w", err)
	}
	page, err := s.renderPage(api)
	if err != nil {
		return nil, err
	}
	return &document{json: text, html: page}, nil
}

// OpenAPI is the document as served.
func (s *Server) OpenAPI() ([]byte, error) {
	d, err := s.docs()
	if err != nil {
		return nil, err
	}
	return d.json, nil
}

func (d *document) serveJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Security-Policy"] = apiPolicy
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(d.json) // the caller may be gone
}

func (d *document) serveHTML(w http.ResponseWriter, _ *http.Request) {
	nonce := secret.Link()
	w.Header().Set("Content-Security-Policy", pagePolicy(nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(bytes.ReplaceAll(d.html, []byte(noncePlaceholder), []byte(nonce))) // the caller may be gone
}

// pageRoute is a route as the page shows it.
type pageRoute struct {
	Method, Path, ID, Summary, Doc, Needs string
	Params                                []*huma.Param
	Body, Answer                          string
}

func (s *Server) renderPage(api *huma.OpenAPI) ([]byte, error) {
	groups := map[string][]pageRoute{}
	for _, r := range s.routes {
		op := s.api.find(r)
		row := pageRoute{Method: r.Method, Path: base + r.Path, ID: r.ID, Summary: r.Summary, Doc: r.Doc, Needs: strings.ReplaceAll(r.needsName(), "_", " "), Params: op.Parameters}
		if op.RequestBody != nil {
			row.Body = content(op.RequestBody.Content)
		}
		for status, answer := range op.Responses {
			if status != "default" {
				row.Answer = status + " " + content(answer.Content)
			}
		}
		groups[r.Tag] = append(groups[r.Tag], row)
	}
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	sort.Strings(names)
	schemas, err := printSchemas(api)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{"Names": names, "Groups": groups, "Schemas": schemas, "Codes": s.Codes(), "Version": s.cfg.Version, "Nonce": noncePlaceholder})
	if err != nil {
		return nil, fmt.Errorf("print the documentation page: %w", err)
	}
	return out.Bytes(), nil
}

// content names the types and schemas of a body.
func content(m map[string]*huma.MediaType) string {
	var parts []string
	for contentType, media := range m {
		part := contentType
		if media.Schema != nil && media.Schema.Ref != "" {
			part += " " + media.Schema.Ref[strings.LastIndexByte(media.Schema.Ref, '/')+1:]
		}
		parts = append(parts, part)
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

type pageSchema struct{ Name, Text string }

func printSchemas(api *huma.OpenAPI) ([]pageSchema, error) {
	var out []pageSchema
	for name, schema := range api.Components.Schemas.Map() {
		text, err := json.MarshalIndent(schema, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("print the schema %s: %w", name, err)
		}
		out = append(out, pageSchema{name, string(text)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

var page = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem API</title>
<style nonce="{{.Nonce}}">
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 6%,transparent)}
body{font:15px/1.5 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:15rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;box-sizing:border-box;border-right:1px solid var(--line)}
nav a{display:block;padding:.1rem 0;color:inherit}
main{padding:1rem 2rem 4rem;max-width:60rem}
section{border-top:1px solid var(--line);margin-top:1.5rem}
article{margin:1rem 0;padding:.75rem 1rem;background:var(--soft);border-radius:.5rem}
h3{margin:0;font-size:1rem;font-family:ui-monospace,monospace}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{overflow:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0;border-bottom:1px solid var(--line)}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto}}
</style></head><body>
<nav aria-label="Contents"><strong>Tandem API {{.Version}}</strong>
<a href="/api/openapi.json">openapi.json</a><a href="#conventions">Conventions</a>
{{range .Names}}<a href="#tag-{{.}}">{{.}}</a>{{end}}
<a href="#codes">Problem codes</a><a href="#schemas">Schemas</a></nav>
<main><h1>Tandem API</h1>
<section id="conventions"><h2>Conventions</h2>
<p>JSON in snake_case below <code>/api/v1</code>. Times are RFC 3339 in UTC, money is a decimal string beside a currency, identifiers are opaque.</p>
<p>Sign in with <code>POST /api/v1/session</code>, which sets a cookie, or send <code>Authorization: Bearer</code> and a token.</p>
<p>A single resource has an <code>ETag</code>; send it as <code>If-Match</code> with PATCH, PUT and DELETE, and a stale change gets 412 with the present state.
Every POST takes an <code>Idempotency-Key</code>. Of an upload, its address and length are compared, not its content. <code>Tandem-Comment</code> is kept with the audit entry.</p>
<p>Refusals are <code>application/problem+json</code> with a code and every wrong field at once. Long work answers 202 with a job.</p></section>
{{$groups := .Groups}}{{range $tag := .Names}}<section id="tag-{{$tag}}"><h2>{{$tag}}</h2>
{{range index $groups $tag}}<article id="{{.ID}}"><h3>{{.Method}} {{.Path}}</h3><p>{{.Summary}}. {{.Doc}}</p>
<p>Needs: <code>{{.Needs}}</code></p>
{{if .Params}}<table><thead><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr></thead><tbody>
{{range .Params}}<tr><td><code>{{.Name}}</code>{{if .Required}} (required){{end}}</td><td>{{.In}}</td><td>{{.Description}}</td></tr>{{end}}</tbody></table>{{end}}
{{if .Body}}<p>Body: <code>{{.Body}}</code></p>{{end}}{{if .Answer}}<p>Answer: <code>{{.Answer}}</code></p>{{end}}</article>{{end}}</section>{{end}}
<section id="codes"><h2>Problem codes</h2><table><thead><tr><th>Code</th><th>Meaning</th></tr></thead><tbody>
{{range $code, $text := .Codes}}<tr id="{{$code}}"><td><code>{{$code}}</code></td><td>{{$text}}</td></tr>{{end}}</tbody></table></section>
<section id="schemas"><h2>Schemas</h2>{{range .Schemas}}<details id="schema-{{.Name}}"><summary><code>{{.Name}}</code></summary><pre>{{.Text}}</pre></details>{{end}}</section>
</main></body></html>
`))
