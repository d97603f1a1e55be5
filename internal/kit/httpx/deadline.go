package httpx

import (
	"io"
	"net/http"
	"time"
)

// PatientBody gives each read of a long upload its own deadline instead of one for the whole body. From its end on,
// and before its beginning, there is none: net/http would end the request when the deadline of a body passes, also
// one that has been read.
func PatientBody(w http.ResponseWriter, body io.ReadCloser, each time.Duration) io.ReadCloser {
	b := &patientBody{ReadCloser: body, control: http.NewResponseController(w), each: each}
	b.rest()
	return b
}

type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	each    time.Duration
}

func (b *patientBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(b.each)) // not every writer can
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.rest()
	}
	return n, err
}

func (b *patientBody) rest() {
	_ = b.control.SetReadDeadline(time.Time{}) // not every writer can
}
