package api

import (
	"errors"
	"net/http"
	"path"
	"strings"
)

// tusWriter turns tusd's texts for programmers into problems for people, and
// keeps to ourselves what it tells of the disk and of the metadata.
type tusWriter struct {
	http.ResponseWriter
	r      *http.Request
	s      *Server
	status int
	hidden strings.Builder // tusd's own words
	hide   bool
}

func (w *tusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *tusWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	h := w.Header()
	h.Del("Upload-Metadata")
	if at := h.Get("Location"); at != "" {
		h.Set("Location", w.location(at))
	}
	if status >= 400 && h.Get("Content-Type") != "application/problem+json" {
		w.hide = true // answered in end, when the words are known
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *tusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.hide {
		return w.hidden.Write(b[:min(len(b), 500)])
	}
	return w.ResponseWriter.Write(b)
}

// location is where the browser finds the upload: tusd does not know of https
// in front of us.
func (w *tusWriter) location(at string) string {
	id := path.Base(at)
	if strings.HasPrefix(w.s.PublicURL, "https://") {
		return w.s.PublicURL + prefix + "/uploads/" + id
	}
	return "http://" + w.r.Host + prefix + "/uploads/" + id
}

func (w *tusWriter) fail(err error) {
	status, detail := problemOf(err)
	var headers interface{ GetHeaders() http.Header }
	if errors.As(err, &headers) {
		for name, values := range headers.GetHeaders() {
			w.Header()[name] = values
		}
	}
	w.status = status
	problem(w.ResponseWriter, status, detail)
}

func (w *tusWriter) end() {
	if !w.hide {
		return
	}
	if w.status >= 500 && w.status != http.StatusNotImplemented {
		w.s.Log.Error("upload failed", "status", w.status, "error", w.hidden.String())
	}
	problem(w.ResponseWriter, w.status, tusWords(w.status))
}

func tusWords(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return "This upload is not here any more. Choose the file again."
	case http.StatusConflict:
		return "The upload went on elsewhere meanwhile. Try again."
	case http.StatusLocked:
		return "The same file is being sent from another window."
	case http.StatusRequestEntityTooLarge:
		return "The file is too large: 12 GB is the most."
	}
	if status >= 500 && status != http.StatusNotImplemented { // that is a form of tus which we do not offer
		return "The upload was cut off on our side. Nothing is lost; try again in a moment."
	}
	return "This is not an upload as we know them. Reload the page and try again."
}
