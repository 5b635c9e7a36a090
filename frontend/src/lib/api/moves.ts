import { get, path, post, request } from './client';
import type { Answer, Move, Run } from './types';

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

/** addList starts a Run that reads a pasted list of handles or ids. */
export const addList = (id: string, name: string, text: string) =>
	post<Run>(path(`${one(id)}/lists`), { name, text });
