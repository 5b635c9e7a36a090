/**
 * What may leave the computer. The two patterns stand word for word in Go (importer/allow.go), and the
 * server refuses every other name; importer/testdata/allowed.txt holds both to it. What is not known stays.
 */
const allowedPattern =
	/^(?:data\/)?(?:(?:account|profile|manifest|following|follower|block|mute|tweets?|note-tweet|like|lists-(?:created|member|subscribed)|protected-history)(?:-part[0-9]{1,5})?\.js|js\/(?:user_details|payload_details|tweet_index|tweets\/[0-9]{4}_[0-9]{2})\.js|tweets?_media\/[0-9]{1,20}-[A-Za-z0-9_.-]{1,120}\.(?:jpg|jpeg|png|gif|mp4))$/;
const rootPattern =
	/^((?:[^/]+\/){0,3}?)(?:data\/)?(?:(?:account|manifest|following|follower|tweets?)(?:-part[0-9]{1,5})?\.js|js\/(?:user_details|tweets\/[0-9]{4}_[0-9]{2})\.js|tweets?_media\/[0-9]{1,20}-[A-Za-z0-9_.-]{1,120}\.(?:jpg|jpeg|png|gif|mp4))$/;

/** filterVersion goes into the fingerprint of an upload; count it up when what is sent changes. */
export const filterVersion = 2;

/** allowed judges a name without top folders. */
export const allowed = (name: string) => allowedPattern.test(name);

const isMacJunk = (name: string) => name.startsWith('__MACOSX/') || /(^|\/)(\._[^/]*|\.DS_Store)$/.test(name);

/** rootOf is the top folders that all names of an archive share; undefined if no name belongs to an archive. */
export function rootOf(names: Iterable<string>): string | undefined {
	let best: string | undefined;
	const slashes = (s: string) => s.split('/').length;
	for (const name of names) {
		const root = isMacJunk(name) ? undefined : rootPattern.exec(name)?.[1];
		if (root === undefined) continue;
		const closer =
			best === undefined || slashes(root) < slashes(best) || (slashes(root) === slashes(best) && root < best);
		if (closer) best = root;
	}
	return best;
}

/** What an entry is to us. Likes are allowed but not sent: nothing is done with them but counting. */
export type Kind = 'text' | 'media' | undefined;

/** Rule judges the entries of one archive. */
export class Rule {
	readonly root: string;

	constructor(root: string) {
		this.root = root;
	}

	/** inner is the name without the archive's top folders; undefined outside of them. */
	inner(name: string): string | undefined {
		return name.startsWith(this.root) ? name.slice(this.root.length) : undefined;
	}

	kind(name: string): Kind {
		const short = this.inner(name);
		if (short === undefined || !allowed(short) || /^(?:data\/)?like[.-]/.test(short)) return undefined;
		return short.endsWith('.js') ? 'text' : 'media';
	}

	/** tweetOf is the id of the tweet that a media entry belongs to. */
	tweetOf(name: string): string | undefined {
		if (this.kind(name) !== 'media') return undefined;
		return /\/([0-9]+)-[^/]*$/.exec(name)?.[1];
	}
}
