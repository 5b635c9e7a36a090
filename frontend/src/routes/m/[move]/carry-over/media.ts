import { ApiError } from '#lib/api/client.js';
import { move as getMove } from '#lib/api/moves.js';
import { siftMedia } from '#lib/sift/client.js';
import type { Chosen } from '#lib/state/archives.svelte.js';
import { Sending } from '#lib/upload/uploads.svelte.js';

const look = 1_000;
const comesWithin = 10_000;

/**
 * sendMedia uploads the pictures and videos of the tweets that are about to be posted, and no others, and
 * waits until the server has unpacked them. Files that no archive has are left out silently: ask for the plan
 * again to learn of them.
 */
export async function sendMedia(
	move: string,
	archives: Chosen[],
	tweets: string[],
	onsend: (sending: Sending) => void
): Promise<void> {
	for (const { source, sifted } of archives) {
		const media = await siftMedia(source, tweets);
		if (media.count === 0) continue;
		const known = await ids(move);
		const sending = new Sending(move, 'media', { ...sifted, blob: media.blob });
		onsend(sending);
		await sending.start();
		await sending.done;
		await unpacked(move, known);
	}
}

const ids = async (move: string) => new Set(((await getMove(move)).archives ?? []).map((a) => a.id));

/** unpacked waits for the new archive row. None comes if the same file was sent to its end before. */
async function unpacked(move: string, known: Set<string>): Promise<void> {
	const begun = Date.now();
	for (;;) {
		const archives = (await getMove(move)).archives ?? [];
		const added = archives.find((a) => a.kind === 'media' && !known.has(a.id));
		if (added?.state === 'complete') return;
		if (added?.state === 'failed') throw new ApiError(422, '', added.error ?? '');
		if (!added && Date.now() - begun > comesWithin) return;
		await new Promise((done) => setTimeout(done, look));
	}
}
