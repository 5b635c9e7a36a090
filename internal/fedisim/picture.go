package fedisim

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
)

// Picture is what a server answers when it is asked for an account's avatar,
// whatever the name of the file says.
type Picture struct {
	Type    string // of the content
	Body    []byte
	Status  int    // 200 if unset
	To      string // sent on to there instead
	Endless bool   // Body is sent again and again, until the client has had enough
}

// avatar answers the account's own picture, else one drawn for its name: a
// pattern that is the same left and right.
func avatar(c *call) reply {
	name, ok := strings.CutSuffix(c.r.PathValue("file"), ".png")
	if !ok {
		return c.notFound()
	}
	if a := c.v.sim.address(name); a != nil && a.Picture != nil {
		p := *a.Picture
		if p.To != "" {
			return c.redirect(http.StatusFound, p.To)
		}
		or(&p.Status, http.StatusOK)
		return reply{status: p.Status, contentType: p.Type, body: p.Body, endless: p.Endless}
	}
	return reply{status: 200, contentType: "image/png", body: drawAvatar(name)}
}

func drawAvatar(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	ink := color.NRGBA{R: sum[0]/2 + 40, G: sum[1]/2 + 40, B: sum[2]/2 + 60, A: 255}
	img := image.NewPaletted(image.Rect(0, 0, 60, 60), color.Palette{color.NRGBA{R: 240, G: 238, B: 230, A: 255}, ink})
	for y := range 60 {
		for x := range 60 {
			column := x / 12
			column = min(column, 4-column)
			if sum[3+column*5+y/12]&1 == 1 {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// mediaFile serves an upload that was small enough to be kept, else for a
// picture a drawn one.
func mediaFile(c *call) reply {
	m := c.v.media[c.r.PathValue("file")]
	if m == nil {
		return c.notFound()
	}
	if m.file.kept != nil {
		return reply{status: 200, contentType: m.mime, body: m.file.kept}
	}
	if strings.HasPrefix(m.mime, "image/") {
		return reply{status: 200, contentType: "image/png", body: drawAvatar(m.id)}
	}
	return c.notFound()
}
