package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite openapi.json")

// openapi.json is what the page's types are made from: a change of the API shows
// in it.
func TestOpenAPIIsCommitted(t *testing.T) {
	got := newSite(t).browser(t).get("/openapi.json").want(200).body
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(got), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	const file = "openapi.json"
	if *update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Error("the API is not as openapi.json says: look at it, then go test ./api -run OpenAPI -update")
	}
	if !bytes.Contains(want, []byte(`"openapi": "3.1.0"`)) || bytes.Contains(want, []byte("$schema")) {
		t.Error("not OpenAPI 3.1, or with $schema in the bodies")
	}
}
