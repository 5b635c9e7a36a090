package sample

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// language is a language that tweets are in, with its share and some words.
type language struct {
	code  string
	share float64
	words []string
	space string
}

var languages = []language{
	{"en", 0.62, strings.Fields("the a and of to in we you it that this with for on my not all so just like when people time today work good new think really going morning coffee train garden library question answer small river paper window project meeting weekend music bread weather train bicycle bridge story friend evening kitchen cloud forest letter sentence number language street city photo walk still again never maybe because after before every other little long quiet"), " "},
	{"de", 0.09, strings.Fields("der die das und ich nicht ist ein mit für heute wieder noch schon Kaffee Zug Fahrrad Garten Abend Wetter schön größer müde über Straße Bücher lesen immer vielleicht Frage Antwort"), " "},
	{"fr", 0.08, strings.Fields("le la les et je tu nous une pas avec pour dans très déjà café matin soirée forêt élève garçon où être même toujours peut-être question réponse vélo pluie"), " "},
	{"es", 0.06, strings.Fields("el la los y que no con para hoy mañana café tren niño señor pregunta respuesta siempre quizás lluvia jardín biblioteca más también después"), " "},
	{"ru", 0.05, strings.Fields("и в не на я что это как сегодня утро кофе поезд вопрос ответ всегда может быть дождь сад вечер книга город"), " "},
	{"ja", 0.04, strings.Fields("今日は 朝 コーヒー 電車 散歩 雨 です でした 図書館 質問 答え また いつも たぶん 写真 庭 夜"), ""},
	{"und", 0.06, strings.Fields("hm ok 123 lol +1 ... 2:30 ?? yes"), " "},
}

var emoji = []string{"🪿", "😀", "🚲", "🌧️", "👩‍🔬", "🎉", "☕", "🇫🇮"}

// pickLanguage draws a language.
func pickLanguage(r *rand.Rand) language {
	u := r.Float64()
	for _, l := range languages {
		if u -= l.share; u < 0 {
			return l
		}
	}
	return languages[0]
}

// length draws how many characters a tweet has: half have at most 86.
func length(r *rand.Rand) int {
	return min(max(int(78*math.Exp(0.62*r.NormFloat64())), 4), 250)
}

// prose writes words of about n characters, now and then with a line break, an
// emoji or one of the three characters that archives escape.
func prose(r *rand.Rand, l language, n int) string {
	var b strings.Builder
	breakAt := -1
	if r.Float64() < 0.18 {
		breakAt = n / 2
	}
	for count := 0; count < n; {
		word := l.words[r.IntN(len(l.words))]
		if count == 0 {
			first, size := utf8.DecodeRuneInString(word)
			word = string(unicode.ToUpper(first)) + word[size:]
		}
		b.WriteString(word)
		count += len([]rune(word)) + 1
		switch u := r.Float64(); {
		case breakAt >= 0 && count > breakAt:
			b.WriteString(".\n\n")
			breakAt = -1
		case u < 0.0015:
			b.WriteString(" & ")
		case u < 0.002:
			b.WriteString(" <3 ")
		case u < 0.0025:
			b.WriteString(" \"so\" ")
		case u < 0.004:
			b.WriteString(" " + emoji[r.IntN(len(emoji))] + " ")
		case u < 0.06:
			b.WriteString(", ")
		default:
			b.WriteString(l.space)
		}
	}
	return strings.TrimRight(b.String(), " ,\n") + [...]string{".", ".", "!", "?", ""}[r.IntN(5)]
}
