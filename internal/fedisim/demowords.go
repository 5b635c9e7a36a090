package fedisim

import "strings"

// tongue is what people of one language are called and say. A name in another
// script has its Latin spelling behind a slash.
type tongue struct {
	code                      string
	first, last, notes, posts []string
}

// demoHosts says where people of a language have their accounts.
var demoHosts = map[string][]string{
	"en": {"tusk.example", "flock.example", "pond.example", "tusk.example", "kite.example", "gull.example"},
	"de": {"reed.example", "tusk.example", "reed.example", "flock.example"},
	"fr": {"marsh.example", "marsh.example", "tusk.example"},
	"es": {"kite.example", "tusk.example"},
	"pt": {"kite.example", "pond.example"},
	"nl": {"pond.example", "tusk.example"},
	"it": {"pond.example", "flock.example"},
	"pl": {"gull.example", "tusk.example"},
	"ja": {"gull.example", "tusk.example"},
}

var demoTongues = []tongue{english, german, french, english, spanish, dutch, english, japanese, polish, english, italian, portuguese}

var english = tongue{
	code:  "en",
	first: []string{"Ada", "Ben", "Cleo", "Dov", "Edie", "Finn", "Greta", "Hal", "Iris", "Jude", "Kit", "Lena", "Miles", "Nora", "Otis", "Pia", "Quinn", "Rosa", "Sol", "Tess"},
	last:  []string{"Gander", "Wing", "Reed", "Marsh", "Heron", "Plover", "Teal", "Swift", "Wren", "Finch", "Crane", "Lark", "Rook", "Swan", "Drake", "Dunlin"},
	notes: []string{
		"Hydrologist. Rivers, mostly their lower halves.", "Writes code by day and sonnets by mistake.", "Librarian in a town with more geese than readers.",
		"Public transport, public libraries, public toilets.", "Cell biologist who paints. #SciArt", "Local news from a very flat county.", "Retired teacher; garden, grandchildren, ginger cat.",
		"I make maps. Some of them are right.", "She/her. Climate data and bread.", "Bass player, bird ringer, bad swimmer.", "Open source maintainer. Please read the manual; I wrote it for you.",
	},
	posts: []string{"The geese came back over the canal this morning, forty of them.", "First frost. The bus was on time, which was worse.", "Does anybody have a good recipe for quince?", "New here. I used to be on the other site; say hello if you know me."},
}

var german = tongue{
	code:  "de",
	first: []string{"Anke", "Bodo", "Clara", "Dörte", "Emil", "Frieda", "Gunda", "Hanno", "Ilse", "Jürgen", "Käthe", "Lorenz", "Mareike", "Niels", "Ole", "Rieke"},
	last:  []string{"Gans", "Reiher", "Storch", "Amsel", "Drossel", "Sperling", "Falk", "Habicht", "Kiebitz", "Lerche", "Specht", "Zeisig", "Möwe"},
	notes: []string{"Wasserbau und Chorgesang.", "Lokaljournalistin an der Küste. Moin!", "Informatiker, Imker, immer unterwegs mit der Bahn.", "Bibliothek, Brettspiele, Butterbrote.", "Forscht zu Mooren. Tippt ungern auf dem Telefon.", "Lehrerin für Physik und Geduld.", "Verkehrswende jetzt. Rad, Bus, Bahn – in dieser Reihenfolge."},
	posts: []string{"Heute früh dreißig Gänse über dem Deich.", "Neu hier – wer kennt mich noch von drüben?", "Der Zug hielt außerplanmäßig, damit alle die Kraniche sehen konnten."},
}

var french = tongue{
	code:  "fr",
	first: []string{"Agathe", "Benoît", "Camille", "Désiré", "Élise", "Fabien", "Gaëlle", "Hugo", "Inès", "Jules", "Léonie", "Maëlle", "Noé", "Océane"},
	last:  []string{"Héron", "Cygne", "Merle", "Pinson", "Loriot", "Grue", "Mésange", "Bruant", "Courlis", "Sterne", "Tarier"},
	notes: []string{"Géographe et cycliste du dimanche.", "J'écris sur les marais, les oiseaux et les trains de nuit.", "Professeure de lettres à Nulle-Part-sur-Mer.", "Logiciel libre, pain au levain.", "Journaliste indépendant. Mes sources sont en sécurité.", "Dessine des cartes et des chats."},
	posts: []string{"Les oies sont passées au-dessus du canal ce matin.", "Bonjour à tous, je découvre ce réseau.", "Première gelée sur le marais."},
}

var spanish = tongue{
	code:  "es",
	first: []string{"Alba", "Bruno", "Carmela", "Darío", "Elvira", "Fermín", "Gala", "Hilario", "Íñigo", "Julia", "Lía", "Martín", "Nuria", "Óscar"},
	last:  []string{"Garza", "Cisne", "Grulla", "Mirlo", "Jilguero", "Cigüeña", "Alondra", "Petirrojo", "Zorzal", "Vencejo"},
	notes: []string{"Bióloga de humedales y lectora lenta.", "Programador. Café, ríos y software libre.", "Periodista local; el pueblo es pequeño, las historias no.", "Profesora jubilada. Huerto y nietos.", "Ilustración y aves."},
	posts: []string{"Esta mañana pasaron los gansos sobre el río.", "¡Hola! Vengo de la otra red.", "¿Alguien tiene una receta de membrillo?"},
}

