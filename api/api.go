// Package api answers requests: every route stands in this file, the handlers
// in one file per resource. Work that takes time goes to package jobs; what is
// known comes from package store. Every object is reached through its Owner:
// whoever is not the Owner gets the same answer as if it did not exist.
//
// The description of the routes is served at /openapi.json and kept in
// openapi.json beside this file; errors are RFC 9457 problems.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/files"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/internal/xapi"
	"github.com/skein-migrate/skein/jobs"
)

// Server answers the requests of browsers. All fields but Demo and X must be set.
type Server struct {
	Store     *store.Store
	Files     *files.Store
	Worker    *jobs.Worker // its CallbackURL is PublicURL and CallbackPath
	Client    *fediverse.Client
	Log       *slog.Logger
	PublicURL string // scheme and host, no slash at the end
	Version   string
	Demo      *Demo        // nil outside the demo
	X         *xapi.Client // nil if X's API is not used
	Now       func() time.Time

	// Subscribe returns what is published on a topic until ctx ends.
	Subscribe func(ctx context.Context, topic string) (<-chan string, error)
	// Ping tells whether the queue can be reached.
	Ping func(ctx context.Context) error

	sessions *scs.SessionManager
	uploads  *uploads
	limits   *limits
	queue    queueHealth
	streams  streams

	registered registryFiles
}

// Demo is what a demo has to show.
type Demo struct {
	Archive string // path of the sample archive
	Server  string // a simulated server with an account for the visitor
}

// CallbackPath is where servers send the browser back to after OAuth, each to
// its own host below it. A server that was handed a code meant for another one
// could otherwise have it redeemed in its own sign-in (OAuth mix-up, RFC 9700 4.4).
const CallbackPath = "/oauth/callback"

const prefix = "/api/v1"

