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
	researchgate.net academia.edu
	unsplash.com pexels.com 500px.com observablehq.com glitch.com runkit.com truthsocial.com gab.com gettr.com locals.com
	hashnode.com hashnode.dev producthunt.com zora.co foundation.app rarible.com lens.xyz hey.xyz orb.club t2.world
	steemit.blog d.tube 3speak.tv leofinance.io inleo.io tribaldex.com splinterlands.com caffeine.tv trovo.live
	skillshare.com udemy.com coursera.org teachable.com gumroad.com payhip.com patreon.page tipeee.com liberapay.com
	towardsdatascience.com betterprogramming.pub gitconnected.com uxdesign.cc betterhumans.pub plainenglish.io writingcooperative.com
	curiouscat.live curiouscat.me ngl.link retrospring.net marshmallow-qa.com peing.net mond.how askfm.com ask.fm formspring.me
	cara.app vero.co bere.al bereal.com weverse.io lemon8-app.com likee.video kuaishou.com douyin.com xiaohongshu.com
	imgur.com giphy.com tenor.com wakelet.com padlet.com miro.com canva.com prezi.com slideshare.net speakerdeck.com
	yelp.com foursquare.com swarmapp.com untappd.com vivino.com komoot.com alltrails.com geocaching.com
	castbox.fm podbean.com anchor.fm spreaker.com audioboom.com genius.com musescore.com reverbnation.com
	stacker.news nostr.com nos.lol iptel.org jabber.org jabber.ccc.de xmpp.org conversations.im jmp.chat linphone.org
	ukr.net i.ua abv.bg mail.bg azet.sk otenet.gr chmail.ir hanmail.com kakao.co.kr sina.cn aliyun.com yeah.net vip.qq.com
	itnext.io bettermarketing.pub entrepreneurshandbook.co infosecwriteups.com thebolditalic.com scribe.rip goo.gl bit.ly joinmastodon.org
	xcancel.com bento.me nostr.band matters.town skeb.jp fantia.jp zenn.dev qiita.com lit.link velog.io brunch.co.kr threadless.com
	tellonym.me pronouns.page polywork.com lu.ma luma.com plurk.com eventbrite.com
	vivaldi.net disroot.net cryptpad.fr skiff.com ctemplar.com tuta.de hotmail.com outlook.com`)

// mailBrands are mail services, and some others, that exist under many countries'
// endings.
var mailBrands = set(`yahoo hotmail outlook gmx yandex googlemail protonmail google amazon youtube`)

// frontEnds begin the names of hosts that show Twitter and YouTube to others.
var frontEnds = set(`nitter invidious piped yewtu`)

// addressHosts are the hosts of addresses where the pages stand on others. On
// Threads only accounts whose holders wanted it can be reached from outside;
// whether this is one, its server says.
var addressHosts = map[string]string{"threads.com": "threads.net"}

// otherPlaces have /u/ada, /users/ada, /profile/ada or /author/ada and are not
// the fediverse. Those with /@ada stand in notFediverse.
var otherPlaces = set(`
	hub.docker.com leetcode.com codeforces.com hackerrank.com codechef.com atcoder.jp codewars.com hackerone.com bugcrowd.com
	topcoder.com gitlab.com launchpad.net osu.ppy.sh myanimelist.net anilist.co scratch.mit.edu theguardian.com kickstarter.com
	backloggd.com thestorygraph.com app.thestorygraph.com jsfiddle.net coderwall.com fanfiction.net tripadvisor.com imdb.com
	bandsintown.com mixcloud.com audiomack.com trakt.tv simkl.com inaturalist.org openstreetmap.org zooniverse.org
	trailhead.salesforce.com community.sap.com freelancer.com upwork.com fiverr.com change.org gofundme.com eventbrite.com
	boardgamegeek.com chess24.com curseforge.com nexusmods.com speedrun.com gamejolt.com gamebanana.com moddb.com
	wordpress.org drupal.org joomla.org profiles.wordpress.org packagist.org rubygems.org hex.pm nuget.org ctan.org
	scholar.archive.org publons.com muckrack.com contently.com authory.com sessionize.com crunchbase.com angel.co wellfound.com
	wikihow.com fandom.com instructables.com thingiverse.com printables.com tinkercad.com grabcad.com hackaday.io hackster.io`)

// forumLabels begin the names of forums, where /u/ada is a member (Discourse).
var forumLabels = set(`discuss discourse forum forums community communities meta talk support help answers users bbs board foro ask`)

// publications are the names of newspapers, magazines and the like without
// their ending, as far as they hold none of publicationParts.
var publications = set(`
	techcrunch theverge wired engadget gizmodo mashable arstechnica vox vice slate salon axios politico theatlantic newyorker
	economist bloomberg forbes fortune businessinsider insider cnbc cnn bbc npr pbs nbc abc cbs foxnews reuters apnews afp
	theguardian guardian independent telegraph mirror spectator newstatesman propublica theintercept motherjones thenation
	jacobin buzzfeed huffpost huffingtonpost thecut vulture polygon kotaku ign eurogamer gamespot pcgamer rockpapershotgun
	zdnet cnet venturebeat thenextweb theinformation protocol quartz qz fastcompany inc entrepreneur hbr nature scientificamerican
	newscientist popsci sciencenews quantamagazine undark smithsonianmag nationalgeographic pitchfork rollingstone billboard
	variety hollywoodreporter deadline indiewire spiegel zeit faz sueddeutsche taz heise golem netzpolitik krautreporter welt
	bild focus stern tagesspiegel derstandard lemonde liberation lefigaro mediapart elpais elmundo eldiario lavanguardia publico
	corriere repubblica lastampa ilpost internazionale nrc volkskrant trouw aftonbladet folha estadao uol oglobo
	aljazeera haaretz scmp theconversation lifehacker makeuseof howtogeek smashingmagazine css-tricks sitepoint freecodecamp
	medium substack hackernoon infoq dzone towardsdatascience espn theathletic bleacherreport sbnation theringer`)

var publicationParts = []string{
	"news", "times", "magazine", "zeitung", "daily", "tribune", "herald", "gazette", "journal", "chronicle", "review", "tageblatt",
	"observer", "-post", "post-", "washingtonpost", "nypost", "jpost", "huffpost", "monitor", "examiner", "courier", "presse",
}

// knownServers are servers whose names do not say what they are.
var knownServers = set(`
	mas.to hachyderm.io infosec.exchange c.im mamot.fr piaille.fr qoto.org journa.host newsie.social pawoo.net threads.net
	tech.lgbt techhub.social mathstodon.xyz fediscience.org framapiaf.org ioc.exchange troet.cafe toot.cafe
	kolektiva.social scholar.social dice.camp wandering.shop rollenspiel.social hostux.net framatube.org
	bookwyrm.social glammr.us lgbtqia.space eldritch.cafe social.vivaldi.net social.network.europa.eu
	chaos.social nrw.social norden.social home.social sfba.social writing.exchange zirk.us climatejustice.rocks
	cyberplace.social ohai.social metalhead.club med-mastodon.com federate.social disabled.social aus.social
	bitcoinhackers.org noagendasocial.com baraag.net fedibird.com best-friends.chat planet.moe
	otadon.com sunbeam.city merveilles.town mastodon.sdf.org oc.todon.fr post.lurk.org
	snabelen.no expressional.social mastd.racing radicalsocks.org lor.sh gensokyo.social hub.netzgemeinde.eu
	libranet.de nerdica.net squeet.me diasp.org pluspora.com joindiaspora.com flipboard.com me.dm

	tilde.zone scicomm.xyz bolha.us ursal.zone tkz.one uri.life alive.bar m.cmx.im bgme.me nofan.xyz wxw.moe o3o.ca moresci.sale
	douchi.space hello.2heng.xin qdon.space tooot.im persadon.com 101010.pl mementomori.social livellosegreto.it bologna.one
	puntarella.party sociale.network pouet.chapril.org boitam.eu todon.nl todon.eu shelter.moe dresden.network wien.rocks
	tchncs.de subversive.zone ottawa.place theblower.au cloudisland.nz ravenation.club musicians.today sunny.garden pagan.plus
	functional.cafe types.pl discuss.systems bsd.network linuxrocks.online layer8.space infosec.town freeradical.zone
	treehouse.systems yiff.life chitter.xyz snouts.online furry.engineer queer.party queer.garden eightpoint.app woem.men
	catgirl.cloud blahaj.zone eepy.moe void.rehab stop.voring.me plush.city labyrinth.zone seafoam.space blob.cat
	outerheaven.club poa.st freespeechextremist.com shitposter.world spinster.xyz gleasonator.com fe.disroot.org
	law-and-politics.online peoplemaking.games spore.social udongein.xyz seediqbale.xyz equestria.social hostsharing.coop
	kanoa.de swiss.social zug.network anarchism.space abid.cc mastodonten.de cybre.space niu.moe icosahedron.website
	knzk.me friends.nico imastodon.net vocalodon.net theres.life quey.org handon.club kirakiratter.com biwakodon.com
	hispagatos.space xarxa.cloud mastodont.cat barcelona.social nerdculture.de machteburg.social rage.love pkm.social
	d20.social dads.cool vmst.io cupoftea.social indiepocalypse.social fandom.ink raru.re flipping.rocks colorid.es ayco.io
	lemm.ee feddit.org feddit.de feddit.uk feddit.nl feddit.it feddit.dk feddit.cl sh.itjust.works programming.dev beehaw.org
	lemmygrad.ml hexbear.net slrpnk.net startrek.website ttrpg.network discuss.tchncs.de discuss.online aussie.zone infosec.pub
	mander.xyz sopuli.xyz reddthat.com fedia.io lemdro.id thebrainbin.org jlai.lu lazysoci.al szmer.info
	sushi.ski submarin.online nijimiss.moe trpger.us oekakiskey.com buicha.social makihara.moe mi.taiyolab.com
	tilvids.com diode.zone kolektiva.media metapixl.com pixey.org pxlmo.com gram.social loma.ml anonsys.net poliverso.org
	venera.social opensocial.at zotum.net hub.hubzilla.de klacker.org friends.deko.cloud
	ramblingreaders.org bookrastinating.com wyrms.de books.theunseen.city open.audio micro.blog write.as wordsmith.social
	eupolicy.social sciences.social hcommons.social toot.aquilenet.fr dads.social social.coop indieweb.social`)

var fediverseLabels = set(`social masto mast toot toots fedi snac honk gts lemmy kbin mbin piefed activitypub sharkey firefish iceshrimp akko`)

var fediverseParts = []string{
	"mastodon", "mstdn", "pleroma", "akkoma", "misskey", "friendica", "pixelfed", "peertube", "fediverse", "gotosocial", "hubzilla", "bookwyrm", "funkwhale", "piefed",
}
