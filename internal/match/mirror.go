package match

import "github.com/skein-migrate/skein/internal/model"

func isMirror(host string) bool { return model.MirrorOf(host) != model.NoMirror }
