import { get, path, post } from './client';
import type { PostsOptions, Run, StepPage } from './types';

const of = (move: string, run = '') => `/moves/${encodeURIComponent(move)}/runs${run ? `/${run}` : ''}`;

export type NewRun =
	| { kind: 'find'; account?: string; find?: { search?: boolean; probe?: boolean } }
	| { kind: 'follow'; account: string; follow?: { import?: boolean } }
	| { kind: 'blocks' | 'mutes' | 'lists'; account: string }
	| { kind: 'posts'; account: string; options: PostsOptions }
	| { kind: 'undo'; undo: { run: string } };

export const startRun = (move: string, run: NewRun) => post<Run>(path(of(move)), run);
export const run = (move: string, id: string, send?: typeof fetch) => get<Run>(path(of(move, id)), send);
export const control = (move: string, id: string, verb: 'pause' | 'resume' | 'cancel') =>
	post<Run>(path(`${of(move, id)}/${verb}`));

export const steps = (
	move: string,
	id: string,
	query: { state?: string; cursor?: string; limit?: number } = {}
) => get<StepPage>(path(`${of(move, id)}/steps`, query));

/** logUrl is where all Steps of a Run, and whom it left out, are downloaded from. */
export const logUrl = (move: string, id: string) => path(`${of(move, id)}/log`);

/** settle tells whether an unsure Step was posted; the answer decides whether it is sent again. */
export const settle = (move: string, id: string, step: string, posted: boolean) =>
	post<unknown>(path(`${of(move, id)}/steps/${step}/settle`), { posted });
