package api

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/skein-migrate/skein/frontend"
)

// Handler returns the whole site: the API, and the web app for all else. End
// the base context of the http.Server at a shutdown, so that event streams end.
func (s *Server) Handler() (http.Handler, error) {
	var err error
	if s.uploads, err = s.newUploads(); err != nil {
		return nil, err
	}
	s.sessions = s.newSessions()
	s.limits = newLimits(s.Now)
	engine, _ := s.engine()
	origins := http.NewCrossOriginProtection()
	if err := origins.AddTrustedOrigin(s.PublicURL); err != nil { // for proxies that change the Host
		return nil, err
	}
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusForbidden, "This request came from another site.")
	}))
	return s.outer(origins.Handler(s.withSession(engine))), nil
}

// engine returns the router with all routes, and their description.
func (s *Server) engine() (*gin.Engine, huma.API) {
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	// A proxy beside us, or in the same private network, says whom it speaks for.
	if err := engine.SetTrustedProxies([]string{"127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}); err != nil {
		panic(err) // they are written here
	}
	engine.Use(s.measure(), remember)
	config := huma.DefaultConfig("Skein", "1")
	config.Info.Description = "Moves people from Twitter/X to the fediverse, together with the people they follow."
	config.CreateHooks = nil // no $schema in every body
	config.DocsPath, config.SchemasPath = "", ""
	api := humagin.New(engine, config)
	s.routes(api)
	s.plain(engine)
	describePlain(api.OpenAPI())
	app := frontend.Handler()
	engine.NoRoute(func(c *gin.Context) {
		if isAPI(c.Request.URL.Path) {
			problem(c.Writer, http.StatusNotFound, "There is no such route.")
			return
		}
		c.Status(http.StatusOK) // gin says 404 before the app has answered
		app.ServeHTTP(c.Writer, c.Request)
	})
	engine.NoMethod(func(c *gin.Context) {
		problem(c.Writer, http.StatusMethodNotAllowed, "This route does not take this method.")
	})
	return engine, api
}

func isAPI(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/oauth/")
}

// outer sets the headers of answers that are not the web app's, which sets its
// own, and answers a panic.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.Log.Error("panic", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				problem(w, http.StatusInternalServerError, "Something went wrong on our side. Nothing is lost; try again in a moment.")
			}
		}()
		if isAPI(r.URL.Path) {
			h := w.Header()
			h.Set("Cache-Control", "no-store")
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
		}
		next.ServeHTTP(w, r)
	})
}

// withSession loads the session where one is needed: not for the files of the
// web app, nor for health or the public registry.
func (s *Server) withSession(next http.Handler) http.Handler {
	loaded := s.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r.URL.Path) && r.URL.Path != registryPath {
			loaded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sessionLife is how long a browser is remembered after its last visit.
const sessionLife = 60 * 24 * time.Hour

func (s *Server) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Store.Sessions()
	m.Lifetime = sessionLife
	m.HashTokenInStore = true
	m.Cookie.Name = "skein"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	if strings.HasPrefix(s.PublicURL, "https://") {
		m.Cookie.Name, m.Cookie.Secure = "__Host-skein", true
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if !errors.Is(err, context.Canceled) {
			s.Log.Error("session failed", "error", err)
		}
		if strings.HasPrefix(r.URL.Path, CallbackPath+"/") || r.URL.Path == XCallbackPath { // a person looks at it, not the page's code
			http.Redirect(w, r, "/?error="+failedDatabase, http.StatusSeeOther)
			return
		}
		problem(w, http.StatusServiceUnavailable, noDatabase)
	}
	return m
}

type clientKey struct{}

// remember puts the address of whoever asks into the context, for the limits.
func remember(c *gin.Context) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), clientKey{}, c.ClientIP()))
}

func clientIP(ctx context.Context) string {
	ip, _ := ctx.Value(clientKey{}).(string)
	return ip
}
