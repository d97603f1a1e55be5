package httpx

import (
	"io"
	"net/http"
	"time"
)

// PatientBody gives each read of a long upload its own deadline instead of one for the whole body.
func PatientBody(w http.ResponseWriter, body io.ReadCloser, each time.Duration) io.ReadCloser {
	return &patientBody{ReadCloser: body, control: http.NewResponseController(w), each: each}
}

type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	each    time.Duration
}

func (b *patientBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(b.each)) // not every writer can
	return b.ReadCloser.Read(p)
}