var portuguese = tongue{
	code:  "pt",
	first: []string{"Amélia", "Bento", "Cecília", "Duarte", "Eva", "Graça", "Inês", "João", "Leonor", "Mateus", "Olívia"},
	last:  []string{"Garça", "Cisne", "Andorinha", "Pardal", "Gaivota", "Cegonha", "Melro", "Rola", "Falcão"},
	notes: []string{"Engenheira de águas, cantora de coro.", "Jornalismo de dados e pastéis.", "Professor de geografia. Mapas antigos.", "Software livre e barcos pequenos."},
	posts: []string{"Os gansos voltaram hoje de manhã.", "Olá! Acabei de chegar da outra rede."},
}

var dutch = tongue{
	code:  "nl",
	first: []string{"Anouk", "Bram", "Doutzen", "Eelco", "Femke", "Gijs", "Hanneke", "Jelle", "Lotte", "Maaike", "Sietse", "Wietske"},
	last:  []string{"Gans", "Reiger", "Zwaan", "Merel", "Kievit", "Grutto", "Wulp", "Spreeuw", "Meeuw", "Ooievaar"},
	notes: []string{"Polders, dijken en fietspaden.", "Illustrator uit een plat land.", "Bouwt websites en vogelhuisjes.", "Leraar, lezer, langzame schaatser."},
	posts: []string{"Vanochtend veertig ganzen boven het kanaal.", "Nieuw hier, hallo allemaal!"},
}

var italian = tongue{
	code:  "it",
	first: []string{"Agnese", "Bianca", "Corrado", "Delia", "Ettore", "Fiamma", "Gaia", "Ivo", "Livia", "Niccolò", "Ornella", "Tullio"},
	last:  []string{"Airone", "Cigno", "Rondine", "Merlo", "Passero", "Fringuello", "Cicogna", "Allodola", "Falco", "Oca"},
	notes: []string{"Storica dei fiumi, camminatrice.", "Fotografo di lagune. Pazienza e stivali.", "Traduttrice: dall'inglese, dal rumore.", "Fisico, cuoco, pessimo ballerino."},
	posts: []string{"Stamattina sono passate le oche sopra la laguna.", "Ciao a tutti, sono appena arrivata."},
}

var polish = tongue{
	code:  "pl",
	first: []string{"Agata", "Błażej", "Celina", "Darek", "Ewa", "Gosia", "Jacek", "Kinga", "Łucja", "Michał", "Olga", "Tomek"},
	last:  []string{"Żuraw", "Czapla", "Bocian", "Kos", "Sikora", "Jaskółka", "Dudek", "Wróbel", "Szpak", "Gęś"},
	notes: []string{"Hydrolożka znad rzeki, której nie ma.", "Programista, zbieracz map.", "Bibliotekarka. Kot, herbata, Wisła.", "Dziennikarz lokalny."},
	posts: []string{"Dziś rano gęsi nad kanałem.", "Cześć, jestem tu nowa."},
}

var japanese = tongue{
	code:  "ja",
	first: []string{"葵/Aoi", "遥/Haruka", "健/Ken", "美咲/Misaki", "直樹/Naoki", "凛/Rin", "翔/Sho", "結衣/Yui", "蓮/Ren", "千夏/Chinatsu"},
	last:  []string{"雁野/Karino", "白鳥/Shiratori", "鶴見/Tsurumi", "鷺沢/Sagisawa", "鷹野/Takano", "小鳥/Kotori", "鴨川/Kamogawa", "鳩山/Hatoyama"},
	notes: []string{"川と鳥と電車が好きです。", "図書館で働いています。", "プログラマー。趣味は地図とパン作り。", "Translator, Japanese/English. 翻訳者。", "湿地の研究者。"},
	posts: []string{"今朝、運河の上を雁が飛んでいきました。", "はじめまして。よろしくお願いします。"},
}

var latin = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "ô", "o", "õ", "o", "ù", "u", "û", "u", "ì", "i", "ï", "i", "ą", "a", "ć", "c", "ń", "n", "ź", "z", "Ś", "S", "Ć", "C", "ë", "e", "É", "E", "á", "a", "à", "a", "â", "a", "ã", "a", "ç", "c",
	"í", "i", "î", "i", "Í", "I", "ó", "o", "ò", "o", "ú", "u", "Ó", "O", "ñ", "n", "ż", "z", "Ż", "Z", "ł", "l", "Ł", "L", "ę", "e", "ś", "s")

// plain spells a name with the letters that a handle may have.
func plain(name string) string {
	if _, spelled, ok := strings.Cut(name, "/"); ok {
		return spelled
	}
	return latin.Replace(name)
}
