import { get, path } from './client';
import type { FollowPlan, PostsOptions, PostsPlan } from './types';

const of = (move: string) => `/moves/${encodeURIComponent(move)}`;

export const followPlan = (move: string, account: string, send?: typeof fetch) =>
	get<FollowPlan>(path(`${of(move)}/follow-plan`, { account }), send);

export const postsPlan = (move: string, account: string, options: PostsOptions, send?: typeof fetch) =>
	get<PostsPlan>(
		path(`${of(move)}/posts-plan`, {
			account,
			visibility: options.visibility,
			per_hour: options.per_hour,
			from: options.from,
			to: options.to,
			include_replies: options.include_replies,
			tweet_ids: options.tweet_ids?.join(','),
			without_media: options.without_media
		}),
		send
	);
