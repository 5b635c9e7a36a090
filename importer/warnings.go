package importer

import (
	"fmt"
	"slices"
)

// warnings collects what is wrong with an archive, a limited number per file.
type warnings struct {
	list []Warning
	per  map[string]int
	max  int
}

func (w *warnings) add(file, format string, args ...any) {
	if w.per[file]++; w.per[file] <= w.max {
		w.list = append(w.list, Warning{File: file, Message: fmt.Sprintf(format, args...)})
	}
}

// all returns the warnings, with the number of those left out after each file's.
func (w *warnings) all() []Warning {
	out := make([]Warning, 0, len(w.list))
	seen := map[string]int{}
	for _, one := range w.list {
		out = append(out, one)
		seen[one.File]++
		if more := w.per[one.File] - w.max; more > 0 && seen[one.File] == w.max {
			out = append(out, Warning{File: one.File, Message: fmt.Sprintf("and %d more", more)})
		}
	}
	return slices.Clip(out)
}
