import { get, path, request } from './client';
import type { TwitterList } from './types';

const of = (move: string) => path(`/moves/${encodeURIComponent(move)}/twitter-lists`);

export const twitterLists = async (move: string, send?: typeof fetch) =>
	(await get<{ lists: TwitterList[] }>(of(move), send)).lists;

/** setTwitterLists says who is to be in the lists, instead of all that was said before. */
export const setTwitterLists = async (move: string, lists: TwitterList[]) =>
	(await request<{ lists: TwitterList[] }>('PUT', of(move), { lists })).lists;
