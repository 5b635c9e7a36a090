package repotest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	architecture = "docs/architecture.md"
	simulator    = "internal/fedisim"
)

// A rule is one row of the table in docs/architecture.md.
type rule struct {
	may     []string
	because string
}

func (r rule) allows(path string) bool {
	return slices.Contains(r.may, "*") || slices.Contains(r.may, path)
}

// Who may import whom stands in docs/architecture.md, with the reason.
func TestImportsPointOneWay(t *testing.T) {
	rules := importRules(t)
	seen := map[string]bool{}
	for _, f := range goFiles(t) {
		seen[f.Package] = true
		r, ok := rules[f.Package]
		if !ok {
			t.Errorf("%s: package %s has no row in the table of %s: add one that says what it may import and why", f.Path, f.Package, architecture)
			rules[f.Package] = rule{may: []string{"*"}}
			continue
		}
		for _, imp := range f.Imports {
			target, ours := strings.CutPrefix(imp.Path, module+"/")
			if !ours || f.External || r.allows(target) && target != simulator {
				continue
			}
			if target == simulator {
				if f.Package != "cmd/skein" {
					t.Errorf("%s:%d imports %s, which is for cmd/skein and for tests in a _test package only: code shared with the simulator would hide the client's mistakes", f.Path, imp.Line, target)
				}
				continue
			}
			t.Errorf("%s:%d imports %s. %s may import %s, because %s. Move the type that both need to the lower package, or change the table in %s.",
				f.Path, imp.Line, target, f.Package, orNothing(r.may), r.because, architecture)
		}
	}
	for path := range rules {
		if !seen[path] {
			t.Errorf("%s has a row for %s, but there is no such package", architecture, path)
		}
	}
}

// Modules of others that have one home.
func TestModulesStayAtHome(t *testing.T) {
	type home struct {
		module  string
		only    []string
		because string
	}
	var homes []home
	for _, row := range table(t, architecture, "import", "only in", "because") {
		for _, m := range quoted(row[0]) {
			homes = append(homes, home{m, quoted(row[1]), row[2]})
		}
	}
	for _, f := range goFiles(t) {
		if f.Test {
			continue
		}
		for _, imp := range f.Imports {
			for _, h := range homes {
				if within(imp.Path, h.module) && !slices.Contains(h.only, f.Package) {
					t.Errorf("%s:%d imports %s. Only %s may, because %s (%s).", f.Path, imp.Line, imp.Path, strings.Join(h.only, " and "), h.because, architecture)
				}
			}
		}
	}
}

// The pure packages take values and return values.
func TestPurePackagesDoNoIO(t *testing.T) {
	var pure, not []string
	for _, line := range strings.Split(read(t, architecture), "\n") {
		if packages, imports, ok := strings.Cut(line, " import neither "); ok && strings.HasPrefix(line, "The pure packages") {
			imports, _, _ = strings.Cut(imports, ":")
			pure, not = quoted(packages), quoted(imports)
		}
	}
	if len(pure) == 0 || len(not) == 0 {
		t.Fatalf("%s no longer says what the pure packages do not import", architecture)
	}
	for _, f := range goFiles(t) {
		if f.Test || !slices.Contains(pure, f.Package) {
			continue
		}
		for _, imp := range f.Imports {
			if slices.Contains(not, imp.Path) {
				t.Errorf("%s:%d imports %s, but %s is pure: let the caller bring it", f.Path, imp.Line, imp.Path, f.Package)
			}
		}
	}
}

func TestPackagesHaveNames(t *testing.T) {
	nameless := []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}
	for _, f := range goFiles(t) {
		for _, part := range append(strings.Split(f.Package, "/"), f.Name) {
			if slices.Contains(nameless, part) {
				t.Errorf("%s: %q says nothing about what is in it: a helper lives with its user or earns a name", f.Path, part)
			}
		}
	}
}

// importRules reads the table of docs/architecture.md, by package.
func importRules(t *testing.T) map[string]rule {
	t.Helper()
	rules := map[string]rule{}
	for _, row := range table(t, architecture, "package", "may import", "because") {
		names := quoted(row[0])
		if len(names) != 1 || row[2] == "" {
			t.Fatalf("%s: the row %q needs one package and a reason", architecture, row)
		}
		rules[names[0]] = rule{may: quoted(row[1]), because: row[2]}
	}
	return rules
}

// within tells whether path is the module or lies in it, whatever its major version.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing of ours"
	}
	return fmt.Sprintf("%s only", strings.Join(names, ", "))
}
