import { addUrl, clean, expand, handleOf, most, twitterId, unescapeAmp, type Link } from './clean';
import { bits, type User } from './collect';
import { JsonError, JsonReader, textOf, type Sink } from './json';

/** How far an answer may be nested. */
const deepest = 100;

/** The keys of a user, in all shapes that X's answers have had. */
const texts = new Set([
	...['__typename', 'rest_id', 'id_str', 'id', 'screen_name', 'name', 'description', 'location', 'url'],
	...['expanded_url', 'full_text', 'following', 'followed_by', 'blocking', 'muting']
]);
const parts = new Set([
	...['legacy', 'core', 'location', 'profile_bio', 'relationship_perspectives', 'entities', 'url'],
	...['description', 'website']
]);

/** Node is an object, as far as it may be a user or a part of one. */
class Node {
	readonly texts = new Map<string, string>();
	readonly parts = new Map<string, Node>();
	readonly links: Link[] = []; // of "urls"
	mention = false; // stands for somebody named in a text
	timeline = false; // holds the list itself

	text(key: string): string {
		return this.texts.get(key) ?? '';
	}

	/** owned tells of an object that was cut off whether it may have been a user or a post. */
	get owned(): boolean {
		return !!this.text('rest_id') || !!this.text('id_str') || this.text('__typename') === 'User';
	}

	/** says returns the relations of which this says so. */
	says(word: string): number {
		const is = (key: string, bit: number) => (this.text(key) === word ? bit : 0);
		return (
			is('following', bits.following) |
			is('followed_by', bits.follower) |
			is('blocking', bits.blocking) |
			is('muting', bits.muting)
		);
	}

	/**
	 * user reads this as a user. X's answers have had three shapes: all in one object with id_str; rest_id beside
	 * legacy, which holds the rest; and lately names in core, and location, profile_bio and
	 * relationship_perspectives beside legacy.
	 */
	user(): User | undefined {
		const of = (part: string, key: string) => this.parts.get(part)?.text(key) ?? '';
		const id =
			twitterId(this.text('rest_id')) || twitterId(this.text('id_str')) || twitterId(this.text('id'));
		const handle = handleOf(
			of('core', 'screen_name') || of('legacy', 'screen_name') || this.text('screen_name')
		);
		if (this.mention || !handle || (!id && this.text('__typename') !== 'User')) return undefined;
		const urls: string[] = [];
		const short: Link[] = [];
		for (const node of [this.parts.get('legacy'), this, this.parts.get('profile_bio')]) {
			const entities = node?.parts.get('entities');
			short.push(...(entities?.parts.get('description')?.links ?? []));
			for (const link of entities?.parts.get('url')?.links ?? [])
				if (urls.length < most.urls) addUrl(urls, link.long);
		}
		if (urls.length === 0) addUrl(urls, of('legacy', 'url') || of('website', 'url') || this.text('url'));
		const bio = of('legacy', 'description') || of('profile_bio', 'description') || this.text('description');
		let yes = 0;
		let no = 0;
		for (const node of [this, this.parts.get('legacy'), this.parts.get('relationship_perspectives')]) {
			yes |= node?.says('true') ?? 0;
			no |= node?.says('false') ?? 0;
		}
		return {
			id,
			handle,
			name: clean(of('core', 'name') || of('legacy', 'name') || this.text('name'), most.name, false),
			bio: clean(expand(unescapeAmp(bio), short), most.bio, true),
			location: clean(
				of('location', 'location') || of('legacy', 'location') || this.text('location'),
				most.location,
				false
			),
			urls,
			listed: 0,
			yes,
			no
		};
	}
}

/** Found is a user of one answer. Inside: within another user or a post, say named in a bio. */
export type Found = { user: User; inside: boolean };

type Frame = { node?: Node; key: string; from: number; urls: boolean };

class Walk implements Sink {
	readonly found: Found[] = [];
	private readonly stack: Frame[] = [];

	open(list: boolean) {
		const above = this.stack.at(-1);
		if (this.stack.length > deepest) throw new JsonError('nested too deeply');
		this.stack.push({
			node: list ? undefined : new Node(),
			key: '',
			from: this.found.length,
			urls: list && above?.node !== undefined && above.key === 'urls'
		});
	}

	close() {
		this.pop(true);
	}

	key(name: string) {
		const frame = this.stack.at(-1)!;
		frame.key = name;
		if (name === 'indices') frame.node!.mention = true;
		if (name === 'timeline' || name === 'timeline_v2') frame.node!.timeline = true;
	}

	wants(): boolean {
		const frame = this.stack.at(-1);
		return frame?.node !== undefined && texts.has(frame.key);
	}

	text(bytes: Uint8Array | undefined) {
		if (bytes) this.keep(textOf(bytes));
	}

	bare(word: string) {
		if (this.wants()) this.keep(word === 'null' ? '' : word);
	}

	private keep(text: string) {
		const frame = this.stack.at(-1)!;
		frame.node!.texts.set(frame.key, text);
	}

	/** unwind ends what a fault has left open. */
	unwind() {
		while (this.stack.length > 0) this.pop(false);
	}

	private pop(whole: boolean) {
		const { node, from } = this.stack.pop()!;
		const above = this.stack.at(-1);
		if (!node) return;
		if (above?.node && parts.has(above.key)) above.node.parts.set(above.key, node);
		if (above?.urls) this.link(node);
		const user = node.user();
		const post = !!node.parts.get('legacy')?.text('full_text');
		if (!node.timeline && (user || post || (!whole && node.owned))) {
			for (let i = from; i < this.found.length; i++) this.found[i]!.inside = true;
		}
		if (user && whole) this.found.push({ user, inside: node.timeline });
	}

	/** link adds an item of "urls" to the object that has them. */
	private link(node: Node) {
		const links = this.stack.at(-2)?.node?.links;
		const long = node.text('expanded_url');
		if (links && long && links.length < 50) links.push({ short: node.text('url'), long });
	}
}

/** findUsers finds users wherever they stand in an answer of X; whole is false where it could not be read to its end. */
export function findUsers(answer: Uint8Array): { found: Found[]; whole: boolean } {
	const first = answer.find((c) => c !== 0x20 && c !== 0x09 && c !== 0x0d && c !== 0x0a);
	if (first !== 0x7b && first !== 0x5b) return { found: [], whole: false };
	const walk = new Walk();
	try {
		const reader = new JsonReader(walk, answer.length);
		reader.push(answer);
		reader.end();
		return { found: walk.found, whole: true };
	} catch (e) {
		if (!(e instanceof JsonError)) throw e;
		walk.unwind();
		return { found: walk.found, whole: false };
	}
}
