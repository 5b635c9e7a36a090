package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestRunExitCodes(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"help", []string{"--help"}, 0},
		{"help of a verb", []string{"inspect", "--help"}, 0},
		{"version", []string{"version"}, 0},
		{"no verb", nil, 2},
		{"unknown verb", []string{"fly"}, 2},
		{"missing file", []string{"inspect", "/nonexistent/archive.zip"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(context.Background(), tt.args); got != tt.want {
				t.Errorf("skein %v exits %d, want %d", tt.args, got, tt.want)
			}
		})
	}
}

// Whoever reads our output may stop at any time: then nothing of the archive
// stays behind.
func TestNobodyReadsOn(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "archive.zip")
	if code := run(t.Context(), []string{"sample", "--out", archive, "--tweets", "200", "--media-bytes", "0"}); code != 0 {
		t.Fatalf("sample exits %d", code)
	}
	left := filepath.Join(dir, "left")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", left)
	t.Setenv("SKEIN_DATA", filepath.Join(dir, "data"))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	if code := run(t.Context(), []string{"posts", "--json", archive}); code != 141 {
		t.Errorf("exit code %d, want 141", code)
	}
	if found, err := os.ReadDir(left); err != nil || len(found) > 0 {
		t.Errorf("left behind: %v %v", found, err)
	}
}
