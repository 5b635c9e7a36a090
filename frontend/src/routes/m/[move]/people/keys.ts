/** Command is what a key asks for. Extend is held with shift: it selects on the way. */
export type Command =
	| { do: 'move'; by: number; extend: boolean }
	| { do: 'page'; by: number; extend: boolean }
	| { do: 'end'; at: 'first' | 'last'; extend: boolean }
	| { do: 'decide'; decision: 'yes' | 'no' | '' }
	| { do: 'open' | 'clear' | 'search' | 'help' };

export type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>;

const letters: Record<string, Command> = {
	j: { do: 'move', by: 1, extend: false },
	k: { do: 'move', by: -1, extend: false },
	J: { do: 'move', by: 1, extend: true },
	K: { do: 'move', by: -1, extend: true },
	y: { do: 'decide', decision: 'yes' },
	n: { do: 'decide', decision: 'no' },
	u: { do: 'decide', decision: '' },
	'/': { do: 'search' },
	'?': { do: 'help' }
};

/** command reads a key; single says whether keys of one letter count, which their owner may switch off. */
export function command(e: Key, single: boolean): Command | undefined {
	if (e.ctrlKey || e.metaKey || e.altKey) return undefined;
	const extend = e.shiftKey;
	switch (e.key) {
		case 'ArrowDown':
			return { do: 'move', by: 1, extend };
		case 'ArrowUp':
			return { do: 'move', by: -1, extend };
		case 'PageDown':
			return { do: 'page', by: 1, extend };
		case 'PageUp':
			return { do: 'page', by: -1, extend };
		case 'Home':
			return { do: 'end', at: 'first', extend };
		case 'End':
			return { do: 'end', at: 'last', extend };
		case 'Enter':
			return { do: 'open' };
		case 'Escape':
			return { do: 'clear' };
	}
	return single ? letters[e.key] : undefined;
}

/** isTyping tells whether keys belong to a field. */
export const isTyping = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	(target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
