package importer

// mark is what a line of a copied page says, where it is no text of a person.
type mark int

const (
	noMark        mark = iota
	followingMark      // the button of somebody whom the owner follows
	followsMark        // "Follows you"
	otherMark          // other buttons: of people whom the owner does not follow
	headingMark        // of what stands beside the list
	learnedMark        // in a language that is not known here
)

// markWords are the words on X's own page, in languages that it has. Others are
// told from the text by standing behind many names (learnMarks). The page has
// the same words in frontend/src/lib/pages/words.ts; testdata/pages/words.json
// keeps the two alike.
var markWords = map[mark][]string{
	followingMark: {
		"Following", "Folge ich", "Abonné", "Abonnée", "Suivi", "Siguiendo", "Seguindo", "Segui già", "Volgend", "Obserwujesz", "Obserwowani",
		"Читаемые", "Читаю", "Takip ediliyor", "フォロー中", "팔로잉", "正在关注", "正在跟隨", "跟隨中", "أتابعه", "Mengikuti", "Följer", "Følger", "Seurataan",
		"Sleduji", "Siguiendo a", "Seguint", "Đang theo dõi", "กำลังติดตาม",
	},
	followsMark: {
		"Follows you", "Folgt dir", "Vous suit", "Te sigue", "Segue você", "Segue-te", "Ti segue", "Volgt jou", "Volgt je", "Obserwuje Cię",
		"Obserwuje cię", "Читает вас", "Seni takip ediyor", "フォローされています", "나를 팔로우합니다", "关注了你", "跟隨你", "يتابعك", "Mengikuti Anda", "Följer dig",
		"Følger deg", "Følger dig", "Seuraa sinua", "Sleduje vás",
	},
	otherMark: {
		"Follow", "Follow back", "Unfollow", "Pending", "Blocked", "Subscribe", "Folgen", "Zurückfolgen", "Entfolgen", "Nicht mehr folgen", "Ausstehend",
		"Blockiert", "Abonnieren", "Suivre", "Suivre en retour", "S'abonner", "En attente", "Bloqué", "Seguir", "Seguir también", "Seguir de volta",
		"Pendiente", "Pendente", "Bloqueado", "Segui", "Segui anche tu", "In attesa", "Volgen", "Terugvolgen", "Obserwuj", "Читать", "Takip et",
		"フォロー", "フォローする", "フォローバック", "팔로우", "맞팔로우하기", "关注", "回关", "跟隨", "متابعة", "Ikuti", "Följ", "Følg", "Seuraa", "Sledovat",
	},
	headingMark: {
		"You might like", "Who to follow", "Relevant people", "What’s happening", "What's happening", "Trends for you", "Show more", "Terms of Service",
		"Discover more", "Subscribe to Premium", "Today’s News", "Vielleicht gefällt dir", "Das könnte dir gefallen", "Wem folgen?", "Relevante Personen",
		"Was gibt’s Neues?", "Was passiert gerade?", "Trends für dich", "Mehr anzeigen", "Nutzungsbedingungen", "Vous pourriez aimer", "Suggestions",
		"Qui suivre", "Personnes pertinentes", "Quoi de neuf ?", "Voir plus", "Conditions d’utilisation", "Quizás te guste", "A quién seguir",
		"Personas relevantes", "Qué está pasando", "Mostrar más", "Talvez você curta", "Quem seguir", "O que está acontecendo", "Mostrar mais",
		"Potrebbe piacerti", "Chi seguire", "Cosa c’è di nuovo", "Mostra altro", "おすすめユーザー", "いまどうしてる？", "さらに表示",
	},
}

// knownMarks are markWords by word.
var knownMarks = func() map[string]mark {
	marks := map[string]mark{}
	for kind, words := range markWords {
		for _, word := range words {
			marks[word] = kind
		}
	}
	return marks
}()
