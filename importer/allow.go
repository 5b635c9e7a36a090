package importer

import (
	"path"
	"regexp"
	"strings"
)

// AllowedPattern is the allow-list of entry names, to be matched after the top
// folders were taken off (see RootPattern). It is written so that Go and
// JavaScript read it alike; the page's sifter repeats it word for word, and
// testdata/allowed.txt holds names that both must judge the same.
//
// Kept are the owner's account and profile, the manifest, the people the owner
// follows, is followed by, blocks and mutes, tweets under both names, long
// tweets, likes (only counted), list names, the times in which the account was
// private, and files of tweets. Every .js may come in parts. Of archives made
// before 2019 these are the files of months and what describes them. Not kept, among
// all others: direct messages, deleted-*, community-*, tweet-headers, e-mail,
// phone, IP, device, contact and advertising files.
const AllowedPattern = `^(?:data/)?(?:` +
	`(?:account|profile|manifest|following|follower|block|mute|tweets?|note-tweet|like|lists-(?:created|member|subscribed)|protected-history)(?:-part[0-9]{1,5})?\.js` +
	`|js/(?:user_details|payload_details|tweet_index|tweets/[0-9]{4}_[0-9]{2})\.js` +
	`|tweets?_media/[0-9]{1,20}-[A-Za-z0-9_.-]{1,120}\.(?:jpg|jpeg|png|gif|mp4)` +
	`)$`

// RootPattern finds the top folders in an entry name: group 1. Names that begin
// with "__MACOSX/" are left out first. Of all prefixes found in an archive the
// one with the fewest slashes is its root, and of those the first by bytes.
const RootPattern = `^((?:[^/]+/){0,3}?)(?:data/)?(?:` +
	`(?:account|manifest|following|follower|tweets?)(?:-part[0-9]{1,5})?\.js` +
	`|js/(?:user_details|tweets/[0-9]{4}_[0-9]{2})\.js` +
	`|tweets?_media/[0-9]{1,20}-[A-Za-z0-9_.-]{1,120}\.(?:jpg|jpeg|png|gif|mp4)` +
	`)$`

var (
	allowed  = regexp.MustCompile(AllowedPattern)
	rootOf   = regexp.MustCompile(RootPattern)
	keptFile = regexp.MustCompile(`^(?:data/)?([a-z-]+?)(?:-part([0-9]{1,5}))?\.js$`)
	// copies of kept files as file managers name them: "like copy.js", "tweets (1).js"
	copied = regexp.MustCompile(`^(?:data/)?(following|follower|block|mute|tweets?|note-tweet|like)(?:-part[0-9]{1,5})?(?: copy(?: [0-9]+)?| ?\([0-9]+\))\.js$`)
)

// Allowed tells whether an entry may be read or sent: whether its name, without
// top folders, matches AllowedPattern.
func Allowed(entryName string) bool {
	folder, base := path.Split(entryName)
	switch folder { // most entries, and dear to match
	case "data/tweets_media/", "data/tweet_media/", "tweets_media/", "tweet_media/":
		return isMediaBase(base)
	}
	return allowed.MatchString(entryName)
}

// isMediaBase tells what AllowedPattern says of names in a media folder.
func isMediaBase(base string) bool {
	id, rest, ok := strings.Cut(base, "-")
	dot := strings.LastIndexByte(rest, '.')
	if !ok || len(id) < 1 || len(id) > 20 || dot < 1 || dot > 120 || strings.Trim(id, "0123456789") != "" {
		return false
	}
	for _, c := range []byte(rest[:dot]) {
		if c != '_' && c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	switch rest[dot+1:] {
	case "jpg", "jpeg", "png", "gif", "mp4":
		return true
	}
	return false
}

// Root returns the top folders that all names of an archive share, such as
// "twitter-2023/", by the rule of RootPattern; ok is false if no name belongs
// to an archive. More than one archive may be found: others are their roots.
func Root(names []string) (root string, others []string, ok bool) {
	seen := map[string]bool{}
	inside := "" // the folder of the media file before
	for _, name := range names {
		folder, base := path.Split(name)
		if isMacJunk(name) || folder == inside && isMediaBase(base) {
			continue
		}
		if isMediaBase(base) {
			inside = folder
		}
		if m := rootOf.FindStringSubmatch(name); m != nil && !seen[m[1]] {
			seen[m[1]] = true
			others = append(others, m[1])
		}
	}
	if len(others) == 0 {
		return "", nil, false
	}
	best := 0
	for i, p := range others {
		if n, m := strings.Count(p, "/"), strings.Count(others[best], "/"); n < m || n == m && p < others[best] {
			best = i
		}
	}
	root = others[best]
	others[best] = others[len(others)-1]
	return root, others[:len(others)-1], true
}

// isMacJunk tells whether name is what macOS adds to a zip.
func isMacJunk(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._") || base == ".DS_Store"
}
