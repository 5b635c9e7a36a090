package address

import (
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Role is what an address is to whoever wrote it, if not simply theirs. Words
// around it tell, and for mirrors and bridges its host.
type Role string

// The roles. Whether an account really moved, its server says; the words only
// tell which of two to ask about.
const (
	MovedFrom Role = "moved-from" // an account that was left
	MovedTo   Role = "moved-to"   // the one that took its place
	Mirror    Role = "mirror"     // a copy of posts made elsewhere
	Bridge    Role = "bridge"     // a way to an account on another network
)

var (
	leftWords = set(`formerly previously former was old ex-account abandoned retired defunct inactive dead unused
		ehemals vormals früher vorher alter alte altes ancien ancienne anciennement avant antes antiguo antigua vieja viejo
		antigo antiga vecchio vecchia oud oude voorheen gammal gamla gammel gamle vanha stary stara starý eski
		старый раньше ранее старе`)
	fromWords = set(`from von vom de da dal desde van från fra z ze с из від du depuis`)
	toWords   = set(`to at as now new neu neuer neue neues jetzt nach zu zum ab nouveau nouvelle maintenant vers à sur nuevo nueva ahora
		a en novo nova agora para em nuovo nuova ora su naar nieuw nu op nytt ny till til nyt do na teraz nowy
		теперь новый на в тепер`)
	moveWords = set(`moved moving move migrated migrating relocated umgezogen umzug gewechselt gezogen déménagé migré mudé mudado
		mudei mudança migrei trasferito trasferita spostato verhuisd flyttat flyttet muuttanut przeniosłem przeniosłam
		переехал переехала переїхав переїхала pindah taşındım`)
	mirrorWords = set(`mirror mirrors mirrored mirroring auto-mirror crosspost crossposts crossposter spiegel miroir espejo espelho
		specchio зеркало ミラー`)
	verbs       = set(`is was isn't isn’t ist war est était es era é è`)
	mine        = set(`my meine mein mon mi meu mio mijn`)
	bridgeWords = set(`bridge bridged bridging bridges brücke pont puente ponte brug мост ブリッジ`)

	// Scripts that put no spaces between words.
	leftSigns = []string{"旧", "舊", "前垢", "前のアカ"}
	moveSigns = []string{"新アカ", "新垢", "新:", "新：", "新号", "引っ越し", "引越", "移行", "移住", "移転", "搬家", "搬到", "搬去", "이사", "이전"}
	arrows    = []string{"→", "->", "=>", "➡", "➜", "⇒", "»", ">>"}
)

// role tells what the address c is. It changes what was said of the one before,
// if an arrow leads from that to c.
func (s *scanner) role(c candidate, before string) Role {
	switch model.MirrorOf(c.address.Host) {
	case model.MirrorCopy:
		return Mirror
	case model.MirrorBridge:
		return Bridge
	}
	before = s.own(before)
	words := fields(before)
	if n := len(words) - 8; n > 0 {
		words = words[n:]
	}
	moves := s.left || slices.ContainsFunc(words, func(w string) bool { return moveWords[w] })
	for i := len(words) - 1; i >= 0; i-- {
		switch w := words[i]; {
		case leftWords[w], moves && fromWords[w]:
			return MovedFrom
		case mirrorWords[w]:
			return Mirror
		case bridgeWords[w]:
			return Bridge
		case moves && (toWords[w] || moveWords[w]):
			return MovedTo
		}
	}
	if role := s.said(c.to); role != "" {
		return role
	}
	return s.signs(before)
}

// said reads what is said of an address behind it: "(old)", "(mirror of my
// tweets)", "is dead", "was my old account".
func (s *scanner) said(i int) Role {
	after := strings.TrimLeft(s.after(i), " ")
	first, _, _ := strings.Cut(strings.TrimLeft(after, "("), ")")
	if leftWords[strings.ToLower(first)] {
		return MovedFrom
	}
	words := fields(after)
	switch {
	case len(words) == 0:
	case strings.HasPrefix(after, "(") && mirrorWords[words[0]]:
		return Mirror
	case strings.HasPrefix(after, "(") && bridgeWords[words[0]]:
		return Bridge
	case verbs[words[0]] && len(words) > 1:
		if words = words[1:]; mine[words[0]] {
			words = words[1:]
		}
		if len(words) > 0 && leftWords[words[0]] {
			return MovedFrom
		}
	}
	return ""
}

// own leaves out of the words before an address those that belong to the one
// before, in brackets or with a verb: "@ada@mas.to (old), @ada@chaos.social",
// "@ada@mas.to is dead, use @ada@chaos.social".
func (s *scanner) own(before string) string {
	if text := strings.TrimLeft(before, " "); s.last > 0 && strings.HasPrefix(text, "(") {
		if _, rest, ok := strings.Cut(text, ")"); ok {
			return rest
		}
	} else if first, _, _ := strings.Cut(text, " "); s.last > 0 && verbs[strings.ToLower(first)] {
		if i := strings.IndexAny(text, ".,;!?"); i >= 0 {
			return text[i+1:]
		}
	}
	return before
}

// signs looks for what needs no spaces.
func (s *scanner) signs(before string) Role {
	has := func(sign string) bool { return strings.Contains(before, sign) }
	switch {
	case slices.ContainsFunc(leftSigns, has):
		return MovedFrom
	case slices.ContainsFunc(moveSigns, has):
		return MovedTo
	}
	between := strings.TrimRight(strings.TrimSpace(before), "\ufe0f")
	if n := len(s.found); n > 0 && s.last > 0 && slices.Contains(arrows, between) && s.found[n-1].Role == "" {
		s.found[n-1].Role = MovedFrom
		return MovedTo
	}
	return ""
}
