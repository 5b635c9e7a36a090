package repotest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/skein-migrate/skein"
)

// A goFile is a Go file of the repository and what it imports. It is read, not
// built: so build tags and broken code elsewhere make no difference.
type goFile struct {
	Path     string // from the top of the repository
	Package  string // its folder, from the top of the repository
	Name     string // as the package clause says
	Test     bool
	External bool // a test in a _test package
	Imports  []goImport
}

type goImport struct {
	Path string
	Line int
}

// goFiles reads all Go files of the module: no other module, no testdata, no
// folder that the go command passes over.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && passedOver(path, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		f, err := readGoFile(path)
		if err == nil {
			files = append(files, f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func passedOver(path, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || slices.Contains([]string{"testdata", "node_modules", "vendor"}, name) {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

func readGoFile(path string) (goFile, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
	if err != nil {
		return goFile{}, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return goFile{}, err
	}
	rel = filepath.ToSlash(rel)
	test := strings.HasSuffix(rel, "_test.go")
	f := goFile{
		Path: rel, Package: filepath.ToSlash(filepath.Dir(rel)), Name: parsed.Name.Name,
		Test: test, External: test && strings.HasSuffix(parsed.Name.Name, "_test"),
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, err
		}
		f.Imports = append(f.Imports, goImport{imported, fset.Position(spec.Pos()).Line})
	}
	return f, nil
}

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// table returns the rows of the Markdown table with the given headings.
func table(t *testing.T, name string, headings ...string) [][]string {
	t.Helper()
	var rows [][]string
	inside := false
	for _, line := range strings.Split(read(t, name), "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			inside = false
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case slices.Equal(cells, headings):
			inside = true
		case inside && len(cells) != len(headings):
			t.Fatalf("%s: a row with %d cells in a table of %d: %s", name, len(cells), len(headings), line)
		case inside && strings.Trim(cells[0], "-:") != "":
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table with the headings %q", name, headings)
	}
	return rows
}

var backticks = regexp.MustCompile("`([^`]+)`")

// quoted returns what stands in backticks in text.
func quoted(text string) []string {
	var all []string
	for _, m := range backticks.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}
