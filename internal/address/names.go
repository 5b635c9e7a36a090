package address

import "strings"

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// notFediverse are hosts, with everything below them, where user@host is an
// e-mail address or the name of something else, and where /@user is a profile of
// another network.
var notFediverse = set(`
	gmail.com googlemail.com google.com live.com live.de live.nl live.fr live.it live.co.uk live.jp msn.com
	icloud.com me.com mac.com aol.com aim.com ymail.com rocketmail.com web.de t-online.de freenet.de arcor.de
	proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com tutamail.com keemail.me
	mailbox.org posteo.de posteo.net posteo.org fastmail.com fastmail.fm fastmail.net hey.com zoho.com zohomail.com
	mail.ru inbox.ru bk.ru list.ru rambler.ru ya.ru qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net
	hanmail.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tiscali.it alice.it
	comcast.net verizon.net att.net sbcglobal.net cox.net charter.net earthlink.net btinternet.com sky.com
	ntlworld.com virginmedia.com talktalk.net bigpond.com optusnet.com.au shaw.ca rogers.com bluewin.ch
	seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl op.pl rediffmail.com docomo.ne.jp ezweb.ne.jp au.com
	softbank.ne.jp softbank.jp nifty.com excite.co.jp duck.com mozmail.com riseup.net disroot.org autistici.org
	mailo.com mail.com email.com usa.net passmail.net simplelogin.com anonaddy.com anonaddy.me cock.li
	hushmail.com runbox.com startmail.com mailfence.com appleid.com pobox.com ziggo.nl kpnmail.nl xs4all.nl
	telenet.be skynet.be telia.com online.no uol.com.br bol.com.br terra.com.br globo.com
	twitter.com x.com t.co facebook.com fb.com fb.me m.me messenger.com instagram.com whatsapp.com wa.me
	youtube.com youtu.be tiktok.com medium.com t.me telegram.me telegram.org telegram.dog
	npmjs.com npmjs.org unpkg.com jsdelivr.net skypack.dev esm.sh jsr.io deno.land pypi.org crates.io
	flickr.com flic.kr github.com github.io githubusercontent.com gitlab.com bitbucket.org codeberg.org sr.ht
	linkedin.com reddit.com redd.it pinterest.com pinterest.de snapchat.com twitch.tv discord.com discord.gg
	discordapp.com spotify.com soundcloud.com bandcamp.com vimeo.com dailymotion.com odysee.com lbry.tv rumble.com
	bitchute.com steemit.com hive.blog peakd.com ecency.com substack.com patreon.com ko-fi.com buymeacoffee.com
	paypal.com paypal.me venmo.com cash.app linktr.ee linktree.com beacons.ai bio.link lnk.bio carrd.co about.me
	behance.net dribbble.com deviantart.com artstation.com vk.com ok.ru weibo.com quora.com stackoverflow.com
	stackexchange.com goodreads.com letterboxd.com last.fm strava.com meetup.com clubhouse.com bsky.app
	bsky.social tumblr.com blogspot.com blogger.com livejournal.com wikipedia.org wikimedia.org wikidata.org
	apple.com microsoft.com amazon.com keybase.io hackernoon.com dev.to replit.com codepen.io kaggle.com
	huggingface.co figma.com notion.so notion.site vsco.co pixiv.net note.com zhihu.com bilibili.com line.me
	kakao.com signal.me signal.org matrix.to matrix.org element.io primal.net snort.social damus.io iris.to
	getalby.com walletofsatoshi.com strike.me ln.tips zbd.gg coinos.io blink.sv nostrplebs.com nostrcheck.me
	nostr.directory opensea.io mirror.xyz farcaster.xyz warpcast.com cohost.org post.news gettr.com parler.com
	minds.com mewe.com ello.co onlyfans.com fansly.com kick.com trovo.live dlive.tv lichess.org chess.com
	itch.io steamcommunity.com xbox.com roblox.com duolingo.com wattpad.com archiveofourown.org orcid.org
	researchgate.net academia.edu`)

// mailBrands are mail services that exist under many countries' endings.
var mailBrands = set(`yahoo hotmail outlook gmx yandex googlemail protonmail google amazon`)

// onlyInURL are hosts where user@host may be a fediverse address but where the
// URL of a profile says nothing about that: on Threads only accounts whose
// holders wanted it can be reached, and it is they who write @user@threads.net.
var onlyInURL = set(`threads.net threads.com`)

// knownServers are large servers whose names do not say what they are.
var knownServers = set(`
	mas.to hachyderm.io infosec.exchange c.im mamot.fr piaille.fr qoto.org journa.host newsie.social pawoo.net
	tech.lgbt techhub.social mathstodon.xyz fediscience.org framapiaf.org ioc.exchange troet.cafe toot.cafe
	kolektiva.social scholar.social dice.camp wandering.shop rollenspiel.social hostux.net framatube.org
	bookwyrm.social glammr.us lgbtqia.space eldritch.cafe social.vivaldi.net social.network.europa.eu
	chaos.social nrw.social norden.social home.social sfba.social writing.exchange zirk.us climatejustice.rocks
	cyberplace.social ohai.social metalhead.club med-mastodon.com federate.social disabled.social aus.social
	bitcoinhackers.org noagendasocial.com baraag.net fedibird.com best-friends.chat planet.moe
	otadon.com sunbeam.city merveilles.town mastodon.sdf.org oc.todon.fr post.lurk.org
	snabelen.no expressional.social mastd.racing radicalsocks.org lor.sh gensokyo.social hub.netzgemeinde.eu
	libranet.de nerdica.net squeet.me diasp.org pluspora.com joindiaspora.com flipboard.com me.dm`)

var fediverseLabels = set(`social masto mast toot toots fedi snac honk gts lemmy kbin mbin activitypub sharkey firefish iceshrimp`)

var fediverseParts = []string{
	"mastodon", "mstdn", "pleroma", "akkoma", "misskey", "friendica", "pixelfed", "peertube", "fediverse", "gotosocial", "hubzilla",
}
