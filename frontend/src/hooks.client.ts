import type { HandleClientError } from '@sveltejs/kit';
import { ApiError } from '#lib/api/client.js';

/** handleError hands what the server said on to the error page. */
export const handleError: HandleClientError = ({ error, status, message }) => {
	if (error instanceof ApiError) {
		return { status: error.status, message: error.title, detail: error.detail };
	}
	console.error(error);
	return { status, message };
};
