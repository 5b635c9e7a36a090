package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("# ours\r\nCompany.example\nhttps://bücher.example/\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := readHosts(hosts)
	if err != nil || len(known) != 2 || !known["company.example"] || !known["xn--bcher-kva.example"] {
		t.Fatalf("known hosts: %v, %v", known, err)
	}
	tests := []struct{ name, in, out, problems string }{
		{"all fields", `{"id":"1","name":"@a@mas.to","bio":"b@mastodon.social <b> ","location":"mas.to/@c","urls":["https://mas.to/@d"],"pinned":"e at mas dot to","more":[1]}`,
			`{"id":"1","found":[{"address":"b@mastodon.social","form":"bare"},{"address":"a@mas.to","form":"handle"},{"address":"c@mas.to","form":"url"},{"address":"e@mas.to","form":"spelled"},{"address":"d@mas.to","form":"url"}]}`, ""},
		{"nothing", `{"id":7,"bio":"cats"}`, `{"id":7,"found":[]}`, ""},
		{"known host", `{"id":"1","bio":"ada@company.example"}`, `{"id":"1","found":[{"address":"ada@company.example","form":"bare"}]}`, ""},
		{"unknown host", `{"id":"1","bio":"ada@firm.example"}`, `{"id":"1","found":[]}`, ""},
		{"role", `{"id":"1","bio":"moved to @ada@mas.to"}`, `{"id":"1","found":[{"address":"ada@mas.to","form":"handle","role":"moved-to"}]}`, ""},
		{"objects", `{"id":"1","urls":{"expanded_url":"https://mas.to/@a"},"pinned":[{"full_text":"@b@mas.to"},null,3]}`,
			`{"id":"1","found":[{"address":"b@mas.to","form":"handle"},{"address":"a@mas.to","form":"url"}]}`, ""},
		{"nulls, byte order mark, no id", "\ufeff" + `{"bio":null,"urls":null}` + "\r", `{"id":null,"found":[]}`, ""},
		{"a broken line among others", "{\"id\":1}\n\n{\"id\":\n[]\n{\"id\":2}", "{\"id\":1,\"found\":[]}\n{\"id\":2,\"found\":[]}",
			"skein: line 3: unexpected end of JSON input\nskein: line 4: not a JSON object"},
		{"a wrong type", `{"id":1,"bio":[]}`, "", "skein: line 1: json: cannot unmarshal array into Go struct field profileLine.bio of type string"},
		{"a long line", `{"id":1,"bio":"` + strings.Repeat("a", longestProfile) + "\"}\n{\"id\":2}", `{"id":2,"found":[]}`, "skein: line 1: longer than 1048576 bytes"},
		{"empty", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, problems bytes.Buffer
			err := addressesCommand{JSON: true}.read(context.Background(), strings.NewReader(tt.in), &out, &problems, known)
			if got := strings.TrimSpace(out.String()); got != tt.out {
				t.Errorf("printed\n%s\nwant\n%s", got, tt.out)
			}
			if got := strings.TrimSpace(problems.String()); got != tt.problems || (err != nil) != (tt.problems != "") {
				t.Errorf("problems %q, %v; want %q", got, err, tt.problems)
			}
		})
	}
}

func TestAddressesNoSuchFile(t *testing.T) {
	if code := run(context.Background(), []string{"addresses", "--json", "--known-hosts", filepath.Join(t.TempDir(), "none")}); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}
