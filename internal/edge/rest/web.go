package rest

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"tandem/internal/kit/httpx"
	"tandem/internal/kit/secret"
)

// webFiles is the built console in memory. Each file is packed once, when it is first asked for: a start does not wait for it.
type webFiles struct {
	files map[string]*webFile
	index []byte // without the nonce
	dress func(index []byte, r *http.Request) []byte
}

type webFile struct {
	body        []byte
	zipped      func() []byte // nil: it does not get smaller
	contentType string
	immutable   bool // its name holds a hash of its content
}

const noncePlaceholder = "__CSP_NONCE__"

func newWebFiles(web fs.FS) (*webFiles, error) {
	out := &webFiles{files: map[string]*webFile{}}
	if web == nil {
		return out, nil
	}
	err := fs.WalkDir(web, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(web, name)
		if err != nil {
			return err
		}
		out.files["/"+name] = newWebFile(name, body)
		return nil
	})
	if index, ok := out.files["/index.html"]; ok {
		out.index = index.body
		delete(out.files, "/index.html")
	}
	return out, err
}

func newWebFile(name string, body []byte) *webFile {
	f := &webFile{body: body, contentType: mime.TypeByExtension(path.Ext(name)), immutable: strings.HasPrefix(name, "assets/")}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	f.zipped = sync.OnceValue(func() []byte { return packed(path.Ext(name), body) })
	return f
}

// packed is the file as browsers rather take it; nil when that is no smaller.
func packed(ext string, body []byte) []byte {
	switch ext {
	case ".js", ".css", ".svg", ".html", ".json", ".txt", ".map":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // into memory
		_ = z.Close()
		if b.Len() < len(body) {
			return b.Bytes()
		}
	}
	return nil
}

// serve gives a file of the console, and its index.html for every address that the console itself routes.
func (f *webFiles) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writePlain(w, http.StatusMethodNotAllowed, "method not allowed\n")
		return
	}
	if file, ok := f.files[r.URL.Path]; ok {
		file.serve(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/assets/") || path.Ext(r.URL.Path) == ".map" {
		writePlain(w, http.StatusNotFound, "not found\n")
		return
	}
	f.serveIndex(w, r)
}

func (f *webFiles) serveIndex(w http.ResponseWriter, r *http.Request) {
	if f.index == nil {
		writePlain(w, http.StatusNotFound, "This program was built without the console. The API is at /api/docs.\n")
		return
	}
	nonce := secret.Link()
	h := w.Header()
	h["Cache-Control"] = noStore
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy(nonce))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(bytes.ReplaceAll(f.dress(f.index, r), []byte(noncePlaceholder), []byte(nonce))) // the caller may be gone
}

// pagePolicy lets a page load what is ours alone, and style elements that carry the nonce.
func pagePolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data: blob:; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

func (f *webFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Security-Policy"] = apiPolicy
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-cache")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := f.body
	if zipped := f.zipped(); zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if httpx.AcceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	if rec, ok := w.(*httpx.Recorder); ok {
		rec.Zip = false
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the caller may be gone
	}
}
