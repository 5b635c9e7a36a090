import type { Picture } from '#lib/api/types.js';

/**
 * Words is the list of pictures as far as it was shown. The server lists those without words first, so that
 * the order changes with each that is described: rows stay where they are on the page.
 */
export class Words {
	rows: Picture[] = $state.raw([]);
	total = $state(0);
	described = $state(0);
	/** How many of those that have words were listed. */
	private withWords = 0;

	/** offset is where the next page begins. */
	get offset(): number {
		const without = this.total - this.described;
		const shown = this.rows.filter((row) => row.alt === '').length;
		return shown < without ? shown : without + this.withWords;
	}

	get more(): boolean {
		return this.rows.length < this.total;
	}

	/** add takes in a page that begins at offset, and returns how many of it are new. */
	add(page: { pictures: Picture[]; total: number; described: number }): number {
		this.total = page.total;
		this.described = page.described;
		this.withWords += page.pictures.filter((p) => p.alt !== '').length;
		const shown = new Set(this.rows.map((row) => row.file));
		const fresh = page.pictures.filter((p) => !shown.has(p.file));
		this.rows = [...this.rows, ...fresh];
		return fresh.length;
	}

	/** keep notes what the server keeps of a picture now. */
	keep(file: string, alt: string): void {
		this.rows = this.rows.map((row) => {
			if (row.file !== file) return row;
			this.described += Number(alt !== '') - Number(row.alt !== '');
			return { ...row, alt };
		});
	}
}
