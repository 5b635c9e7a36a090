// The owner's whole way in a browser, against a running demo:
//   SKEIN_URL=http://localhost:8080 npm run e2e
// SKEIN_SHOTS names a folder for screenshots, SKEIN_CHROMIUM another browser, SKEIN_WAIT how many seconds a
// Run may take (180).
import { stat } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { look, pressByKeyboard, reach } from './look.js';

const base = process.env.SKEIN_URL ?? 'http://localhost:8080';
const patience = Number(process.env.SKEIN_WAIT ?? 180) * 1000;

const browser = await chromium.launch({
	executablePath: process.env.SKEIN_CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-dev-shm-usage']
});
const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
/** @type {string[]} */
const complaints = [];
page.on('pageerror', (e) => complaints.push(`${page.url()}: ${e.message}`));
page.on('console', (m) => {
	const from = m.location().url; // a server's own pages are not ours to mend
	if (m.type() === 'error' && from.startsWith(base)) complaints.push(`${page.url()}: ${m.text()} ${from}`);
});

/**
 * step says what is being done, so that a failure says where.
 * @param {string} name
 * @param {() => Promise<void>} what
 */
async function step(name, what) {
	const begun = Date.now();
	try {
		await what();
	} catch (e) {
		if (process.env.SKEIN_SHOTS)
			await page.screenshot({ path: `${process.env.SKEIN_SHOTS}/failed.png`, fullPage: true });
		console.error(`✗ ${name} (${page.url()})`);
		throw e;
	}
	console.log(`✓ ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

/** @param {string | RegExp} name */
const button = (name) => page.getByRole('button', { name });
/** @param {string | RegExp} name */
const link = (name) => page.getByRole('link', { name });

const rows = page.locator('[role="row"][data-person]');

/** portraits waits until the pictures of those who have one are here. */
const portraits = () => page.locator('[role="row"] img').nth(3).waitFor();

/**
 * finished waits until the card of a Run says so.
 * @param {string} title
 */
async function finished(title) {
	const card = page.getByRole('region', { name: title, exact: true });
	await card.getByText('Finished', { exact: true }).waitFor({ timeout: patience });
}

/**
 * takenBack takes back what the Run of a card did, after a look at what that would be.
 * @param {string} title
 * @param {RegExp} what
 * @param {string} shot
 */
async function takenBack(title, what, shot) {
	const card = page.getByRole('region', { name: title, exact: true });
	await pressByKeyboard(page, button('Take this back').first());
	const dialog = page.getByRole('dialog', { name: 'Take this back?' });
	await dialog.getByText(what).waitFor();
	await look(page, shot);
	await dialog.getByRole('button', { name: /^Take \d+ back$/ }).click();
	await finished('Taking back');
	await card.getByText(/\d+ taken back/).waitFor();
}

/** log opens the list of what the first Run on the page did. */
async function log() {
	await page.locator('summary', { hasText: 'What was done, one by one' }).first().click();
	const list = page.getByRole('list', { name: 'What was done, one by one' });
	await list.getByRole('listitem').first().waitFor();
	return list;
}

/**
 * The accounts that were followed or asked.
 * @type {string[]}
 */
let friends = [];

/**
 * chooseAndDescribe uses what stands behind the choices of posts: months by the keys, words, warnings, and a
 * description of a picture; then it takes the narrow choices back.
 */
async function chooseAndDescribe() {
	const first = page.getByRole('slider', { name: 'First month' });
	const before = await first.getAttribute('aria-valuetext');
	const from = new URL(page.url()).searchParams.get('from');
	await reach(page, first);
	await page.keyboard.press('ArrowRight');
	await page.waitForURL((url) => url.searchParams.get('from') !== from);
	if ((await first.getAttribute('aria-valuetext')) === before) throw new Error('the handle did not move');
	await page.locator('summary', { hasText: 'More choices' }).click();
	await page.getByLabel('With one of these words').fill('no-such-word-at-all');
	await page.getByLabel('With one of these words').blur();
	await page.getByText('No post fits these choices.').waitFor();
	await page.reload(); // loses nothing
	await page.getByText('No post fits these choices.').waitFor();
	await page.getByLabel('With one of these words').fill('');
	await page.getByLabel('With one of these words').blur();
	await page.waitForURL((url) => !url.searchParams.has('words'));
	await page.locator('summary', { hasText: 'How they appear' }).click();
	await page.getByLabel('Number the parts of long posts').check();
	await page.waitForURL(/number=yes/);
	// Two choices right after each other: the plan for the first is still on its way.
	const ruleWords = page.getByLabel('Words, with commas 1');
	const ruleSays = page.getByLabel('Warning 1');
	await ruleWords.fill('heron, crane');
	await ruleSays.fill('Birds');
	await ruleSays.blur();
	await page.waitForURL((url) => url.searchParams.get('warn') === 'heron, crane=Birds');
	await ruleWords.fill('');
	await ruleSays.fill('');
	await ruleSays.blur();
	await page.waitForURL((url) => !url.searchParams.has('warn'));
	await page.locator('summary', { hasText: /^Words for pictures/ }).click();
	const what = page.getByLabel('What does it show?');
	await what.first().fill('A heron at the water');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Saved.').first().waitFor();
	if (!(await what.nth(1).evaluate((e) => e === document.activeElement)))
		throw new Error('Ctrl and Enter did not go to the next picture');
	await page.getByLabel('Bring a file').setInputFiles({
		name: 'alt.csv',
		mimeType: 'text/csv',
		buffer: Buffer.from('id,alt\n1,of no tweet\n')
	});
	await page.getByText('1 row belongs to no picture of yours.').waitFor();
	await look(page, '16-choices');
	await page.locator('summary', { hasText: /^Words for pictures/ }).click();
}

try {
	await step('start', async () => {
		await page.goto(base);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.getByText('This is a demo.').waitFor();
		await look(page, '01-start');
		await page.goto(`${base}/how/archive`);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await look(page, '02-how');
		await page.goto(`${base}/how/pages`);
		await page.getByText('No script of ours runs on X').waitFor();
		await look(page, '02-how-pages');
		await page.goto(base);
		await pressByKeyboard(page, button('I have my archive'));
		await page.waitForURL(/\/m\/[^/]+\/archive$/);
	});

	await step('archive: what leaves, what stays', async () => {
		await button('Use the sample archive').waitFor();
		await look(page, '03-archive');
		await pressByKeyboard(page, button('Use the sample archive'));
		await page.getByRole('heading', { name: 'What leaves your computer' }).waitFor();
		await page.getByRole('heading', { name: 'What stays on your computer' }).waitFor();
		await look(page, '04-leaves');
	});

	await step('archive: sent and read', async () => {
		await pressByKeyboard(page, button(/^Send these files/));
		await link('Next: find your people').waitFor({ timeout: patience });
		await look(page, '05-archive-read');
		await page.reload();
		await link('Next: find your people').waitFor();
	});

	await step('archive: a list shows its columns before it is used', async () => {
		await page.locator('summary', { hasText: 'Add another archive or list' }).click();
		await page.locator('summary', { hasText: 'I have only a list of names' }).click();
		await page.getByLabel('Take it from a file').setInputFiles({
			name: 'friends.csv',
			mimeType: 'text/csv',
			buffer: Buffer.from('Kto,O sobie\nlist_ada,I am on the fediverse\nlist_grace,\n')
		});
		await page.getByLabel('The first row holds titles').check();
		const whatFirst = page.getByLabel('Column 1: Kto');
		await whatFirst.waitFor();
		await whatFirst.selectOption('Left out');
		await page.getByText('No column names a Twitter account yet.').waitFor();
		if (await button('Look for 0 people').isEnabled()) throw new Error('nobody can be looked for');
		await look(page, '05-list-columns');
		await whatFirst.selectOption('Twitter name');
		await button('Look for 2 people').waitFor();
		await pressByKeyboard(page, button('Look for 2 people'));
		await page
			.getByRole('region', { name: 'friends.csv' })
			.getByText('A list of people.')
			.waitFor({ timeout: patience });
	});

	await step('archive: pages of X are read here', async () => {
		const pages = page.getByRole('region', { name: /^Half of your people/ });
		await pages.getByLabel('Choose the saved page').setInputFiles({
			name: 'other.har',
			mimeType: 'application/json',
			buffer: Buffer.from('{"log":{"entries":[{"request":{"url":"https://news.example/"}}]}}')
		});
		await pages.getByRole('alert').getByText('other.har is of another site').waitFor();
		await look(page, '05-pages-wrong');
		const users = ['ada', 'grace'].map((name, i) => ({
			rest_id: `99999999${i}`,
			legacy: { screen_name: `pages_${name}`, name, description: `bio of ${name}`, following: true }
		}));
		const har = {
			log: {
				entries: [
					{
						request: { url: 'https://x.com/i/api/graphql/h/Following', cookies: [{ name: 'a', value: 'b' }] },
						response: { content: { text: JSON.stringify(users) } }
					}
				]
			}
		};
		await pages.getByLabel('Choose the saved page').setInputFiles({
			name: 'x.com.har',
			mimeType: 'application/json',
			buffer: Buffer.from(JSON.stringify(har))
		});
		await pages.getByText('2 people: number, name, bio and links').waitFor();
		await pages.getByText('Cookies and everything else stay here.').waitFor();
		await look(page, '05-pages-found');
		await pressByKeyboard(page, pages.getByRole('button', { name: 'Send these 2 people and look for them' }));
		await page
			.getByRole('region', { name: 'x.com.har' })
			.getByText('Read from your own pages on X.')
			.waitFor({ timeout: patience });
		await look(page, '05-pages-read');
		await pressByKeyboard(page, link('Next: find your people'));
	});

	await step('people: found', async () => {
		// Reading an archive begins the search by itself; whoever comes late finds it done.
		const begin = button('Find people');
		await begin
			.or(page.getByRole('region', { name: 'Finding your people' }))
			.or(link('Next: choose a server'))
			.first()
			.waitFor();
		await look(page, '06-people-finding');
		if (await begin.isVisible()) await pressByKeyboard(page, begin);
		await link('Next: choose a server').waitFor({ timeout: patience });
		await rows.first().waitFor();
		await portraits();
		await look(page, '07-people');
	});

	await step('people: only what can be seen is drawn, in its place', async () => {
		const grid = page.getByRole('grid', { name: 'People' });
		const total = Number(await grid.getAttribute('aria-rowcount')) - 1;
		const drawn = await rows.count();
		if (drawn >= total || drawn > 40) throw new Error(`${drawn} of ${total} rows are drawn`);
		await rows.first().focus();
		await page.keyboard.press('End');
		await page.locator(`[role="row"][aria-rowindex="${total + 1}"]:focus`).waitFor();
		await page.waitForURL(/[?&]at=\d+/);
		await page.reload(); // loses nothing: the last one is in sight again
		await page.locator(`[role="row"][aria-rowindex="${total + 1}"]`).waitFor();
		await rows.first().focus();
		await page.keyboard.press('Home');
		await page.locator('[role="row"][aria-rowindex="2"]:focus').waitFor();
		await page.waitForURL((url) => !url.searchParams.has('at'));
	});

	await step('people: one decided, kept after a reload', async () => {
		const group = page.getByRole('group', { name: /^Is .+\?$/ }).first();
		const name = (await group.getAttribute('aria-label')) ?? '';
		await reach(page, group.getByRole('button', { name: 'Yes' }));
		await page.keyboard.press('Enter');
		const same = page.getByRole('group', { name, exact: true }).first();
		await same.locator('[aria-pressed="true"]').waitFor();
		await page.reload();
		await same.locator('[aria-pressed="true"]').waitFor();
		await rows.filter({ has: same }).getByText('Chosen').waitFor();
	});

	await step('people: by keyboard, one and several', async () => {
		await rows.first().focus();
		await page.keyboard.press('j');
		await page.keyboard.press('ArrowDown');
		const third = page.locator('[role="row"][aria-rowindex="4"]');
		await third.and(page.locator(':focus')).waitFor();
		await page.keyboard.press('n');
		await third.getByText('Not this person').waitFor();
		await page.getByRole('status').filter({ hasText: ': no, not @' }).waitFor();
		await page.keyboard.press('u');
		await third.getByText('Not this person').waitFor({ state: 'detached' });
		await page.keyboard.press('Shift+ArrowDown');
		await page.keyboard.press('Shift+ArrowDown');
		const bar = page.getByRole('group', { name: '3 people selected' });
		await bar.waitFor();
		await look(page, '07-people-selected');
		await bar.getByRole('button', { name: 'No to these' }).click();
		await page
			.getByRole('status')
			.filter({ hasText: /^3 of 3 decided/ })
			.waitFor();
		await third.getByText('Not this person').waitFor();
		await bar.getByRole('button', { name: 'Take decisions back' }).click();
		await third.getByText('Not this person').waitFor({ state: 'detached' });
		await bar.getByRole('button', { name: 'Clear selection' }).click();
		await bar.waitFor({ state: 'detached' });
		await page.keyboard.press('?');
		await page.getByRole('dialog', { name: 'Keys' }).waitFor();
		await look(page, '07-people-keys');
		await page.keyboard.press('Escape');
		await page.keyboard.press('/');
		await page.getByRole('searchbox', { name: 'Search' }).and(page.locator(':focus')).waitFor();
	});

	await step('people: both profiles and all evidence', async () => {
		await rows.first().focus();
		await page.keyboard.press('Enter');
		const sheet = page.getByRole('dialog');
		await sheet.getByRole('heading', { name: 'On Twitter' }).waitFor();
		await sheet.getByRole('heading', { name: 'In the fediverse' }).waitFor();
		await sheet
			.getByRole('group', { name: /^Is .+\?$/ })
			.first()
			.waitFor();
		const name = await sheet.getByRole('heading', { level: 2 }).innerText();
		await look(page, '07-people-details');
		await page.reload();
		await sheet.getByRole('heading', { level: 2, name, exact: true }).waitFor();
		await page.keyboard.press('j');
		await sheet.getByRole('heading', { level: 2, name, exact: true }).waitFor({ state: 'detached' });
		await page.keyboard.press('Escape');
		await sheet.waitFor({ state: 'detached' });
		await page.locator('[role="row"][aria-rowindex="3"]:focus').waitFor();
	});

	await step('people: found by name, in another order', async () => {
		await page.keyboard.press('/');
		const all = Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
		const name = await rows.nth(2).locator('.name').first().innerText();
		await page.keyboard.type(name.slice(0, 5));
		await page.waitForURL(/q=/);
		await page.waitForFunction((n) => {
			const grid = document.querySelector('[role="grid"]');
			return grid !== null && Number(grid.getAttribute('aria-rowcount')) < n;
		}, all);
		await page.getByRole('searchbox').fill('nobody has this name');
		await page.getByRole('link', { name: 'Show everybody again' }).click();
		await page.getByRole('combobox', { name: 'Order' }).selectOption('closest');
		await page.waitForURL(/sort=closest/);
		await page.reload();
		await rows.first().getByText('replies and mentions').waitFor();
		await page.getByRole('combobox', { name: 'Order' }).selectOption('best');
	});

	await step('people: files to keep', async () => {
		for (const [name, file] of [
			['Not found (CSV)', 'unresolved_people.csv'],
			['Everything (JSON)', 'people.json'],
			['Follows (CSV)', 'following_accounts.csv']
		]) {
			const [got] = await Promise.all([page.waitForEvent('download'), link(name ?? '').click()]);
			if (got.suggestedFilename() !== file) throw new Error(got.suggestedFilename());
			const saved = await got.path();
			if ((await stat(saved)).size < 100) throw new Error(`${file} is empty`);
		}
	});

	await step('people: more ways to look, none by itself', async () => {
		await page.locator('summary', { hasText: 'More ways to look' }).click();
		await page.getByText('Your own server can be searched once').waitFor();
		const names = page.getByRole('checkbox', { name: /^Try the same names/ });
		if (await names.isChecked()) throw new Error('names are tried by themselves');
		await look(page, '07-people-ways');
	});

	await step('people: filters are in the address', async () => {
		await page
			.getByRole('navigation', { name: 'How sure' })
			.getByRole('link', { name: /^Not found/ })
			.click();
		await page.waitForURL(/grade=none/);
		await page.reload();
		await page.getByText('I know the address').first().waitFor();
		await look(page, '08-people-not-found');
		await page.goBack();
		await pressByKeyboard(page, link('Next: choose a server'));
	});

	await step('servers', async () => {
		await page.getByRole('heading', { level: 1, name: 'Choose a server' }).waitFor();
		await page.getByRole('list', { name: 'Reasons' }).first().waitFor();
		await look(page, '09-servers');
		await pressByKeyboard(page, link('I have an account: connect it'));
	});

	await step('connect: no fediverse server', async () => {
		await page.getByLabel('Your server').fill('no-such-server.invalid');
		await button(/to allow this$/).click();
		await page.getByRole('alert').waitFor({ timeout: patience });
		complaints.length = 0; // the browser reports the refusal, which was asked for
	});

	await step('connect', async () => {
		await page.reload();
		await page.getByRole('checkbox', { name: /^Block and mute for you/, checked: true }).waitFor();
		await page.getByRole('checkbox', { name: /^Make your lists/, checked: true }).waitFor();
		if ((await page.getByText('Change everything').count()) > 0)
			throw new Error('more is asked for than needed');
		await look(page, '10-connect');
		await pressByKeyboard(page, button(/to allow this$/));
		const allow = page.getByRole('button', { name: /Allow/ });
		await allow.waitFor();
		await allow.click();
		await page.waitForURL(/\/connect\?connected=1/);
		await link('Next: carry things over').waitFor();
		await look(page, '11-connected');
		await pressByKeyboard(page, link('Next: carry things over'));
	});

	await step('carry over: blocks and mutes first', async () => {
		await page.getByRole('heading', { name: 'First your blocks and mutes' }).waitFor();
		await button(/^Block \d+ account/).waitFor();
		await look(page, '12-safety');
		await pressByKeyboard(page, button(/^Block \d+ account/));
		await finished('Blocking');
		await pressByKeyboard(page, button(/^Mute \d+ account/));
		await finished('Muting');
		await look(page, '12a-safety-done');
	});

	await step('carry over: a Run is taken back, and may be done anew', async () => {
		await takenBack('Blocking', /will be unblocked/, '12b-undo');
		await button(/^Block \d+ account/).waitFor();
		await look(page, '12c-undone');
		await page.reload();
		await page
			.getByRole('region', { name: 'Blocking', exact: true })
			.getByText(/taken back/)
			.waitFor();
		await pressByKeyboard(page, button(/^Block \d+ account/));
		await finished('Blocking');
		await page.locator('summary', { hasText: 'One earlier time' }).waitFor();
		await pressByKeyboard(page, link('Next: follows'));
	});

	await step('carry over: follows', async () => {
		await button(/^Follow \d+/).waitFor();
		await look(page, '13-follows');
		await pressByKeyboard(page, button(/^Follow \d+/));
		await finished('Following your people');
		friends = await (await log()).getByText(/^@.+@/).allInnerTexts();
		const [table] = await Promise.all([
			page.waitForEvent('download'),
			link('Download it as a table (CSV)').click()
		]);
		if (table.suggestedFilename() !== 'follow_log.csv') throw new Error(table.suggestedFilename());
		await look(page, '14-followed');
		await link('Next: lists').click();
	});

	await step('carry over: lists with members whom I name', async () => {
		await page.getByRole('heading', { name: 'Your lists' }).waitFor();
		await look(page, '14a-lists');
		const members = page.getByLabel(/^Members, one a line/).first();
		await members.fill([...friends, '@nobody_at_all'].join('\n'));
		await pressByKeyboard(page, button('Save the members'));
		await button('Make 1 list').waitFor();
		await page.reload();
		await button('Make 1 list').waitFor();
		if (!(await members.inputValue()).includes(friends[0] ?? '@'))
			throw new Error('the members are not kept');
		await look(page, '14b-lists-planned');
		await pressByKeyboard(page, button('Make 1 list'));
		const list = await log();
		await list.getByText('List made', { exact: true }).waitFor({ timeout: patience });
		await list.getByText('Put into the list', { exact: true }).first().waitFor({ timeout: patience });
		await look(page, '14c-listed');
		// Who has not said yes is waited for, longer than a walk takes.
		const card = page.getByRole('region', { name: 'Filling your lists', exact: true });
		const over = card.getByText(/^(Finished|Waiting|Paused)$/);
		await over.waitFor({ timeout: patience });
		if ((await over.innerText()) !== 'Finished') {
			await card.getByRole('button', { name: 'Stop for good' }).click();
			await card.getByText('Stopped', { exact: true }).waitFor({ timeout: patience });
		}
		await takenBack('Filling your lists', /^1 list will be deleted/, '14d-lists-undo');
		await button('Make 1 list').waitFor();
		await link('Next: posts').click();
	});

	await step('carry over: the two questions', async () => {
		const questions = page.getByRole('group', { name: /Twitter Circle|ever private/ });
		await questions.first().waitFor();
		await look(page, '15-questions');
		for (const question of await questions.all()) await question.getByLabel('No', { exact: true }).check();
		await pressByKeyboard(page, button('Go on to the posts'));
	});

	await step('carry over: posts', async () => {
		const all = page.getByRole('radio', { name: /^Everything, or a time/ });
		await all.waitFor();
		await look(page, '16-loud');
		await all.check();
		const start = button(/^Post \d+/);
		await page.getByRole('heading', { name: 'How they will look' }).waitFor();
		// A demo has a great many posts: the newest year is enough to walk on, as fast as it goes.
		const months = page.locator('details', { hasText: 'The same as a table' }).locator('tbody th');
		if ((await months.count()) > 1) {
			const since = (await months.nth(Math.max(0, (await months.count()) - 12)).textContent())?.trim() ?? '';
			await page.getByLabel('From', { exact: true }).fill(`${since}-01`);
			await page.getByLabel('From', { exact: true }).blur();
			await page.waitForURL(/from=/);
		}
		await chooseAndDescribe();
		const pace = page.getByRole('combobox', { name: 'Pace' });
		if ((await pace.inputValue()) !== '0') {
			// a quiet server is as fast as it allows from the start
			await pace.selectOption('3600');
			await page.waitForURL(/pace=3600/);
		}
		await page.getByRole('heading', { name: 'How they will look' }).waitFor();
		await look(page, '17-posts');
		// Pictures are sent now, from the archive that a reload made the browser forget.
		await button(/more examples?$/).click();
		const looks = page.getByRole('region', { name: 'How they will look' });
		const unseen = looks.getByText('Picture', { exact: true });
		const pictures = await unseen.count();
		if (pictures === 0) throw new Error('no example has a picture');
		await button('Use the sample archive').click();
		await looks
			.locator('img')
			.nth(pictures - 1)
			.evaluate((/** @type {HTMLImageElement} */ img) => {
				img.loading = 'eager'; // it is not in sight
				return img.decode();
			});
		await start.waitFor();
		await pressByKeyboard(page, start);
		await page.getByRole('region', { name: 'Posting', exact: true }).waitFor({ timeout: patience });
		await look(page, '18-posting');
		for (let left = 20; left > 0; left--) {
			const settle = button('It is there').first();
			await Promise.race([finished('Posting'), settle.waitFor({ timeout: patience })]).catch(() => {});
			if (!(await settle.isVisible())) break;
			await look(page, '19-unsure');
			await settle.click();
		}
		await finished('Posting');
		await page.reload();
		await finished('Posting');
		await look(page, '20-posted');
		await button('Take this back').first().click();
		const dialog = page.getByRole('dialog', { name: 'Take this back?' });
		await dialog.getByText(/will be deleted from your server/).waitFor();
		await look(page, '20a-posts-undo');
		await dialog.getByRole('button', { name: 'Leave it' }).click();
		await link('Next: see what was done').click();
	});

	await step('done', async () => {
		await page.getByRole('heading', { level: 1, name: 'You have moved' }).waitFor();
		if (!/^@\S+@\S+ https?:\/\/\S+$/.test(await page.getByLabel('Text for your bio on X').inputValue()))
			throw new Error(await page.getByLabel('Text for your bio on X').inputValue());
		await look(page, '21-done');
		await pressByKeyboard(page, button('Show my recovery key'));
		await page.getByText('Write it down now').waitFor();
		const [file] = await Promise.all([page.waitForEvent('download'), link('Follows (CSV)').click()]);
		if (file.suggestedFilename() !== 'following_accounts.csv') throw new Error(file.suggestedFilename());
	});

	await step('done: others may find me', async () => {
		const mine = page.getByRole('form', { name: /^Who may find @/ });
		await mine.getByText('Cannot be found here.').waitFor();
		for (const box of await mine.getByRole('checkbox').all()) {
			if (await box.isChecked()) throw new Error('a consent is given by itself');
		}
		await reach(page, mine.getByRole('checkbox', { name: /^Found by those whose archive has me/ }));
		await page.keyboard.press('Space');
		await mine.getByLabel('Do not show me to').fill('@nobody_at_all');
		await mine.getByRole('button', { name: 'Save who may find me' }).click();
		await mine.getByRole('alert').getByText('@nobody_at_all').waitFor();
		complaints.length = 0; // the browser reports the refusal, which was asked for
		await look(page, '21a-registry-unknown');
		await mine.getByLabel('Do not show me to').fill('123456, 7890123');
		await pressByKeyboard(page, mine.getByRole('button', { name: 'Save who may find me' }));
		await mine.getByText('Hidden from 2 X accounts.').waitFor();
		await mine.getByText(/^Can be found since/).waitFor();
		await look(page, '21b-registry');
		await pressByKeyboard(page, mine.getByRole('button', { name: 'Show me to all of them again' }));
		await mine.getByText('Hidden from 2 X accounts.').waitFor({ state: 'detached' });
		await page.reload();
		await mine.getByRole('checkbox', { name: /^Found by those/, checked: true }).waitFor();
		await pressByKeyboard(page, mine.getByRole('button', { name: 'Withdraw' }));
		await mine.getByText('Cannot be found here.').waitFor();
		await mine.getByRole('checkbox', { name: /^Anyone may look me up/ }).check();
		await mine.getByRole('button', { name: 'Save who may find me' }).click();
		await mine.getByText(/^Can be found since/).waitFor();
		const list = await page.request.get(`${base}/api/v1/registry`);
		if ((await list.json()).entries.length > 1) throw new Error(await list.text());
		if ((await page.getByRole('button', { name: 'Sign in with X' }).count()) > 0)
			throw new Error('the page offers to sign in with X, for which there are no keys');
	});

	await step('in German', async () => {
		await page.getByLabel('Language').selectOption('de');
		await page.getByRole('heading', { level: 1, name: 'Du bist umgezogen' }).waitFor();
		await look(page, '22-german');
		await page.getByLabel('Sprache').selectOption('en');
	});

	await step('come back, then delete everything', async () => {
		await page.goto(base);
		await link(/^Go on/)
			.first()
			.waitFor();
		await look(page, '23-resume');
		await page.goBack();
		await button('Delete my data').click();
		await page.getByRole('radio', { name: 'It goes too', checked: true }).waitFor();
		await look(page, '24-delete');
		await button('Delete everything').click();
		await button('I have my archive').waitFor();
	});

	await step('opt out, without a move', async () => {
		await pressByKeyboard(page, link('Do not show my account'));
		await page.getByRole('heading', { level: 1, name: 'Do not show my account' }).waitFor();
		await look(page, '25-opt-out');
		const prove = async (/** @type {string} */ name) => {
			await pressByKeyboard(page, button(name));
			await page.getByRole('button', { name: /Allow/ }).click();
			await page.waitForURL(`${base}/opt-out`);
		};
		await prove('Go to my server: do not show it');
		await page.getByRole('status').getByText('is not shown any more').waitFor();
		await look(page, '26-opted-out');
		await prove('Go to my server: show it again');
		await page.getByRole('status').getByText('may be shown again').waitFor();
	});

	if (complaints.length > 0) throw new Error(`the browser complained:\n  ${complaints.join('\n  ')}`);
	console.log('The whole way is walked.');
} catch (e) {
	console.error(e instanceof Error ? e.message : e);
	for (const c of complaints) console.error(`  browser: ${c}`);
	process.exitCode = 1;
} finally {
	await browser.close();
}
