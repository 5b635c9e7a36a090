import { get, path, post, request } from './client';
import type { PagePerson } from '#lib/pages/collect.js';
import type { Answer, ListPreview, Move, NewList, Run } from './types';

const one = (id: string) => `/moves/${encodeURIComponent(id)}`;

export const moves = async (send?: typeof fetch) =>
	(await get<{ moves: Move[] | null }>(path('/moves'), send)).moves ?? [];
export const move = (id: string, send?: typeof fetch) => get<Move>(path(one(id)), send);
export const createMove = () => post<Move>(path('/moves'));
/** deleteMove deletes a move; its entries in the registry go too unless they are kept. */
export const deleteMove = (id: string, keepEntries: boolean) =>
	request<void>('DELETE', path(one(id), { keep_entries: keepEntries || undefined }));
export const answer = (id: string, answers: { used_circle?: Answer; was_private?: Answer }) =>
	request<Move>('PATCH', path(one(id)), answers);

/** addList starts a Run that reads a list. */
export const addList = (id: string, list: NewList) => post<Run>(path(`${one(id)}/lists`), list);

/** previewList tells how a list would be read; nothing of it is kept. */
export const previewList = (id: string, list: NewList) =>
	post<ListPreview>(path(`${one(id)}/lists/preview`), list);

/** addPages starts a Run that takes in people whom the browser has read from X pages. */
export const addPages = (id: string, name: string, people: PagePerson[]) =>
	post<Run>(path(`${one(id)}/lists`), {
		source: 'pages',
		name,
		people: people.map(({ relations, ...person }) => ({ ...person, relation: relations.join(',') }))
	});
