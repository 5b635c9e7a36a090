package fediverse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"code.dny.dev/ssrf"

	"github.com/skein-migrate/skein/internal/model"
)

// Every failure of a request is one of four, and callers that must not do a
// thing twice rely on the difference:
//
//	NotSentError    no byte of the request left: nothing happened
//	RateLimitError  429: nothing happened, ask again after Wait
//	StatusError     the server refused: nothing happened
//	UnknownError    it may have happened: look before trying again
//
// An AnswerError is an answer that discovery cannot use.

// RateLimitError is a 429. The server did nothing; the call may be sent again
// after Wait (1 s to 24 h).
type RateLimitError struct {
	Host   string
	Wait   time.Duration
	Limits Limits // of this answer; zero where it had no such headers
}

func (e *RateLimitError) Error() string {
	return fmt.Sprintf("%s asks to wait %s", e.Host, e.Wait.Round(time.Second))
}

// StatusError is a refusal: the server answered that it did nothing. It wraps
// model.ErrDenied for 401 and 403, ErrNotFound for 404 and 410, ErrInvalid for
// 400, 406 and 422, and ErrConflict for 409.
type StatusError struct {
	Host    string
	Code    int
	Message string // "error" of the answer: a fixed code in OAuth, elsewhere words for people; may be empty
	Detail  string // "error_description" of the answer
	kind    error  // where the status alone would mislead
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answered %d %s", e.Host, e.Code, http.StatusText(e.Code))
	for _, s := range []string{e.Message, e.Detail} {
		if s != "" {
			text += ": " + s
		}
	}
	return text
}

// Unwrap returns the kind of model that the status stands for, or nil.
func (e *StatusError) Unwrap() error {
	if e.kind != nil {
		return e.kind
	}
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return model.ErrDenied
	case http.StatusNotFound, http.StatusGone:
		return model.ErrNotFound
	case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusUnprocessableEntity:
		return model.ErrInvalid
	case http.StatusConflict:
		return model.ErrConflict
	}
	return nil
}

// UnknownError means that the request left and that nobody can tell what became
// of it: cut off, timed out, 5xx (servers fail after the effect too), or a
// success that cannot be read.
type UnknownError struct {
	Host string
	Code int // the status, 0 if none came
	Err  error
}

func (e *UnknownError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s answered %d %s", e.Host, e.Code, http.StatusText(e.Code))
	}
	return fmt.Sprintf("%s gave no clear answer: %v", e.Host, e.Err)
}

func (e *UnknownError) Unwrap() error { return e.Err }

// Reason says why a request was not sent.
type Reason string

// The reasons of a NotSentError.
const (
	ReasonBlocked   Reason = "blocked"   // a host or address that must not be asked; wraps model.ErrInvalid
	ReasonNoHost    Reason = "no host"   // the name has no address
	ReasonConnect   Reason = "connect"   // refused, unreachable, no valid certificate, too slow
	ReasonCancelled Reason = "cancelled" // the caller's context ended first
	ReasonLocal     Reason = "local"     // the fault is on our side: a bad argument, an unreadable file
)

// NotSentError means that provably no byte of the request left.
type NotSentError struct {
	Host   string
	Reason Reason
	Err    error
}

func (e *NotSentError) Error() string { return fmt.Sprintf("%s was not asked: %v", e.Host, e.Err) }

func (e *NotSentError) Unwrap() error { return e.Err }

// AnswerError is an answer of a server that cannot be used, whatever its
// status: not JSON, too large, too many redirects, another account than the one
// asked for. It wraps model.ErrInvalid.
type AnswerError struct{ Host, Problem string }

func (e *AnswerError) Error() string { return fmt.Sprintf("%s: %s", e.Host, e.Problem) }

func (e *AnswerError) Unwrap() error { return model.ErrInvalid }

type blockedError string

func errBlocked(what string) error { return blockedError(what) }

func (e blockedError) Error() string { return string(e) + " is not allowed" }

func (e blockedError) Unwrap() error { return model.ErrInvalid }

// notSent wraps err, which kept a request from leaving, with its reason.
func notSent(host string, err error) *NotSentError {
	var dns *net.DNSError
	var blocked blockedError
	switch {
	case errors.As(err, &blocked):
		return &NotSentError{host, ReasonBlocked, err}
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort),
		errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return &NotSentError{host, ReasonBlocked, fmt.Errorf("%w: %w", errBlocked("its address"), err)}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &NotSentError{host, ReasonNoHost, err}
	case errors.Is(err, context.Canceled):
		return &NotSentError{host, ReasonCancelled, err}
	}
	return &NotSentError{host, ReasonConnect, err}
}

func local(host string, err error) error { return &NotSentError{host, ReasonLocal, err} }

// refusal returns the error that a status other than 2xx and 429 stands for.
// Only statuses that say "not done" are refusals. 408, 425 and codes that no
// standard knows (499 of proxies) say no such thing, nor do 302 and 303, by
// which old applications answer a success.
func refusal(host string, code int, body []byte) error {
	switch {
	case code >= 400 && code <= 451 && code != http.StatusRequestTimeout && code != http.StatusTooEarly,
		code == http.StatusMovedPermanently, code == http.StatusTemporaryRedirect, code == http.StatusPermanentRedirect:
		e := &StatusError{Host: host, Code: code}
		e.Message, e.Detail = errorText(body)
		return e
	}
	return &UnknownError{Host: host, Code: code}
}

// errorText reads the texts of an error body, which may as well be HTML or empty.
func errorText(body []byte) (message, detail string) {
	var e struct {
		Error       any `json:"error"`
		Description any `json:"error_description"`
	}
	if json.Unmarshal(body, &e) != nil {
		return "", ""
	}
	message, _ = e.Error.(string)
	detail, _ = e.Description.(string)
	return oneLine(message, 300), oneLine(detail, 300)
}

// oneLine makes strangers' text fit for one line of an error or a log.
func oneLine(s string, runes int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return cut(strings.TrimSpace(s), runes)
}

// cut returns the first n runes of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
