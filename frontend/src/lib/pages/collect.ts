import type { Relation } from '#lib/api/types.js';
import { PagesError } from './errors';

/** PagePerson is all that is kept of somebody. */
export type PagePerson = {
	id: string;
	handle: string;
	name: string;
	bio: string;
	location: string;
	urls: string[];
	relations: Relation[];
};

/** PagesRead is what was found, and how many answers could not be read, or had no contents. */
export type PagesRead = { people: PagePerson[]; unread: number; empty: number; cut: boolean };

/** Relations as bits, so that several fit into one number. */
export const bits = { following: 1, follower: 2, blocking: 4, muting: 8 } as const;
const sorted = ['blocking', 'follower', 'following', 'muting'] as const;

export type User = Omit<PagePerson, 'relations'> & {
	/** By the list that the answer is a part of. */
	listed: number;
	/** By what the answer says of this one. */
	yes: number;
	no: number;
};

/** Pages collects people, as importer/pages.go does. */
export class Pages {
	private readonly users: User[] = [];
	private readonly byId = new Map<string, User>();
	private readonly byName = new Map<string, User>();
	private told = 0; // relations that some answer said itself to exist

	entries = 0;
	ours = 0; // answers of X
	empty = 0; // lists without contents
	unread = 0; // lists that cannot be read, or only in part
	cut = false; // the log ends too early, or is no JSON from somewhere on
	copied = false;

	constructor(private readonly most: number) {}

	/** add keeps u if it may stand in a relation. */
	add(u: User) {
		this.told |= u.yes;
		if (u.listed === 0 && !(u.yes & bits.following)) return;
		const [known, key] = u.id ? [this.byId, u.id] : [this.byName, u.handle.toLowerCase()];
		const before = known.get(key);
		if (!before) {
			if (this.users.length >= this.most) throw new PagesError('tooMany');
			known.set(key, u);
			this.users.push(u);
			return;
		}
		before.name ||= u.name;
		before.bio ||= u.bio;
		before.location ||= u.location;
		if (before.urls.length === 0) before.urls = u.urls;
		before.listed |= u.listed;
		before.yes |= u.yes;
		before.no |= u.no;
	}

	/** result is who was found, or throws why nobody was. */
	result(): PagesRead {
		const people: PagePerson[] = [];
		for (const u of this.users) {
			const relations = this.relations(u);
			const { id, handle, name, bio, location, urls } = u;
			if (relations.length > 0) people.push({ id, handle, name, bio, location, urls, relations });
		}
		if (people.length === 0) throw new PagesError(this.nobody());
		return { people, unread: this.unread, empty: this.empty, cut: this.cut };
	}

	/**
	 * relations is how u stands to the owner: as the lists say, and where an answer itself says that the owner
	 * follows u. A list that an answer contradicts is somebody else's, unless nobody in the whole log has that
	 * relation to who was signed in: then it was read with another account.
	 */
	private relations(u: User): Relation[] {
		const has = (u.listed & ~(u.no & ~u.yes & this.told)) | (u.yes & bits.following);
		return sorted.filter((r) => has & bits[r]);
	}

	private nobody() {
		if (this.copied) return 'noNames';
		if (this.cut) return this.entries === 0 ? 'notPages' : 'cut';
		if (this.entries > 0 && this.ours === 0) return 'otherSite';
		return this.empty > 0 ? 'noContents' : 'noPeople';
	}
}
