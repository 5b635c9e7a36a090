//go:build !torture || !linux

package store

// failPoint is a place around a commit at which make torture ends the process;
// see failpoint_torture.go. In every other build there is nothing here.
func failPoint(string) {}
