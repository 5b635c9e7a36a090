import { clean, most } from './clean';
import { bits, type Pages, type User } from './collect';
import { knownMarks, type Mark } from './words';

// What a browser copies of x.com/ada/following is one line for each piece of text, in the language of the page.
// For each person (marks as there are):
//
//	Grace Hopper            the name
//	@grace                  the handle
//	Follows you             where they do
//	Following               the button
//	Rear admiral.           the bio, as many lines as it has
//	@grace@navy.example
//
// Around the list stand menus, tabs and suggestions ("You might like"), which look the same but for their
// button: "Follow". So the button decides; the reasons stand in importer/pages_text.go, which does the same.

const handleLine = /^@([A-Za-z0-9_]{1,20})(?: (.+))?$/s;
const nameHandle = /^(.*[^ @]) (@[A-Za-z0-9_]{1,20})$/s;
const clickTo = /^Click to (?:Follow|Unfollow) /;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

const mostLine = 2000;
const mostBioLines = 12;
const mostMark = 40;
const mostMarks = 3; // behind one handle
const learnedFrom = 3; // people that have the same line behind their handle: a mark
const learnedButton = 5; // and more than half of all: the button

/** Line is one line that is not empty; handle where it is one. */
type Line = { text: string; handle: string };

/** readCopied reads the copied text of a page. */
export function readCopied(text: string, pages: Pages) {
	pages.copied = true;
	for (const user of new Copied(linesOf(text)).people()) pages.add(user);
}

/** linesOf cuts text into lines, handles on lines of their own. */
function linesOf(text: string): Line[] {
	const plain: string[] = [];
	for (const line of text.split('\n')) {
		const one = clean(line.replace(invisible, '').replaceAll('\u00a0', ' '), mostLine, false);
		if (one && !clickTo.test(one)) plain.push(one);
	}
	const lines: Line[] = [];
	plain.forEach((line, i) => {
		const alone = handleLine.exec(line);
		if (alone && (!alone[2] || knownMarks.has(alone[2]))) {
			lines.push({ text: `@${alone[1]}`, handle: alone[1]! });
			if (alone[2]) lines.push({ text: alone[2], handle: '' });
			return;
		}
		const joined = nameHandle.exec(line);
		if (joined && isButton(plain[i + 1])) {
			lines.push({ text: joined[1]!, handle: '' }, { text: joined[2]!, handle: joined[2]!.slice(1) });
			return;
		}
		lines.push({ text: line, handle: '' });
	});
	return lines;
}

function isButton(line: string | undefined): boolean {
	const mark = knownMarks.get(line ?? '');
	return mark !== undefined && mark !== 'heading';
}

/** Copied is a page that is being read. */
class Copied {
	private readonly marks = new Map<string, Mark>(); // those that stand behind handles here
	private readonly strict: boolean;

	constructor(private readonly lines: Line[]) {
		for (const [word, mark] of knownMarks) if (mark !== 'heading') this.marks.set(word, mark);
		this.learn();
		this.strict = lines.some((line, at) => line.handle !== '' && this.isFollowed(at));
	}

	/**
	 * learn adds to the known marks those that stand behind several handles, and takes the one that most people
	 * have last for the button.
	 */
	private learn() {
		for (const step of [1, 2]) {
			const counts = new Map<string, number>();
			this.lines.forEach((line, at) => {
				const next = this.lines[at + step];
				if (!line.handle || !next || next.handle || this.marked(at) !== step - 1) return;
				if ([...next.text].length <= mostMark) counts.set(next.text, (counts.get(next.text) ?? 0) + 1);
			});
			for (const [word, n] of counts)
				if (n >= learnedFrom && !this.marks.has(word)) this.marks.set(word, 'learned');
		}
		let handles = 0;
		const last = new Map<string, number>();
		this.lines.forEach((line, at) => {
			if (!line.handle) return;
			handles++;
			const n = this.marked(at);
			if (n > 0) last.set(this.lines[at + n]!.text, (last.get(this.lines[at + n]!.text) ?? 0) + 1);
		});
		for (const [word, n] of last) {
			if (n >= learnedButton && n * 2 > handles && !knownMarks.has(word)) this.marks.set(word, 'following');
		}
	}

	/** marked is how many marks stand behind the handle at that line. */
	private marked(at: number): number {
		let n = 0;
		for (; n < mostMarks; n++) {
			const line = this.lines[at + n + 1];
			if (!line || line.handle || !this.marks.has(line.text)) break;
		}
		return n;
	}

	private isFollowed(at: number): boolean {
		for (let i = 1; i <= this.marked(at); i++) {
			if (this.marks.get(this.lines[at + i]!.text) === 'following') return true;
		}
		return false;
	}

	/**
	 * starts tells whether the handle at that line begins somebody: a person whom the owner follows, or somebody
	 * else, who ends the bio before.
	 */
	private starts(at: number): 'followed' | 'other' | undefined {
		const line = this.lines[at];
		if (!line?.handle) return undefined;
		if (this.isFollowed(at)) return 'followed';
		const marked = this.marked(at) > 0;
		if (this.strict) return marked ? 'other' : undefined;
		if (marked && this.marks.get(this.lines[at + 1]!.text) !== 'learned') return 'other';
		return at > 0 && !this.lines[at - 1]!.handle ? 'followed' : 'other';
	}

	people(): User[] {
		const users: User[] = [];
		for (let at = 0; at < this.lines.length;) {
			const who = this.starts(at);
			if (!who) {
				at++;
				continue;
			}
			const { bio, next } = this.bio(at + 1 + this.marked(at));
			if (who === 'followed') users.push(this.user(at, bio));
			at = next;
		}
		return users;
	}

	/** bio reads lines up to the next person or heading. */
	private bio(from: number): { bio: string[]; next: number } {
		const bio: string[] = [];
		let next = from;
		for (; next < this.lines.length; next++) {
			const { text } = this.lines[next]!;
			// The line before a handle is its name.
			if (knownMarks.get(text) === 'heading' || this.starts(next + 1) || this.starts(next)) break;
			if (!isButton(text) && bio.length < mostBioLines) bio.push(text);
		}
		return { bio, next };
	}

	private user(at: number, bio: string[]): User {
		const before = this.lines[at - 1];
		const name = before && !before.handle && !this.marks.has(before.text) ? before.text : '';
		return {
			id: '',
			handle: this.lines[at]!.handle,
			name: clean(name, most.name, false),
			bio: clean(bio.join('\n'), most.bio, true),
			location: '',
			urls: [],
			listed: bits.following,
			yes: 0,
			no: 0
		};
	}
}
