import { JsonError, JsonReader } from '#lib/pages/json.js';

/** The most bytes that the server takes at once. */
const mostBytes = 24 * 2 ** 20;

/** ListError says why a list is not even sent. */
export class ListError extends Error {
	readonly fault: 'tooMany' | 'tooLarge';
	readonly most: number;

	constructor(fault: 'tooMany' | 'tooLarge', most: number) {
		super(fault);
		this.name = 'ListError';
		this.fault = fault;
		this.most = most;
	}
}

/**
 * checkList throws a ListError for a list that surely has more rows than are taken, so that it need not be sent
 * to find out. The server counts exactly; this never counts too many.
 */
export async function checkList(file: Blob, most: number): Promise<void> {
	const counter = new Counter();
	const pieces = file.stream().getReader();
	for (;;) {
		const { done, value } = await pieces.read();
		if (done) break;
		counter.push(value);
		if (counter.rows <= most) continue;
		await pieces.cancel();
		throw new ListError('tooMany', most);
	}
	if (file.size > mostBytes) throw new ListError('tooLarge', most);
}

/** Counter counts the items of a list of JSON, or else the lines that are not empty, outside of quotes. */
class Counter {
	rows = 0;
	private json: JsonReader | undefined;
	private begun = false;
	private quoted = false;
	private blank = true;

	push(piece: Uint8Array) {
		if (!this.begun) {
			const first = piece.find((c) => c > 0x20 && c < 0x80); // a byte order mark is passed over
			if (first === undefined) return;
			this.begun = true;
			if (first === 0x5b) this.json = new JsonReader(this.items(), 0);
			if (first === 0x5b) piece = piece.subarray(piece.indexOf(first));
		}
		if (!this.json) return this.lines(piece);
		try {
			this.json.push(piece);
		} catch (e) {
			if (!(e instanceof JsonError)) throw e; // what is wrong with it, the server says
		}
	}

	private items() {
		let depth = 0;
		const item = () => {
			if (depth === 1) this.rows++;
		};
		return {
			open: () => {
				item();
				depth++;
			},
			close: () => depth--,
			key: () => {},
			wants: () => false,
			text: item,
			bare: item
		};
	}

	private lines(piece: Uint8Array) {
		for (const c of piece) {
			if (c === 0x22) this.quoted = !this.quoted;
			if (c === 0x0a) {
				if (!this.blank && !this.quoted) this.rows++;
				this.blank = true;
			} else if (c > 0x20) this.blank = false;
		}
	}
}
