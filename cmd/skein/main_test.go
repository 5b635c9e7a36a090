package main

import (
	"context"
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
