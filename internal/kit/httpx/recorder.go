package httpx

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// worthZipping is the size in bytes from which compressing pays for its time and header.
const worthZipping = 2048

// Recorder passes a response on, and remembers its status and size. It compresses what is text, long enough and
// written in one piece, when Zip says that the caller takes gzip. The zero value is not ready: use NewRecorder.
type Recorder struct {
	http.ResponseWriter
	Status int           // 0 until the header is sent
	Bytes  int64         // of the body, before compression
	Zip    bool          // the caller takes gzip and it is worth the time
	Extend time.Duration // with a stream: each write may take so long; 0 leaves the server's deadline
	zip    *gzip.Writer
	tee    io.Writer
}

var recorders = sync.Pool{New: func() any { return new(Recorder) }}

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is right
	return z
}}

// NewRecorder wraps w. Give it back with Release.
func NewRecorder(w http.ResponseWriter) *Recorder {
	r := recorders.Get().(*Recorder)
	*r = Recorder{ResponseWriter: w}
	return r
}

// Release ends the compression, if any, and gives the recorder back. It must not be used afterwards.
func (r *Recorder) Release() {
	r.finish()
	*r = Recorder{}
	recorders.Put(r)
}

func (r *Recorder) finish() {
	if r.zip != nil {
		_ = r.zip.Close() // the caller is gone
		r.zip.Reset(io.Discard)
		zippers.Put(r.zip)
		r.zip = nil
	}
}

// Tee copies the body, as it was before compression, to w as well.
func (r *Recorder) Tee(w io.Writer) { r.tee = w }

// WriteHeader sends the header once; later calls do nothing.
func (r *Recorder) WriteHeader(status int) {
	if r.Status != 0 {
		return
	}
	if status >= 100 && status < 200 {
		r.ResponseWriter.WriteHeader(status)
		return
	}
	r.Status = status
	if r.zip == nil && !r.Zip {
		r.ResponseWriter.WriteHeader(status)
	}
	// With Zip the header waits for the first piece of the body, whose length decides.
}

// Write sends a piece of the body.
func (r *Recorder) Write(p []byte) (int, error) {
	if r.Status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	if r.Zip {
		r.start(len(p))
	}
	if r.Extend > 0 {
		_ = http.NewResponseController(r.ResponseWriter).SetWriteDeadline(time.Now().Add(r.Extend)) // not every writer can
	}
	r.Bytes += int64(len(p))
	if r.tee != nil {
		_, _ = r.tee.Write(p) // keeps what fits
	}
	if r.zip != nil {
		return r.zip.Write(p)
	}
	return r.ResponseWriter.Write(p)
}

// start decides at the first piece of the body whether it is compressed, and sends the header.
func (r *Recorder) start(n int) {
	r.Zip = false
	h := r.Header()
	if isText(h.Get("Content-Type")) {
		h.Add("Vary", "Accept-Encoding")
		if n >= worthZipping && h.Get("Content-Encoding") == "" {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			r.zip = zippers.Get().(*gzip.Writer)
			r.zip.Reset(r.ResponseWriter)
		}
	}
	r.ResponseWriter.WriteHeader(r.Status)
}

// Done sends a header that still waits for a body that never came.
func (r *Recorder) Done() {
	if r.Zip && r.Status != 0 {
		r.Zip = false
		r.ResponseWriter.WriteHeader(r.Status)
	}
}

// Flush sends what is buffered.
func (r *Recorder) Flush() {
	r.Done()
	if r.zip != nil {
		_ = r.zip.Flush() // the caller is gone
	}
	_ = http.NewResponseController(r.ResponseWriter).Flush() // not every writer can
}

// Unwrap gives the writer underneath to http.ResponseController.
func (r *Recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func isText(contentType string) bool {
	for _, t := range []string{"application/json", "application/problem+json", "text/html", "text/css", "text/javascript", "image/svg"} {
		if strings.HasPrefix(contentType, t) {
			return true
		}
	}
	return false
}

// AcceptsGzip tells whether the caller takes gzip.
func AcceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}
