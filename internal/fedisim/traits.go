package fedisim

import (
	"strconv"
	"strings"
	"time"
)

// family is a group of server programs that behave alike.
type family int

const (
	mastodon family = iota
	gotosocial
	snac
	pleroma
	pixelfed
	unknown // speaks something like Mastodon 4.0 and keeps no promise
)

// traits is what a server program does, by its name and version.
type traits struct {
	software, version string
	family            family
	major, minor      int

	maxCharacters, maxMedia int
	imageSize, videoSize    int64
	visibility              string
	acceptDelay             time.Duration
	idempotency             time.Duration // how long keys are remembered; 0: ignored
	keysOfAll               bool          // keys of different accounts are not told apart
}

const mib = 1 << 20

func traitsOf(software, version string) traits {
	t := traits{
		software: strings.ToLower(software), version: version,
		maxCharacters: 500, maxMedia: 4, imageSize: 16 * mib, videoSize: 99 * mib, visibility: "public",
	}
	or(&t.software, "mastodon")
	switch t.software {
	case "mastodon", "hometown", "glitch":
		t.family, t.idempotency = mastodon, time.Hour
		or(&t.version, "4.5.3")
	case "gotosocial":
		t.family = gotosocial
		t.maxCharacters, t.maxMedia, t.imageSize, t.videoSize = 5000, 6, 40*mib, 40*mib
		t.visibility, t.acceptDelay = "unlisted", 1500*time.Millisecond
		or(&t.version, "0.20.3")
	case "snac":
		t.family, t.maxCharacters = snac, 100000
		or(&t.version, "2.94")
	case "pleroma", "akkoma":
		t.family, t.maxCharacters, t.maxMedia = pleroma, 5000, 16
		t.idempotency = 6 * time.Hour
		or(&t.version, "2.9.1")
	case "pixelfed":
		t.family, t.maxMedia, t.imageSize = pixelfed, 10, 15*mib
		or(&t.version, "0.12.5")
	default:
		t.family = unknown
		or(&t.version, "1.0.0")
	}
	t.major, t.minor = majorMinor(t.version)
	t.keysOfAll = t.software == "pleroma" && !t.atLeast(2, 6)
	return t
}

func (t traits) atLeast(major, minor int) bool {
	return t.major > major || t.major == major && t.minor >= minor
}

// modern tells whether this is a Mastodon of at least that version.
func (t traits) modern(major, minor int) bool {
	return t.family == mastodon && t.atLeast(major, minor)
}

// apiVersion is what stands under api_versions.mastodon.
func (t traits) apiVersion() int {
	switch {
	case !t.modern(4, 3):
		return 0
	case t.modern(4, 6):
		return 10
	case t.modern(4, 5):
		return 7
	case t.modern(4, 4):
		return 6
	}
	return 2
}

// shown is the version that the Mastodon API gives; programs other than
// Mastodon claim to be one.
func (t traits) shown() string {
	switch t.family {
	case snac:
		return "4.0.0 (not true; really snac/" + t.version + ")"
	case pleroma:
		return "2.7.2 (compatible; " + strings.ToUpper(t.software[:1]) + t.software[1:] + " " + t.version + ")"
	case pixelfed:
		return "3.5.3 (compatible; Pixelfed " + t.version + ")"
	}
	return t.version
}

func majorMinor(version string) (major, minor int) {
	parts := strings.SplitN(version, ".", 3)
	major, _ = strconv.Atoi(parts[0])
	if len(parts) > 1 {
		digits := strings.IndexFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' })
		if digits >= 0 {
			parts[1] = parts[1][:digits]
		}
		minor, _ = strconv.Atoi(parts[1])
	}
	return major, minor
}
