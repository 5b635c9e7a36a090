/** Attempt is something that an owner asks for and that can fail: whether it is under way, and what went wrong last. */
export class Attempt {
	busy = $state(false);
	failure = $state<unknown>();

	/** run does it and keeps what goes wrong; it tells whether all went well. */
	run = async (what: () => unknown): Promise<boolean> => {
		this.busy = true;
		this.failure = undefined;
		try {
			await what();
			return true;
		} catch (e) {
			this.failure = e;
			return false;
		} finally {
			this.busy = false;
		}
	};
}

/** leave goes to another site. It does not come back, so that what led there stays busy. */
export function leave(url: string): Promise<never> {
	location.assign(url);
	return new Promise(() => {});
}
