import { get, path, post } from './client';
import type { PostsOptions, Run, StepPage } from './types';

const of = (move: string, run = '') => `/moves/${encodeURIComponent(move)}/runs${run ? `/${run}` : ''}`;

export type NewRun =
	| { kind: 'find'; options?: Record<string, never> }
	| { kind: 'follow' | 'block' | 'mute'; account: string; options?: Record<string, never> }
	| { kind: 'posts'; account: string; options: PostsOptions };

export const startRun = (move: string, run: NewRun) => post<Run>(path(of(move)), { options: {}, ...run });
export const run = (move: string, id: string, send?: typeof fetch) => get<Run>(path(of(move, id)), send);
export const control = (move: string, id: string, verb: 'pause' | 'resume' | 'cancel') =>
	post<Run>(path(`${of(move, id)}/${verb}`));

export const steps = (
	move: string,
	id: string,
	query: { state?: string; cursor?: string; limit?: number } = {}
) => get<StepPage>(path(`${of(move, id)}/steps`, query));

/** settle tells whether an unsure Step was posted; the answer decides whether it is sent again. */
export const settle = (move: string, id: string, step: string, posted: boolean) =>
	post<unknown>(path(`${of(move, id)}/steps/${step}/settle`), { posted });
