package importer

// MarkWords are the words that are looked for in copied pages, by what they say.
func MarkWords() map[string][]string {
	return map[string][]string{
		"following": markWords[followingMark], "follows": markWords[followsMark], "other": markWords[otherMark], "heading": markWords[headingMark],
	}
}
