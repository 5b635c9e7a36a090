package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// huma and gin keep these for the whole process.
func init() {
	gin.SetMode(gin.ReleaseMode)
	huma.DefaultArrayNullable = false // lists are empty, never null
	huma.NewError = newProblem
}

const (
	noDatabase = "The database cannot be reached just now. Nothing is lost; try again in a minute."
	noPace     = "The queue cannot be reached just now, and no server is asked without it. Nothing is lost; try again in a minute."
	noQueue    = "The queue cannot be reached just now. Nothing is lost; it goes on by itself within a minute after it is back."
)

var (
	errAddress    = newProblem(http.StatusUnprocessableEntity, "An address looks like name@server.example.")
	errRevoked    = newProblem(http.StatusConflict, "This account no longer accepts our access. Connect it again; nothing already done is lost.")
	errSignedOut  = newProblem(http.StatusUnauthorized, "Your session has ended. Come back with your recovery key or a connected account.")
	errUnknownKey = newProblem(http.StatusForbidden, "This recovery key is not known here. Check it, or the address of this site.")
)

// newProblem makes an RFC 9457 problem. huma would repeat the submitted values,
// among which may be a recovery key: only where and what is wrong is told.
func newProblem(status int, detail string, errs ...error) huma.StatusError {
	p := &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail}
	if detail == "validation failed" {
		p.Detail = "Something in the request is not as it should be."
	}
	for _, err := range errs {
		var detailed huma.ErrorDetailer
		switch {
		case err == nil:
		case errors.As(err, &detailed):
			d := detailed.ErrorDetail()
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: d.Message, Location: d.Location})
		default:
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: "could not be read"})
		}
	}
	return p
}

// problem answers a request outside huma.
func problem(w http.ResponseWriter, status int, detail string) {
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Disposition", "ETag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(problemJSON(status, detail))
}

func problemJSON(status int, detail string) []byte {
	b, err := json.Marshal(newProblem(status, detail))
	if err != nil {
		panic(err) // two texts and a number
	}
	return append(b, '\n')
}

// sentence makes an error of ours fit to be shown: what was wrong, without the
// kind at its end.
func sentence(err error) string {
	text := err.Error()
	for _, kind := range []error{model.ErrInvalid, model.ErrNotFound, model.ErrDenied, model.ErrConflict} {
		text = strings.TrimSuffix(text, ": "+kind.Error())
	}
	if word, _, _ := strings.Cut(text, " "); !strings.Contains(word, "@") { // an address is spelled as it is
		first, size := utf8.DecodeRuneInString(text)
		text = strings.ToUpper(string(first)) + text[size:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// remote says in words what a server of the fediverse did, or returns nil if
// err is nothing of the kind.
func remote(err error) error {
	var unsent *fediverse.NotSentError
	var limited *fediverse.RateLimitError
	var refused *fediverse.StatusError
	var unknown *fediverse.UnknownError
	var answer *fediverse.AnswerError
	switch {
	case errors.As(err, &limited):
		wait := http.Header{"Retry-After": {strconv.Itoa(int(limited.Wait.Seconds()) + 1)}}
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(fmt.Sprintf(
			"%s is busy and asks us to wait. Try again in a few minutes.", limited.Host)), wait)
	case errors.As(err, &unsent):
		return notAsked(unsent)
	case errors.As(err, &refused):
		return huma.Error502BadGateway(refusal(refused))
	case errors.As(err, &answer):
		return huma.Error422UnprocessableEntity(fmt.Sprintf(
			"%s does not answer like a server of the fediverse. Check the name.", answer.Host))
	case errors.As(err, &unknown):
		return huma.Error502BadGateway(fmt.Sprintf("%s does not answer just now. Try again in a few minutes.", unknown.Host))
	}
	return nil
}

func notAsked(e *fediverse.NotSentError) error {
	switch e.Reason {
	case fediverse.ReasonCancelled: // by the queue, which keeps the pace for all: the browser is there yet
		return huma.Error503ServiceUnavailable(noPace)
	case fediverse.ReasonBlocked:
		return huma.Error422UnprocessableEntity(e.Host + " is not a server on the public internet.")
	case fediverse.ReasonNoHost:
		return huma.Error422UnprocessableEntity("There is no server called " + e.Host + ". Check the name.")
	}
	return huma.Error502BadGateway(e.Host + " does not answer just now. Try again in a few minutes.")
}

func refusal(e *fediverse.StatusError) string {
	if e.Message == "" {
		return fmt.Sprintf("%s refused (%d).", e.Host, e.Code)
	}
	return fmt.Sprintf("%s refused (%d): %s", e.Host, e.Code, e.Message)
}

// problemOf returns status and words of an error that handle made.
func problemOf(err error) (int, string) {
	var p huma.StatusError
	if errors.As(err, &p) {
		return p.GetStatus(), p.Error()
	}
	return http.StatusInternalServerError, "Something went wrong on our side. Nothing is lost; try again in a moment."
}
