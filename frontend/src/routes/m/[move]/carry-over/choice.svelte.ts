import { goto } from '$app/navigation';
import { page } from '$app/state';

/**
 * Choice is what the owner chose on this page. It stands in the address, so that a reload keeps it. What is chosen
 * while the plan for an earlier choice is still on its way adds to that one.
 */
export class Choice {
	#going = $state.raw<URL>();

	/** url is the address of the page, with what is on its way. */
	get url(): URL {
		return this.#going ?? page.url;
	}

	/** pending tells whether the page does not show the plan for this choice yet. */
	get pending(): boolean {
		return this.#going !== undefined;
	}

	of = (name: string): string => this.url.searchParams.get(name) ?? '';

	/** address is this page with one thing changed. */
	address(name: string, value: string): string {
		const query = new URLSearchParams(this.url.searchParams);
		if (value) query.set(name, value);
		else query.delete(name);
		return `?${query}`;
	}

	change = async (name: string, value: string): Promise<void> => {
		const to = new URL(this.address(name, value), page.url);
		this.#going = to;
		try {
			await goto(to, { keepFocus: true, noScroll: true, replaceState: true });
		} finally {
			if (this.#going === to) this.#going = undefined;
		}
	};
}
