package sample

import (
	"fmt"
	"time"
)

// PrivateMark stands in every text that a reader must never see: none of the
// files that hold it may be opened, and the address in account.js not be kept.
const PrivateMark = "must-never-be-read"

// writePrivate writes what an archive holds besides: invented direct messages,
// phone numbers and the like, deleted tweets, community tweets, the viewer.
func (g *generator) writePrivate() error {
	secret := func(key, field string) func(p *printer) {
		return func(p *printer) {
			p.object(key, func() {
				p.str(field, PrivateMark)
				p.str("createdAt", start.Format(isoMillis))
			})
		}
	}
	files := []struct {
		name, key string
		fill      func(p *printer)
	}{
		{"direct-messages", "directMessages", g.printConversation},
		{"direct-message-headers", "directMessageHeaders", secret("dmConversation", "conversationId")},
		{"direct-messages-group", "directMessagesGroup", secret("dmConversation", "conversationId")},
		{"phone-number", "phoneNumber", secret("device", "phoneNumber")},
		{"email-address-change", "emailAddressChange", secret("emailAddressChange", "changedTo")},
		{"ip-audit", "ipAudit", secret("ipAudit", "loginIp")},
		{"account-creation-ip", "accountCreationIp", secret("accountCreationIp", "userCreationIp")},
		{"device-token", "deviceToken", secret("deviceToken", "token")},
		{"contact", "contact", secret("contact", "emails")},
		{"ad-engagements", "adEngagements", secret("ad", "adsUserData")},
		{"ad-impressions", "adImpressions", secret("ad", "adsUserData")},
		{"personalization", "personalization", secret("p13nData", "demographics")},
		{"saved-search", "savedSearch", secret("savedSearch", "query")},
	}
	for _, f := range files {
		if g.gen.bare && f.name == "direct-messages" {
			f.name = "direct-message"
		}
		a := g.array(f.name)
		if err := a.item(f.fill); err != nil {
			return err
		}
		if err := a.close(f.key, ""); err != nil {
			return err
		}
	}
	if err := g.writeOtherTweets(); err != nil {
		return err
	}
	if g.gen.bare {
		return g.text("direct_message_media/1-secret.jpg", PrivateMark)
	}
	for _, f := range [][2]string{
		{"data/direct_messages_media/1-secret.jpg", PrivateMark},
		{"Your archive.html", "<!doctype html><title>Your archive</title>\n"},
		{"assets/js/runtime.js", "// the viewer\n"},
		{"assets/images/twemoji/v/latest/svg/1f600.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"/>`},
		{"data/README.txt", "This is a sample archive. All of it is invented.\n"},
		{"data/profile_media/" + g.o.Owner.ID + "-avatar.jpg", string(pictures().jpegs[0])},
	} {
		if err := g.text(f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) printConversation(p *printer) {
	p.object("dmConversation", func() {
		p.str("conversationId", "12-"+g.o.Owner.ID)
		p.array("messages", func() {
			p.object("", func() {
				p.object("messageCreate", func() {
					p.str("recipientId", g.o.Owner.ID)
					p.array("reactions", func() {})
					p.array("urls", func() {})
					p.str("text", PrivateMark)
					p.array("mediaUrls", func() {})
					p.str("senderId", "12")
					p.str("id", "1059000000000000001")
					p.str("createdAt", g.gen.exported.Add(-9000*time.Hour).Format(isoMillis))
				})
			})
		})
	})
}

// writeOtherTweets writes the whole tweets that must stay out: deleted ones and
// those of communities.
func (g *generator) writeOtherTweets() error {
	if !g.gen.edits {
		return nil
	}
	for i, name := range []string{"deleted-tweets", "community-tweet"} {
		a := g.array(name)
		err := a.item(func(p *printer) {
			p.object("tweet", func() {
				id := decimal(idAt(g.gen.exported.Add(-time.Duration(i+2)*time.Hour), 77))
				p.bool("retweeted", false)
				p.str("id_str", id)
				p.str("id", id)
				p.str("created_at", g.gen.exported.Add(-time.Duration(i+2)*time.Hour).Format(time.RubyDate))
				p.str("full_text", fmt.Sprintf("%s %d", PrivateMark, i))
				if name == "deleted-tweets" {
					p.str("deleted_at", g.gen.exported.Add(-time.Hour).Format(time.RubyDate))
				} else {
					p.str("community_id", "1493446837214187523")
				}
			})
		})
		if err != nil {
			return err
		}
		if err := a.close([]string{"deletedTweets", "communityTweet"}[i], ""); err != nil {
			return err
		}
	}
	return nil
}
