package importer

// limits are what a stranger's archive may cost. Honest JSON deflates 8 to 13
// times, and hand-made archives of like entries up to 30 times, so that only a
// far higher ratio in a file of some size is taken for a bomb.
type limits struct {
	entries   int   // in the whole archive
	file      int64 // inflated bytes of one entry
	total     int64 // inflated bytes of all entries read
	ratio     int64 // inflated to packed, for entries over ratioFrom
	ratioFrom int64
	item      int // bytes of one item of a file
	depth     int // nesting of one item
	people    int // ids in relations and mentions
	tweets    int
	notes     int
	lists     int
	warnings  int // per file; the rest is counted only
	media     int64
}

var defaultLimits = limits{
	entries:   200_000,
	file:      2 << 30,
	total:     16 << 30,
	ratio:     100,
	ratioFrom: 8 << 20,
	item:      4 << 20,
	depth:     64,
	people:    2_000_000,
	tweets:    3_000_000,
	notes:     500_000,
	lists:     20_000,
	warnings:  10,
	media:     4 << 30,
}
