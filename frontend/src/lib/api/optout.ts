import { get, path, post } from './client';
import type { OptOutDone } from './types';

export const optOut = (server: string) => post<{ authorize_url: string }>(path('/opt-out'), { server });
export const optIn = (server: string) => post<{ authorize_url: string }>(path('/opt-in'), { server });
/** What this browser has just come back from; told once. */
export const optOutDone = (send?: typeof fetch) => get<OptOutDone>(path('/opt-out'), send);
