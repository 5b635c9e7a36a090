/** How much of a list of equally high rows is drawn. */
export type Window = { first: number; last: number };

/**
 * visible are the rows, from first to before last, that can be seen at a scroll position, with some more
 * above and below so that a quick scroll does not show white.
 */
export function visible(top: number, height: number, row: number, total: number, more = 0): Window {
	if (row <= 0 || height <= 0 || total <= 0) return { first: 0, last: 0 };
	const most = Math.max(0, total - 1);
	const from = Math.min(most, Math.max(0, Math.floor(top / row)));
	const to = Math.min(total, Math.ceil((Math.max(0, top) + height) / row));
	return { first: Math.max(0, from - more), last: Math.max(from + 1, Math.min(total, to + more)) };
}

/** reveal is the scroll position at which a row can be seen whole, the present one if it can already. */
export function reveal(index: number, top: number, height: number, row: number): number {
	const start = index * row;
	if (start < top) return start;
	if (start + row > top + height) return Math.max(0, start + row - height);
	return top;
}

/** rows are the indexes to draw: those of the window, and one that must stay because the focus is in it. */
export function rows(w: Window, kept: number | undefined, total: number): number[] {
	const list = Array.from({ length: w.last - w.first }, (_, i) => w.first + i);
	if (kept === undefined || kept < 0 || kept >= total) return list;
	if (kept < w.first) return [kept, ...list];
	if (kept >= w.last) return [...list, kept];
	return list;
}
