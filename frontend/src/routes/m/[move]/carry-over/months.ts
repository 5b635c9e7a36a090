export type Month = { month: string; count: number };

const most = 12 * 100;

const indexOf = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
const nameOf = (index: number) =>
	`${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;

/** everyMonth puts in the months without posts, so that a chart's axis is time. */
export function everyMonth(months: Month[]): Month[] {
	if (months.length === 0) return [];
	const counts = new Map(months.map((m) => [m.month, m.count]));
	const first = indexOf(months[0]!.month);
	const length = indexOf(months.at(-1)!.month) - first + 1;
	if (!(length > 0 && length <= most)) return months;
	return Array.from({ length }, (_, i) => nameOf(first + i)).map((month) => ({
		month,
		count: counts.get(month) ?? 0
	}));
}

export type Range = { first: number; last: number };

/** rangeOf is which of the months lie within the chosen days, by position. */
export function rangeOf(months: Month[], from: string, to: string): Range {
	const end = months.length - 1;
	const place = (day: string, otherwise: number) =>
		/^\d{4}-\d{2}-\d{2}$/.test(day)
			? Math.min(end, Math.max(0, indexOf(day) - indexOf(months[0]!.month)))
			: otherwise;
	const first = place(from, 0);
	return { first, last: Math.max(first, place(to, end)) };
}

/** dayOf is the day that a handle stands for; none at either end of all months. */
export function dayOf(months: Month[], which: 'first' | 'last', index: number): string {
	const month = months[index]!.month;
	if (which === 'first') return index === 0 ? '' : `${month}-01`;
	if (index === months.length - 1) return '';
	const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
	return `${month}-${days}`;
}

/** moved is where a key puts a handle; undefined if it is no key for that. */
export function moved(key: string, index: number, length: number, rightToLeft: boolean): number | undefined {
	const ahead = rightToLeft ? -1 : 1;
	const steps: Record<string, number> = {
		ArrowRight: ahead,
		ArrowLeft: -ahead,
		ArrowUp: 1,
		ArrowDown: -1,
		PageUp: 12,
		PageDown: -12,
		Home: -length,
		End: length
	};
	const step = steps[key];
	return step === undefined ? undefined : Math.min(length - 1, Math.max(0, index + step));
}

export const total = (months: Month[], { first, last }: Range) =>
	months.slice(first, last + 1).reduce((sum, m) => sum + m.count, 0);