// routes lists what the API answers. The paths outside huma (uploads by tus,
// health, the OAuth callback) are in plain and described by hand.
func (s *Server) routes(api huma.API) {
	route(s, api, get("/about", "about", "What this installation is"), s.about)

	route(s, api, get("/session", "session", "Whether somebody is signed in"), s.session)
	route(s, api, del("/session", "signOut", "Sign out"), s.signOut)
	route(s, api, post("/session/recovery-key", "makeRecoveryKey", "Make a recovery key, which is shown once and replaces any other"), s.makeRecoveryKey)
	route(s, api, post("/session/recover", "recover", "Sign in with a recovery key"), s.recover)
	route(s, api, post("/session/sign-in", "signIn", "Begin to sign in with a connected account"), s.signIn)

	route(s, api, post("/opt-out", "optOut", "Begin to prove an account that does not want to be found"), s.optOut)
	route(s, api, post("/opt-in", "optIn", "Begin to prove an account that may be found again"), s.optIn)
	route(s, api, get("/opt-out", "optOutDone", "What this browser has just come back from; told once"), s.optOutDone)

	route(s, api, get("/moves", "listMoves", "The Owner's Moves, newest first"), s.listMoves)
	route(s, api, post("/moves", "createMove", "Begin a Move; makes the Owner if there is none"), s.createMove)
	route(s, api, get("/moves/{move}", "getMove", "A Move"), s.getMove)
	route(s, api, patch("/moves/{move}", "answerMove", "Answer what only the Owner knows"), s.answerMove)
	route(s, api, del("/moves/{move}", "deleteMove", "End a Move and delete all that belongs to it"), s.deleteMove)
	route(s, api, post("/moves/{move}/lists", "addList", "Read a list, or what the Owner read on their X pages", s.listBody(api)), s.addList)
	route(s, api, post("/moves/{move}/lists/preview", "previewList", "How a list would be read; nothing of it is kept", s.listBody(api)), s.previewList)
	route(s, api, get("/moves/{move}/media/{file}", "getMedia", "A picture of the Move's tweets", image), s.getMedia)
	route(s, api, get("/moves/{move}/events", "moveEvents", "Changes as server-sent events: run and move", eventStream(api)), s.moveEvents)

	route(s, api, get("/moves/{move}/people", "listPeople", "A page of People from any place, in an order, by filters"), s.listPeople)
	route(s, api, post("/moves/{move}/people/seen", "seePeople", "Note that the Owner has looked at the People: nobody has newly arrived now"), s.seePeople)
	route(s, api, get("/moves/{move}/people/{person}", "getPerson", "A Person with all that was found"), s.getPerson)
	route(s, api, post("/moves/{move}/people/{person}/matches", "addMatch", "Name the address of a Person"), s.addMatch)
	route(s, api, put("/moves/{move}/people/{person}/matches/{match}/decision", "decideMatch", "Decide on a Match"), s.decideMatch)
	route(s, api, get("/moves/{move}/people/{person}/matches/{match}/avatar", "getAvatar", "The picture of a Match's profile, made small; 503 while its server is still asked", image), s.getAvatar)
	route(s, api, post("/moves/{move}/decisions", "decideAll", "Decide on all undecided Matches of a grade, or on some"), s.decideAll)

	route(s, api, get("/moves/{move}/servers", "listServers", "Servers, ranked by how well they suit"), s.listServers)

	route(s, api, get("/accounts", "listAccounts", "The Owner's connected Accounts"), s.listAccounts)
	route(s, api, post("/accounts/connect", "connect", "Begin to connect an Account"), s.connect)
	route(s, api, del("/accounts/{account}", "disconnect", "Disconnect an Account and revoke its token"), s.disconnect)

	route(s, api, get("/moves/{move}/registry", "listEntries", "What others may find of the Owner's Accounts"), s.listEntries)
	route(s, api, put("/moves/{move}/registry/{account}", "saveEntry", "Say who may find an Account as the Move's X account"), s.saveEntry)
	route(s, api, del("/moves/{move}/registry/{entry}", "withdrawEntry", "Take an entry of the registry back"), s.withdrawEntry)
	route(s, api, post("/moves/{move}/x-sign-in", "xSignIn", "Begin to sign in with X"), s.xSignIn)

	route(s, api, get("/moves/{move}/plans/{kind}", "runPlan", "What a Run would do that follows, blocks, mutes, fills lists or takes another one back"), s.runPlan)
	route(s, api, post("/moves/{move}/posts-plan", "postsPlan", "What a posts Run would do; nothing is kept"), s.postsPlan)
	route(s, api, get("/moves/{move}/twitter-lists", "getTwitterLists", "The lists that the archive names, and who is to be in them"), s.getTwitterLists)
	route(s, api, put("/moves/{move}/twitter-lists", "setTwitterLists", "Say who is to be in the lists", upTo(2<<20)), s.setTwitterLists)
	route(s, api, post("/moves/{move}/pictures", "listPictures", "A page of the pictures and videos that a posts Run would carry, with what the Owner said of them"), s.listPictures)
	route(s, api, put("/moves/{move}/pictures/{file}/alt", "describePicture", "Say what a picture shows"), s.describePicture)
	route(s, api, post("/moves/{move}/alt-texts", "bringAltTexts", "Read a file that says what pictures show", upTo(24<<20)), s.bringAltTexts)
	route(s, api, get("/moves/{move}/exports/{file}", "getExport", "A file for Mastodon's own import, those who were not found, or everything", exportFile), s.getExport)

	route(s, api, post("/moves/{move}/runs", "startRun", "Start a Run"), s.startRun)
	route(s, api, get("/moves/{move}/runs/{run}", "getRun", "A Run and how far it has come"), s.getRun)
	route(s, api, post("/moves/{move}/runs/{run}/pause", "pauseRun", "Pause a Run"), s.pauseRun)
	route(s, api, post("/moves/{move}/runs/{run}/resume", "resumeRun", "Resume a Run"), s.resumeRun)
	route(s, api, post("/moves/{move}/runs/{run}/cancel", "cancelRun", "Cancel what a Run has not done yet"), s.cancelRun)
	route(s, api, get("/moves/{move}/runs/{run}/steps", "listSteps", "A page of a Run's Steps, in order"), s.listSteps)
	route(s, api, get("/moves/{move}/runs/{run}/log", "getStepLog", "All Steps of a Run, and whom it left out, as a CSV file", csvFile), s.getStepLog)
	route(s, api, post("/moves/{move}/runs/{run}/steps/{step}/settle", "settleStep", "Say whether an unsure Step happened"), s.settleStep)
}

