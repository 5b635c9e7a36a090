package fediverse

import "slices"

// The features that Scopes knows.
const (
	FeatureSignIn = "sign-in" // only to know who it is
	FeatureFollow = "follow"
	FeaturePosts  = "posts"
	FeatureLists  = "lists"
	FeatureBlocks = "blocks" // blocks and mutes
	FeatureImport = "import" // follows by a file, where the server takes one
)

// featureScopes are granular throughout: GoToSocial grants nothing for `follow`,
// and nobody should be asked for more than the feature needs.
var featureScopes = map[string][]string{
	FeatureSignIn: {"profile"},
	FeatureFollow: {"read:accounts", "read:follows", "read:search", "write:follows"},
	FeaturePosts:  {"read:accounts", "read:statuses", "write:statuses", "write:media"},
	FeatureLists:  {"read:accounts", "read:follows", "read:search", "read:lists", "write:lists"},
	FeatureImport: {"read:accounts", "read:follows", "write"},
	FeatureBlocks: {"read:accounts", "read:search", "read:follows", "read:blocks", "write:blocks", "read:mutes", "write:mutes"},
}

// Scopes returns what the features need, sorted, each once; unknown features
// need nothing. `profile` stands only where nothing else reads the account.
func Scopes(features ...string) []string {
	var all []string
	for _, f := range features {
		all = append(all, featureScopes[f]...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > 1 {
		all = slices.DeleteFunc(all, func(s string) bool { return s == "profile" })
	}
	return all
}

// within returns what of wanted an application with the scopes granted may ask
// for. `profile` exists since Mastodon 4.3; elsewhere read:accounts does its part.
func within(wanted, granted []string) []string {
	var all []string
	for _, s := range wanted {
		if s == "profile" && !slices.Contains(granted, s) {
			s = "read:accounts"
		}
		if slices.Contains(granted, s) && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
