package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	operating = "docs/operating.md"
	configDir = "internal/config"
)

// A setting is a field of config.Config with its env tag.
type setting struct{ Name, Default string }

// settings reads the env tags of internal/config.
func settings(t *testing.T) []setting {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, configDir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []setting
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			tag, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get("env"), ",")
			if name != "" && name != "-" {
				all = append(all, setting{name, reflect.StructTag(tag).Get("envDefault")})
			}
			return true
		})
	}
	if len(all) == 0 {
		t.Fatalf("%s has no env tags", configDir)
	}
	return all
}

// Each setting has a row in docs/operating.md, with its default where it has one.
func TestEverySettingIsDescribed(t *testing.T) {
	rows := map[string][]string{}
	for _, row := range table(t, operating, "setting", "unless set", "what it does") {
		for _, name := range quoted(row[0]) {
			rows[name] = row
		}
	}
	known := map[string]bool{}
	for _, s := range settings(t) {
		known[s.Name] = true
		row, ok := rows[s.Name]
		if !ok {
			t.Errorf("%s does not describe %s", operating, s.Name)
			continue
		}
		if s.Default != "" && (len(quoted(row[1])) == 0 || quoted(row[1])[0] != s.Default) {
			t.Errorf("%s says that %s is %s unless set; in %s it is `%s`", operating, s.Name, row[1], configDir, s.Default)
		}
	}
	for name := range rows {
		if !known[name] {
			t.Errorf("%s describes %s, which %s does not have", operating, name, configDir)
		}
	}
}

// A misspelt name in a file would be a setting that silently does nothing.
func TestFilesNameRealSettings(t *testing.T) {
	known := map[string]bool{"SKEIN_URL": true} // of the browser tests
	for _, s := range settings(t) {
		known[s.Name] = true
	}
	for _, name := range []string{composeFile, "Dockerfile", "Makefile", "README.md", operating, architecture, "scripts/e2e.sh", "scripts/test.sh"} {
		for _, found := range regexp.MustCompile(`\bSKEIN_[A-Z_]+`).FindAllString(read(t, name), -1) {
			if !known[found] {
				t.Errorf("%s names %s, which is no setting", name, found)
			}
		}
	}
}