// plain lists the routes that huma does not serve.
func (s *Server) plain(engine *gin.Engine) {
	engine.Any(prefix+"/uploads/*upload", gin.WrapH(http.StripPrefix(prefix+"/uploads/", s.uploads)))
	engine.GET(CallbackPath+"/:host", s.callback)
	engine.GET(XCallbackPath, s.xCallback)
	engine.GET(registryPath, s.registry)
	engine.HEAD(registryPath, s.registry)
	engine.GET("/healthz", s.healthz)
	engine.GET("/readyz", s.readyz)
	engine.GET("/metrics", s.metrics())
	if s.Demo != nil {
		engine.GET(demoArchive, func(c *gin.Context) { c.File(s.Demo.Archive) })
	}
}

// route registers a handler whose errors pass through handle.
func route[I, O any](s *Server, api huma.API, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.handle(ctx, op.OperationID, err)
		}
		return out, nil
	})
}

// body is an answer of JSON.
type body[T any] struct{ Body T }

func reply[T any](v T) *body[T] { return &body[T]{v} }

type none struct{}

func operation(method, path, id, summary string, more []func(*huma.Operation)) huma.Operation {
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	op := huma.Operation{
		Method: method, Path: prefix + path, OperationID: id, Summary: summary, Tags: []string{tag},
		MaxBodyBytes: 64 << 10, BodyReadTimeout: 10 * time.Second,
	}
	for _, change := range more {
		change(&op)
	}
	return op
}

func get(path, id, summary string, more ...func(*huma.Operation)) huma.Operation {
	return operation(http.MethodGet, path, id, summary, more)
}

func post(path, id, summary string, more ...func(*huma.Operation)) huma.Operation {
	return operation(http.MethodPost, path, id, summary, more)
}

func put(path, id, summary string, more ...func(*huma.Operation)) huma.Operation {
	return operation(http.MethodPut, path, id, summary, more)
}

func patch(path, id, summary string, more ...func(*huma.Operation)) huma.Operation {
	return operation(http.MethodPatch, path, id, summary, more)
}

func del(path, id, summary string, more ...func(*huma.Operation)) huma.Operation {
	return operation(http.MethodDelete, path, id, summary, more)
}

// answers describes an answer that is not JSON.
func answers(op *huma.Operation, schema *huma.Schema, types ...string) {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: schema}
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
}

// upTo lets an operation take a body of that size, over a slow line.
func upTo(bytes int64) func(*huma.Operation) {
	return func(op *huma.Operation) { op.MaxBodyBytes, op.BodyReadTimeout = bytes, 5*time.Minute }
}

func csvFile(op *huma.Operation) { answers(op, &huma.Schema{Type: huma.TypeString}, "text/csv") }

func exportFile(op *huma.Operation) {
	answers(op, &huma.Schema{Type: huma.TypeString}, "text/csv", "application/json")
}

func image(op *huma.Operation) {
	answers(op, &huma.Schema{Type: huma.TypeString, Format: "binary"}, mediaTypes...)
}

// handle turns an error into an answer: the kinds of package model into their
// statuses, what a server of the fediverse did into words, and anything else
// into a 500 whose cause is for the log alone.
func (s *Server) handle(ctx context.Context, operation string, err error) error {
	var ready huma.StatusError
	if errors.As(err, &ready) {
		return err
	}
	if ctx.Err() != nil { // the browser has gone
		return huma.Error503ServiceUnavailable("The request was cut off.")
	}
	if p := remote(err); p != nil {
		s.Log.Info("server did not help", "operation", operation, "error", err)
		return p
	}
	switch {
	case errors.Is(err, model.ErrNotFound):
		return huma.Error404NotFound("This does not exist, or it is not yours.")
	case errors.Is(err, model.ErrInvalid):
		return huma.Error422UnprocessableEntity(sentence(err))
	case errors.Is(err, model.ErrDenied):
		return huma.Error403Forbidden(sentence(err))
	case errors.Is(err, model.ErrConflict):
		return huma.Error409Conflict(sentence(err))
	case errors.Is(err, files.ErrFull):
		s.Log.Error("disk full", "operation", operation, "error", err)
		return huma.NewError(http.StatusInsufficientStorage, "This service has no room left for files. Its operator has been told; try again later.")
	}
	s.Log.Error("request failed", "operation", operation, "error", err)
	if !s.databaseAnswers(ctx) {
		return huma.Error503ServiceUnavailable(noDatabase)
	}
	return huma.Error500InternalServerError("Something went wrong on our side. Nothing is lost; try again in a moment.")
}

func notFound(err error) bool { return errors.Is(err, model.ErrNotFound) }

// list returns v, never nil: lists in answers are empty, never null.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// known returns nil for a time that is not known.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
