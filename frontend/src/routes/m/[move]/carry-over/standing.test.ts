import { describe, expect, it } from 'vitest';
import type { Run } from '#lib/api/types.js';
import { standing, undoable, undoOf } from './standing';

const progress = { total: 3, done: 3, failed: 0, skipped: 0, unsure: 0, undone: 0, text: '' };
const run = (state: Run['state'], more: Partial<Run['progress']> = {}) =>
	({ id: 'r', kind: 'follow', state, account: 'a', progress: { ...progress, ...more } }) as Run;
const undo = (state: Run['state'], more: Partial<Run['progress']> = {}, of = 'r') =>
	({ ...run(state, more), id: `u-${state}`, kind: 'undo', options: { run: of } }) as Run;

describe('how a part stands', () => {
	it.each([
		['no Run', [], 'new'],
		['one that runs', [run('running')], 'going'],
		['one that waits for the next day', [run('waiting')], 'going'],
		['one that failed, which can be resumed', [run('failed')], 'going'],
		['one that is done', [run('done')], 'finished'],
		['one that was stopped', [run('cancelled')], 'new'],
		['one that is being taken back', [undo('running'), run('done')], 'undoing'],
		['one whose taking back has failed', [undo('failed'), run('done')], 'undoing'],
		['one that was taken back', [undo('done'), run('done', { undone: 3 })], 'new'],
		['one of which a part was taken back', [undo('cancelled'), run('done', { undone: 1 })], 'finished'],
		['another that was taken back', [undo('done', {}, 'other'), run('done')], 'finished']
	] as const)('%s', (_, runs, want) => {
		const list = [...runs] as Run[];
		expect(
			standing(
				list,
				list.find((r) => r.kind === 'follow')
			)
		).toBe(want);
	});
});

describe('taking back', () => {
	it.each([
		['what is done', run('done'), undefined, true],
		['what was done before it was stopped', run('cancelled', { done: 1 }), undefined, true],
		['not what goes on', run('running'), undefined, false],
		['not what stopped and can be resumed', run('failed'), undefined, false],
		['not where nothing was done', run('done', { done: 0 }), undefined, false],
		['not what was taken back', run('done', { undone: 3 }), undo('done'), false],
		['not while it is taken back', run('done', { undone: 1 }), undo('running'), false],
		['not where taking back can be resumed', run('done', { undone: 1 }), undo('failed'), false],
		['what a stopped one left', run('done', { undone: 1 }), undo('cancelled'), true],
		['what the server refused', run('done', { undone: 2 }), undo('done', { failed: 1 }), true],
		['not what was there before, which stays', run('done', { undone: 2 }), undo('done', { done: 2 }), false]
	] as const)('%s', (_, done, by, want) => expect(undoable(done, by as Run | undefined)).toBe(want));

	it('goes by the newest attempt', () => {
		const runs = [undo('running'), undo('cancelled'), run('done')];
		expect(undoOf(runs, runs[2])?.state).toBe('running');
		expect(undoOf(runs, undefined)).toBeUndefined();
	});
});
