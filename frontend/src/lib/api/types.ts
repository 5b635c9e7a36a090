/** The shapes of /api/v1, as the server writes them. Times are RFC 3339, ids opaque text. */

export type About = {
	version: string;
	demo: boolean;
	public_url: string;
	demo_archive: string | null;
	demo_server: string | null;
	/** Where evidence may come from here: list, pages, wikidata and so on. */
	sources: string[];
	/** How many people lists and X pages may bring into one Move. */
	list_rows: number;
};

export type Session = { signed_in: boolean; has_recovery_key: boolean };

export type OptOutDone = { done: '' | 'out' | 'in'; address: string; returned: boolean };

export type Answer = '' | 'yes' | 'no' | 'unsure';

export type Grade = 'proven' | 'stated' | 'claimed' | 'guess';
export type Relation = 'following' | 'follower' | 'blocking' | 'muting';
export type Decision = '' | 'yes' | 'no';

export type ArchiveCounts = Partial<
	Record<
		| 'tweets'
		| 'retweets'
		| 'replies'
		| 'self_replies'
		| 'quotes'
		| 'note_tweets'
		| 'media'
		| 'media_missing'
		| 'following'
		| 'followers'
		| 'blocking'
		| 'muting'
		| 'lists'
		| 'likes',
		number
	>
>;

export type Archive = {
	id: string;
	kind: 'archive' | 'list' | 'pages' | 'media';
	file_name: string;
	state: 'reading' | 'complete' | 'failed';
	generation: string;
	exported_at?: string | null;
	counts: ArchiveCounts | null;
	names: { following?: number; following_named?: number; by_source?: Record<string, number> } | null;
	warnings: { file: string; message: string }[] | null;
	opened: string[] | null;
	error?: string;
};

/** What a column of a list holds. Account is a handle, an id or a link, whichever it looks like. */
export const roles = [
	'id',
	'handle',
	'account',
	'name',
	'bio',
	'location',
	'url',
	'relation',
	'none'
] as const;
export type Role = (typeof roles)[number];

/** A list to read; columns by position, empty where they are guessed. */
export type NewList = { name: string; text: string; columns?: (Role | '')[]; titles?: 'yes' | 'no' };

export type ListPreview = {
	/** Text is read line by line. */
	kind: 'table' | 'json' | 'text';
	separator: string;
	header: boolean;
	columns: { title: string; role: Role; samples: string[] }[];
	rows: number;
	people: number;
};

export type MoveCounts = Record<
	'tweets' | 'people' | 'following' | 'follower' | 'blocking' | 'muting' | 'named' | 'lists',
	number
>;

/** Arrived are those found since the owner last looked; 0 before the first look. */
export type MatchCounts = Record<Grade | 'chosen' | 'unresolved' | 'arrived', number>;

export type Move = {
	id: string;
	twitter_id: string;
	handle: string;
	name: string;
	created_at: string;
	expires_at: string;
	used_circle: Answer;
	was_private: Answer;
	people_seen_at?: string | null;
	archives: Archive[] | null;
	counts: MoveCounts;
	matches: MatchCounts;
	accounts: Account[] | null;
	runs: Run[] | null;
};

export type Account = {
	id: string;
	address: string;
	display_name: string;
	url: string;
	software: string;
	version: string;
	followers: number;
	following: number;
	/** What the owner allowed: follow, posts, lists, blocks, import. */
	features: string[] | null;
	capability: {
		posts: boolean;
		/** Follows and blocks. */
		follows: boolean;
		mutes: boolean;
		lists: boolean;
		/** Takes all follows as one file, where the owner allows that. */
		import: boolean;
		quiet: boolean;
		backdates: boolean;
		honours_keys: boolean;
		max_characters: number;
		words: string[] | null;
	};
	connected_at: string;
	revoked: boolean;
};

export type RegistryEntry = {
	/** Empty without a consent. */
	id: string;
	/** Empty if it is connected no longer. */
	account: string;
	address: string;
	twitter_id: string;
	handle: string;
	proof: '' | 'archive' | 'both';
	inside: boolean;
	everybody: boolean;
	/** How many X accounts it is not shown to. */
	hidden: number;
	at: string | null;
};

export type RegistryEntries = {
	on: boolean;
	x_sign_in: boolean;
	signed_in_as: string;
	entries: RegistryEntry[];
};

export type RunKind =
	'read' | 'find' | 'follow' | 'blocks' | 'mutes' | 'lists' | 'posts' | 'undo' | (string & {});
export type RunState = 'waiting' | 'running' | 'paused' | 'done' | 'cancelled' | 'failed';

export type Run = {
	id: string;
	kind: RunKind;
	state: RunState;
	account?: string;
	progress: {
		total: number;
		done: number;
		failed: number;
		skipped: number;
		unsure: number;
		/** Of done: what another Run took back. */
		undone: number;
		text: string;
	};
	next_at?: string | null;
	/** What the owner asked for and is not carried out yet. */
	wish?: '' | 'pause' | 'cancel';
	error?: string;
	created_at: string;
	finished_at?: string | null;
	options?: Record<string, unknown> | null;
	/** Steps done within the last hour. */
	last_hour: number;
	/** 0 if nothing can be said. */
	time_left_seconds: number;
	/** What the server last said that it allows. */
	allowance?: { remaining: number; max: number; reset_at: string } | null;
};

export type Evidence = { source: string; side: string; tie: string; text: string; at?: string | null };

