package fedisim

import "time"

// Config describes a server. Only Host has to be set; limits of size that are
// zero are those of the software.
type Config struct {
	Host          string // public name, as in https://Host/
	AccountDomain string // the part after user@, if it is another one (a split domain)
	HostMeta      bool   // with AccountDomain: it points to Host by host-meta alone, not by a redirect
	Software      string // NodeInfo software.name: mastodon (if unset), gotosocial, snac, pleroma, akkoma, pixelfed …
	Version       string // the newest known one if unset

	Title, Description string
	Languages          []string
	Registrations      string // open (if unset), approval or closed
	Rules              []string
	Users, ActiveMonth int // added to the accounts that exist

	MaxCharacters, MaxMedia, DescriptionLimit int
	ImageSizeLimit, VideoSizeLimit            int64
	DefaultVisibility                         string // unlisted on gotosocial, else public

	BackdatingOff bool // GoToSocial's instance-allow-backdating-statuses: false
	SecureMode    bool // unsigned requests for actors are refused; always so on gotosocial
	APINeedsToken bool // the API is closed to strangers; always so on gotosocial
	DirectoryOff  bool
	PeersOff      bool
	Blocks        []Block
	ShowBlocks    string // who may see Blocks: nobody (if unset), "users" or "all"

	Limits   map[string]Limit // instead of the software's, by name; Max 0 switches one off
	NoLimits bool

	// AcceptDelay is how long an open account takes to accept a follow. If it
	// is 0, that is at once, but 1.5 s where GoToSocial asks.
	AcceptDelay     time.Duration
	MediaProcessing time.Duration // of video and audio on Mastodon; 2 s if unset
	FollowLimit     int           // Mastodon's 7,500 if unset

	Down bool // from the start; see Server.SetDown
}

// Block is a domain block as a server may publish it.
type Block struct {
	Domain   string
	Severity string // suspend (if unset) or silence
	Comment  string
	Obscured bool // the name is published with stars in it; the digest is not
}

func (c Config) withDefaults() Config {
	t := traitsOf(c.Software, c.Version)
	c.Software, c.Version = t.software, t.version
	or(&c.AccountDomain, c.Host)
	or(&c.Title, c.Host)
	or(&c.Registrations, "open")
	or(&c.MaxCharacters, t.maxCharacters)
	or(&c.MaxMedia, t.maxMedia)
	or(&c.DescriptionLimit, 1500)
	or(&c.ImageSizeLimit, t.imageSize)
	or(&c.VideoSizeLimit, t.videoSize)
	or(&c.DefaultVisibility, t.visibility)
	or(&c.AcceptDelay, t.acceptDelay)
	or(&c.MediaProcessing, 2*time.Second)
	or(&c.FollowLimit, 7500)
	c.SecureMode = c.SecureMode || t.family == gotosocial
	c.APINeedsToken = c.APINeedsToken || t.family == gotosocial
	return c
}

// or sets what p points to unless it is set.
func or[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}
