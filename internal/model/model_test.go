package model_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/skein-migrate/skein/internal/model"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		name, in string
		want     model.Address
		wantErr  error
	}{
		{name: "leading at, capital host", in: "@ada@Example.Social", want: model.Address{User: "ada", Host: "example.social"}},
		{name: "acct", in: "acct:ada@example.social", want: model.Address{User: "ada", Host: "example.social"}},
		{name: "dot in user", in: "ada.b@mas.to", want: model.Address{User: "ada.b", Host: "mas.to"}},
		{name: "host without a dot", in: "ada@localhost", wantErr: model.ErrInvalid},
		{name: "port", in: "ada@example.social:8080", wantErr: model.ErrInvalid},
		{name: "IPv4 literal", in: "ada@127.0.0.1", wantErr: model.ErrInvalid},
		{name: "IPv4 in hexadecimal", in: "ada@0x7f.0x0.0x0.0x1", wantErr: model.ErrInvalid},
		{name: "hexadecimal end", in: "ada@127.0.0.0x", wantErr: model.ErrInvalid},
		{name: "no hexadecimal end", in: "ada@a.0xyz", want: model.Address{User: "ada", Host: "a.0xyz"}},
		{name: "IPv6 literal", in: "ada@[::1]", wantErr: model.ErrInvalid},
		{name: "no user", in: "@example.social", wantErr: model.ErrInvalid},
		{name: "two hosts", in: "a@b.c@d.e", wantErr: model.ErrInvalid},
		{name: "path", in: "ada@example.social/x", wantErr: model.ErrInvalid},
		{name: "formula", in: "=cmd@example.social", wantErr: model.ErrInvalid},
		{name: "label ends with dash", in: "ada@ex-.social", wantErr: model.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := model.ParseAddress(tt.in)
			if got != tt.want || !errors.Is(err, tt.wantErr) {
				t.Errorf("ParseAddress(%q) = %v, %v; want %v, %v", tt.in, got, err, tt.want, tt.wantErr)
			}
		})
	}
}

// An address that parses is printed as text that parses to the same address,
// and so does its JSON.
func FuzzParseAddress(f *testing.F) {
	f.Add("ada@example.social")
	f.Add("@a@xn--bcher-kva.example")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := model.ParseAddress(s)
		if err != nil {
			return
		}
		if again, _ := model.ParseAddress(a.String()); again != a {
			t.Errorf("%q parsed to %v, printed and parsed again to %v", s, a, again)
		}
		b, _ := json.Marshal(a)
		var back model.Address
		if err := json.Unmarshal(b, &back); err != nil || back != a {
			t.Errorf("%v became %s became %v, %v", a, b, back, err)
		}
	})
}

func TestParseTwitterID(t *testing.T) {
	for in, ok := range map[string]bool{"12": true, "1494877848087187461": true, "-1": false, "": false, "0": false, "1e5": false} {
		if _, err := model.ParseTwitterID(in); (err == nil) != ok {
			t.Errorf("ParseTwitterID(%q): %v", in, err)
		}
	}
}

func TestTweetKind(t *testing.T) {
	rt := model.Tweet{ID: "2", Text: "RT @ada: hello"}
	if !rt.IsRetweet() || (model.Tweet{Text: "RT @ada hello"}).IsRetweet() {
		t.Error("a retweet is the text RT @name: and nothing else")
	}
	edited := model.Tweet{ID: "1", EditIDs: []string{"1", "3"}}
	if edited.FinalID() != "3" || rt.FinalID() != "2" {
		t.Error("the final id is the last of the versions")
	}
}