export type Match = {
	id: string;
	address: string;
	/** None: it is kept because the owner decided on it. */
	grade: Grade | 'none';
	exists: '' | 'yes' | 'no';
	moved_to?: string;
	marks: string[] | null;
	decision: Decision;
	chosen: boolean;
	url?: string;
	profile?: {
		/** Whether it names a picture. */
		avatar?: boolean;
		locked?: boolean;
		software?: string;
		last_status_at?: string | null;
		fetched_at?: string | null;
		display_name?: string;
		note?: string;
		fields?: { name: string; value: string; verified?: boolean }[] | null;
	} | null;
	evidence: Evidence[] | null;
};

export type Person = {
	id: string;
	twitter_id: string;
	handle: string;
	name: string;
	bio: string;
	location?: string;
	urls?: string[] | null;
	relations: Relation[] | null;
	interactions: number;
	last_interaction?: string | null;
	arrived_at?: string | null;
	twitter_url?: string;
	/** The chosen one first, then the best; those that the owner said no to last. */
	matches: Match[] | null;
};

export type PeoplePage = { people: Person[] | null; total: number };

export type Server = {
	host: string;
	title: string;
	description: string;
	score: number;
	reasons: { code: string; text: string }[] | null;
	matched_people: number;
	sign_up: string;
	languages: string[] | null;
	users: number;
	active_month: number;
	software: string;
	rules: string[] | null;
	url: string;
};

export type ServerList = { servers: Server[] | null; total_matched: number };

export type Estimate = { seconds: number; days: number; text: string };
export type Left = { reason: string; count: number };
/** LeftOut names the first of those who are left out of a plan; list is the title of a list, or empty. */
export type LeftOut = Left & { people: { name: string; list: string }[] };

/** RunPlan is what a Run that follows, blocks, mutes, fills lists or undoes would do. */
export type RunPlan = {
	steps: number;
	/** Of lists: how many of the steps make a list; the others put somebody into one. */
	lists: number;
	left_out: LeftOut[] | null;
	estimate: Estimate;
	/** Of follows: what importing the CSV file does instead. */
	csv_text: string;
	/** Of follows: the server takes them as one file, if the owner allows that. */
	import: boolean;
};

/** TwitterList is a list that the archive names or the owner made; members are handles, ids or addresses. */
export type TwitterList = { title: string; members: string[] };

/** Picture is a picture or video of a chosen tweet. */
export type Picture = {
	file: string;
	tweet_id: string;
	text: string;
	alt: string;
	/** Likes and retweets of the tweet. */
	seen: number;
	video: boolean;
	/** Empty until it has been uploaded. */
	url: string;
};

export type Pictures = { pictures: Picture[]; total: number; described: number };

export type StatusPreview = {
	tweet_ids: string[];
	part: number;
	parts: number;
	text: string;
	in_reply_to?: { tweet_id: string; part: number } | null;
	media?: { file: string; type: string; alt?: string }[] | null;
	media_urls?: string[] | null;
	created_at: string;
	visibility: string;
	sensitive?: boolean;
	spoiler_text?: string;
	language?: string;
	/** What of the tweet is not in it, and why. */
	notes?: string[] | null;
};

export type PostsPlan = {
	statuses: number;
	tweets: number;
	skipped: Left[] | null;
	estimate: Estimate;
	quiet: boolean;
	loud_text: string;
	followers: number;
	questions_open: string[] | null;
	rules: string[] | null;
	sample: StatusPreview[] | null;
	/** All months that fit the other choices, whatever days are chosen. */
	histogram: { month: string; count: number }[] | null;
	/** Of the posts that fit the other choices, most used first. */
	languages: { language: string; count: number }[] | null;
	/** Ids of chosen tweets whose media the server has not got yet. */
	media_needed?: string[] | null;
};

export type Visibility = 'public' | 'unlisted' | 'private';

export type TweetKind = 'post' | 'thread' | 'quote' | 'reply' | 'retweet';

export type PostsOptions = {
	visibility: Visibility;
	per_hour: number;
	from?: string;
	to?: string;
	kinds?: TweetKind[];
	tweet_ids?: string[];
	/** Leave out pictures and videos that were not uploaded. */
	without_media?: boolean;
	as_new?: boolean;
	media?: '' | 'with' | 'without';
	min_likes?: number;
	min_retweets?: number;
	words?: string[];
	not_words?: string[];
	languages?: string[];
	/** What becomes of mentions of people who were found; plain names if empty. */
	mentions?: '' | 'link' | 'address';
	/** 2/5 behind each part of a long post. */
	number?: boolean;
	/** A line with the date, where the server cannot set it. */
	dated?: '' | 'date' | 'link';
	warnings?: { words: string[]; text: string }[];
	own_warnings?: boolean;
	/** Post what seems to be on the account already, too. */
	doubles?: boolean;
};

export type StepState = 'planned' | 'sent' | 'confirmed' | 'refused' | 'skipped' | 'unsure' | 'undone';

export type Step = {
	id: string;
	kind: string;
	address?: string;
	person?: string;
	tweet_id?: string;
	part?: number;
	text?: string;
	state: StepState;
	outcome?: string;
	reason?: string;
	/** The title of a list that is made or filled. */
	list?: string;
	/** The post; of an unsure Step the one that may be it. */
	url?: string;
	/** Of an unsure Step: when it was sent. */
	sent_at?: string | null;
	/** Of an unsure post: what the one at url says; null if none was found. */
	found?: { text: string; at?: string | null } | null;
	/** The tweet. */
	old_url?: string;
	at?: string | null;
};

export type StepPage = { steps: Step[] | null; next_cursor?: string };
