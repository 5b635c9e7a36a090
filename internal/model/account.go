package model

import "time"

// Account is a connected fediverse account of an Owner. Its token stays in the
// store and is handed out only to whoever acts for the Account.
type Account struct {
	ID          string
	OwnerID     string
	Address     Address
	Server      string // the host that speaks the API; on a split domain not that of the Address
	RemoteID    string // the account's id on its server; opaque text
	DisplayName string
	Avatar      string
	Software    string // NodeInfo software.name, lower case
	Version     string
	Scopes      []string
	Followers   int
	Following   int
	Locked      bool
	ConnectedAt time.Time
	RevokedAt   time.Time // zero while the token is believed to work
}

// SignUp says how one gets an account on a Server.
type SignUp string

// SignUpUnknown is a server that does not say.
const (
	SignUpUnknown  SignUp = ""
	SignUpOpen     SignUp = "open"
	SignUpApproval SignUp = "approval"
	SignUpClosed   SignUp = "closed"
)

// Server is a fediverse server with what it says of itself.
type Server struct {
	Host          string    `json:"host"`
	Title         string    `json:"title,omitempty"`
	Description   string    `json:"description,omitempty"`
	Languages     []string  `json:"languages,omitempty"`
	Categories    []string  `json:"categories,omitempty"`
	Region        string    `json:"region,omitempty"`
	Users         int       `json:"users,omitempty"`
	ActiveWeek    int       `json:"active_week,omitempty"`
	ActiveMonth   int       `json:"active_month,omitempty"`
	SignUp        SignUp    `json:"sign_up,omitempty"`
	Rules         []string  `json:"rules,omitempty"`
	Software      string    `json:"software,omitempty"`
	Version       string    `json:"version,omitempty"`
	MaxCharacters int       `json:"max_characters,omitempty"`
	Covenant      bool      `json:"covenant,omitempty"` // listed by joinmastodon.org, whose list requires the Server Covenant
	Source        string    `json:"source,omitempty"`
	FetchedAt     time.Time `json:"fetched_at,omitzero"`
}
