/** Whoever connects an account again, to allow more, comes back from their server to the part they came from. */

import type { Account } from '#lib/api/types.js';

const key = 'skein.back';

/** connectTo is the page where a feature of an Account is allowed; from is the page of carrying over, with its choices. */
export function connectTo(
	move: string,
	account: Pick<Account, 'id' | 'address'>,
	allow: string,
	from: URL
): string {
	const back = new URLSearchParams(from.searchParams);
	back.set('account', account.id); // there may be several
	const server = account.address.split('@').at(-1) ?? '';
	return `/m/${move}/connect?${new URLSearchParams({ server, allow, back: back.toString() })}`;
}

/** backTo is the part of carrying over that back names, or where it begins. */
export const backTo = (move: string, back: string): string =>
	`/m/${move}/carry-over${back ? `?${new URLSearchParams(back)}` : ''}`;

/** keepBack notes, in this tab, where to come back to; nothing if back is empty. */
export function keepBack(move: string, back: string): void {
	try {
		if (back) sessionStorage.setItem(key, JSON.stringify({ move, back }));
		else sessionStorage.removeItem(key);
	} catch {
		// Storage may be switched off; then the owner goes on from the page of accounts.
	}
}

/** keptBack is what was noted for a Move, or empty. */
export function keptBack(move: string): string {
	try {
		const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as { move: string; back: string } | null;
		return kept?.move === move && typeof kept.back === 'string' ? kept.back : '';
	} catch {
		return '';
	}
}
