package address

import (
	"strings"
	"unicode"
)

// Words that say what user@host beside them is, and signs that do.
var (
	friendly = set(`mastodon mastadon mastedon masto mstdn fediverse fedi fediverso activitypub pleroma akkoma misskey
		friendica pixelfed gotosocial toot toots tooting tröt tröte tröts mammut pouet феди トゥート 長毛象 长毛象 毛象`)
	unfriendly = set(`mail email emails mailto gmail courriel correo xmpp jabber sip lightning lnurl ln sats zap zaps
		nostr nip05 paypal pix upi zelle matrix element irc msn skype icq gpg pgp ssh mailadresse e-posta eposta posta sähköposti
		почта пошта имейл البريد ایمیل ايميل メール 이메일 메일 邮箱 郵箱 邮件 อีเมล`)
	friendlySigns   = []string{"🐘", "🦣", "mastodon", "マストドン", "マスドン", "ミスキー", "мастодон", "мастадон", "ماستودون", "מסטודון", "마스토돈", "長毛象", "长毛象", "毛象"}
	unfriendlySigns = []string{"✉", "📧", "📨", "📩", "📬", "📮", "📪", "📫", "💌", "⚡", "メール", "邮箱", "郵箱", "이메일"}

	denied = set(`not isn't isn’t fake fakes impostor imposter impersonator scammer impostors imposters impersonators
		scammers impersonating never beware`)
	between    = set(`of at is are the a an this account accounts profile profiles handle user copy`) // those and the address
	belongs    = set(`of by for via with w ex cc and von für bei credit credits courtesy pfp avi avatar header banner icon`)
	tiesTo     = set(`married engaged thanks belongs`) // before "to"
	mailLabels = set(`mail smtp imap webmail email mx xmpp jabber`)

	disowning = []string{"not me", "isn't me", "isn’t me", "not mine", "is fake", "a fake", "(fake)", "(fake acc", "(fake pro", "impersonat", "impost", "nicht ich", "pas moi", "no soy yo",
		"não sou eu", "non sono io"}
)

type lean int

const (
	neither lean = iota
	towards
	against
)

// leaning tells what the words around user@host say it is. The nearest before it
// counts; if there is none, the nearest behind it.
func leaning(before, after string) lean {
	words := fields(before)
	for i := len(words) - 1; i >= 0; i-- {
		if l := leaningOf(words[i]); l != neither {
			return l
		}
	}
	for _, w := range fields(after) {
		if l := leaningOf(w); l != neither {
			return l
		}
	}
	return neither
}

func leaningOf(word string) lean {
	switch {
	case friendly[word]:
		return towards
	case unfriendly[word]:
		return against
	}
	for _, sign := range friendlySigns {
		if strings.Contains(word, sign) {
			return towards
		}
	}
	for _, sign := range unfriendlySigns {
		if strings.Contains(word, sign) {
			return against
		}
	}
	return neither
}

// fields divides s into lower-case words, and into signs that stand alone.
func fields(s string) []string {
	var out []string
	for _, part := range strings.Fields(strings.ToLower(strings.ReplaceAll(s, "e-mail", "email"))) {
		out = append(out, strings.FieldsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r < 0x2600
		})...)
	}
	return out
}
