package repotest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const composeFile = "docker-compose.yml"

type composeProject struct {
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
}

type composeService struct {
	Build       string            `yaml:"build"`
	Image       string            `yaml:"image"`
	Profiles    []string          `yaml:"profiles"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Deploy      struct {
		Replicas int `yaml:"replicas"`
	} `yaml:"deploy"`
}

func compose(t *testing.T) composeProject {
	t.Helper()
	var p composeProject
	if err := yaml.Unmarshal([]byte(read(t, composeFile)), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeFileFitsTheSchema(t *testing.T) {
	f, err := os.Open("testdata/compose-spec.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	spec, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("compose-spec.json", spec); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("compose-spec.json")
	if err != nil {
		t.Fatal(err)
	}

	asJSON, err := yaml.YAMLToJSON([]byte(read(t, composeFile)))
	if err != nil {
		t.Fatal(err)
	}
	project, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(project); err != nil {
		t.Errorf("%s: %v", composeFile, err)
	}

	// A schema that accepts everything would prove nothing.
	project.(map[string]any)["services"].(map[string]any)["app"].(map[string]any)["prots"] = []any{"8080"}
	if schema.Validate(project) == nil {
		t.Error("the schema accepts a service with an unknown key")
	}
}

func TestComposeServices(t *testing.T) {
	p := compose(t)
	var alone, scaled []string
	for name, s := range p.Services {
		switch {
		case len(s.Profiles) == 0:
			alone = append(alone, name)
		case slices.Equal(s.Profiles, []string{"scale"}):
			scaled = append(scaled, name)
		default:
			t.Errorf("service %s has the profiles %q", name, s.Profiles)
		}
	}
	slices.Sort(scaled)
	if want := []string{"app"}; !slices.Equal(alone, want) {
		t.Errorf("started by default: %q, want %q", alone, want)
	}
	if want := []string{"api", "postgres", "redis", "worker"}; !slices.Equal(scaled, want) {
		t.Errorf("in profile scale: %q, want %q", scaled, want)
	}
	if got := p.Services["worker"].Deploy.Replicas; got != 2 {
		t.Errorf("%d workers, want 2", got)
	}
	redis := strings.Join(p.Services["redis"].Command, " ")
	if !strings.Contains(redis, "--maxmemory-policy noeviction") {
		t.Errorf("redis runs as %q: a Redis that evicts would drop tasks in silence", redis)
	}
}

// api and workers see the same database, the same Redis and the same files.
func TestComposeScaleShares(t *testing.T) {
	p := compose(t)
	api, worker := p.Services["api"], p.Services["worker"]
	for _, name := range []string{"SKEIN_DATABASE_URL", "SKEIN_REDIS_URL", "SKEIN_SECRET_KEY", "SKEIN_FILES", "SKEIN_PUBLIC_URL"} {
		if api.Environment[name] == "" || api.Environment[name] != worker.Environment[name] {
			t.Errorf("%s is %q for api and %q for worker", name, api.Environment[name], worker.Environment[name])
		}
	}
	mount := "files:" + api.Environment["SKEIN_FILES"]
	for name, s := range map[string]composeService{"api": api, "worker": worker} {
		if !slices.Contains(s.Volumes, mount) {
			t.Errorf("%s mounts %q, want %q among them", name, s.Volumes, mount)
		}
	}
	for name, s := range p.Services {
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := p.Volumes[volume]; !ok {
				t.Errorf("%s mounts %s, which is no named volume", name, v)
			}
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to the network on %s: that is the operator's choice", name, port)
			}
		}
	}
}

// Secrets come from the environment or from .env, which git ignores.
func TestComposeHoldsNoSecrets(t *testing.T) {
	var interpolated = regexp.MustCompile(`^\$\{[A-Z_]+:-\}$`)
	var password = regexp.MustCompile(`://[^/@:]*:([^@]*)@`)
	for name, s := range compose(t).Services {
		for key, value := range s.Environment {
			if regexp.MustCompile("SECRET|PASSWORD|TOKEN|KEY$").MatchString(key) && !interpolated.MatchString(value) {
				t.Errorf("%s: %s has its value in the file", name, key)
			}
			if m := password.FindStringSubmatch(value); m != nil && !interpolated.MatchString(m[1]) {
				t.Errorf("%s: %s has a password in the file", name, key)
			}
		}
	}
	if !slices.Contains(strings.Split(read(t, ".gitignore"), "\n"), ".env") {
		t.Error(".gitignore does not name .env")
	}
}

// An image is named by name and exact version, without a registry's host.
var pinned = regexp.MustCompile(`^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?$`)

func TestImagesArePinned(t *testing.T) {
	for name, s := range compose(t).Services {
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q has no exact version", name, s.Image)
		}
	}
	stages := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1)
	if len(stages) < 2 {
		t.Fatalf("the Dockerfile has %d stages; what builds should not be in the image", len(stages))
	}
	for _, stage := range stages {
		if stage[1] != "scratch" && !pinned.MatchString(stage[1]) {
			t.Errorf("Dockerfile: the image %q has no exact version", stage[1])
		}
	}
}

func TestImageRunsAsNobodyInParticular(t *testing.T) {
	_, final, _ := strings.Cut(read(t, "Dockerfile"), "FROM scratch")
	user := regexp.MustCompile(`(?m)^USER (\d+)`).FindStringSubmatch(final)
	if user == nil || user[1] == "0" {
		t.Errorf("the last stage runs as %q, want a user that is not root", user)
	}
	for _, want := range []string{"\nVOLUME /data", "\nHEALTHCHECK "} {
		if !strings.Contains(final, want) {
			t.Errorf("the last stage has no %q", strings.TrimSpace(want))
		}
	}
}

// The Go of the image is at least the one that go.mod asks for.
func TestImageHasTheGoOfTheModule(t *testing.T) {
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if want == nil || !strings.Contains(read(t, "Dockerfile"), "FROM golang:"+want[1]+".") {
		t.Errorf("go.mod asks for Go %q, the Dockerfile builds with another", want)
	}
}
