// Package repotest checks the repository itself: that imports point one way,
// that the compose file and the Dockerfile are what docs/operating.md promises,
// and that every setting is described there. It has tests only.
package repotest
