package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/xapi"
	"github.com/skein-migrate/skein/internal/xsim"
)

// newSiteWithX is a site whose operator lets people sign in with X.
func newSiteWithX(t testing.TB) (*site, *xsim.Sim) {
	t.Helper()
	var sim *xsim.Sim
	s := newSite(t, func(s *api.Server) {
		sim = xsim.New(xsim.Options{ClientID: "id", ClientSecret: "secret", RedirectURI: s.PublicURL + api.XCallbackPath})
		t.Cleanup(sim.Close)
		var err error
		s.X, err = xapi.New(xapi.Options{API: sim.URL, ClientID: "id", ClientSecret: "secret", RedirectURI: s.PublicURL + api.XCallbackPath})
		if err != nil {
			t.Fatal(err)
		}
	})
	sim.Add(xsim.User{ID: "12", Username: "ada"}, xsim.User{ID: "13", Username: "other"})
	return s, sim
}

func (m mover) xSignIn() string {
	m.t.Helper()
	return m.post("/api/v1/moves/"+m.move+"/x-sign-in", nil).authorizeURL()
}

// allowX presses the button on X's page and returns where the browser is sent.
func (m mover) allowX(at, user, decision string) string {
	m.t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		m.t.Fatal(err)
	}
	form := u.Query()
	form.Set("user", user)
	form.Set("decision", decision)
	u.RawQuery = ""
	a := m.send(http.MethodPost, u.String(), strings.NewReader(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	return a.want(http.StatusFound).header.Get("Location")
}

func TestSignInWithX(t *testing.T) {
	s, sim := newSiteWithX(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	ada.agree(map[string]any{"inside": true}).want(200)
	if v := read[api.RegistryEntries](ada.get(ada.path())); !v.XSignIn || v.SignedInAs != "" {
		t.Errorf("before: %+v", v)
	}
	if back := ada.get(ada.allowX(ada.xSignIn(), "12", "allow")).location(); back != "/m/"+ada.move+"/done?x=1" {
		t.Fatalf("back to %s", back)
	}
	v := read[api.RegistryEntries](ada.get(ada.path()))
	if v.SignedInAs != "ada" || v.Entries[0].Proof != "both" {
		t.Errorf("after: %+v", v)
	}
	if n := sim.Tokens(); n != 0 || sim.Count("POST /2/oauth2/revoke") != 1 {
		t.Errorf("%d tokens are left", n)
	}
	found, err := s.Store.RegistryEvidence(t.Context(), "99", []model.Person{{ID: "p", TwitterID: "12", Archived: true}})
	if err != nil || len(found["p"]) != 2 {
		t.Errorf("evidence: %v, %v", found, err)
	}
	if strings.Contains(s.log.String(), "token1") || strings.Contains(s.log.String(), "code1") {
		t.Errorf("the log tells: %s", s.log)
	}
}

func TestSignInWithXGoesWrong(t *testing.T) {
	s, sim := newSiteWithX(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	done := "/m/" + ada.move + "/done"
	if back := ada.get(ada.allowX(ada.xSignIn(), "12", "deny")).location(); back != done+"?error=access_denied" {
		t.Errorf("refused: back to %s", back)
	}
	if back := ada.get(ada.allowX(ada.xSignIn(), "13", "allow")).location(); back != done+"?error=x_other" {
		t.Errorf("as somebody else: back to %s", back)
	}
	came := ada.allowX(ada.xSignIn(), "12", "allow")
	sim.Fault(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	if back := ada.get(came).location(); back != done+"?error=server" {
		t.Errorf("X is down: back to %s", back)
	}
	sim.Fault(nil)
	if back := ada.get(came).location(); back != "/?error=state" {
		t.Errorf("a state that was used: back to %s", back)
	}
	if v := read[api.RegistryEntries](ada.get(ada.path())); v.SignedInAs != "" {
		t.Errorf("signed in: %+v", v)
	}
	if sim.Tokens() != 0 {
		t.Errorf("%d tokens are left", sim.Tokens())
	}
}

// A state belongs to the browser that began, and to X.
func TestXStateIsBound(t *testing.T) {
	s, _ := newSiteWithX(t)
	ada, eve := s.mover(t, "12", "ada", "ada@tusk.example"), s.mover(t, "12", "ada", "eve@tusk.example")
	if back := eve.get(ada.allowX(ada.xSignIn(), "12", "allow")).location(); back != "/?error=state" {
		t.Errorf("in another browser: back to %s", back)
	}
	// X's state at a fediverse server's way back, and the other way round.
	for _, host := range []string{"tusk.example", "x"} {
		came, err := url.Parse(ada.allowX(ada.xSignIn(), "12", "allow"))
		if err != nil {
			t.Fatal(err)
		}
		if back := ada.get("/oauth/callback/" + host + "?" + came.RawQuery).location(); back != "/?error=state" {
			t.Errorf("at %s: back to %s", host, back)
		}
	}
	fediverse, err := url.Parse(ada.allow(ada.connect(ada.move, "tusk.example").authorizeURL(), "allow"))
	if err != nil {
		t.Fatal(err)
	}
	if back := ada.get("/oauth/x?" + fediverse.RawQuery).location(); back != "/?error=state" {
		t.Errorf("a server's state at X's way back: %s", back)
	}
}

func TestNoSignInWithX(t *testing.T) {
	s := newSite(t)
	ada := s.mover(t, "12", "ada", "ada@tusk.example")
	if v := read[api.RegistryEntries](ada.get(ada.path())); v.XSignIn {
		t.Error("the page is told that one can sign in with X")
	}
	ada.post("/api/v1/moves/"+ada.move+"/x-sign-in", nil).want(http.StatusForbidden)
	if back := ada.get("/oauth/x?state=s&code=c").location(); back != "/?error=state" {
		t.Errorf("back to %s", back)
	}
}
