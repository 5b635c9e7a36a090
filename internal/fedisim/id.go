package fedisim

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// newID makes an id of the kind that the server's program makes, for a thing
// of time t. All but snac's sort by time; on GoToSocial those of the same
// millisecond sort at random.
func (v *Server) newID(t time.Time) string {
	switch v.traits.family {
	case gotosocial:
		return ulid.MustNew(uint64(max(0, t.UnixMilli())), v.sim.rng).String()
	case snac:
		v.lastID++
		sum := md5.Sum([]byte(v.cfg.Host + strconv.FormatInt(v.lastID, 10)))
		return fmt.Sprintf("%010d%s", t.Unix(), hex.EncodeToString(sum[:]))
	}
	v.lastID = max(v.lastID+1, t.UnixMilli()<<16)
	if v.traits.family == pleroma {
		return flake(v.lastID)
	}
	return strconv.FormatInt(v.lastID, 10)
}

// flake writes n as Pleroma writes its ids: 18 letters and digits that sort
// like the number.
func flake(n int64) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := []byte("A00000000000000000")
	for i := len(id) - 1; n > 0; i-- {
		id[i] = digits[n%62]
		n /= 62
	}
	return string(id)
}

// compareIDs orders two ids of this server, made-up ones included. Mastodon's
// are numbers, the others texts.
func (v *Server) compareIDs(a, b string) int {
	if f := v.traits.family; f == mastodon || f == pixelfed || f == unknown {
		return compareNumbers(a, b)
	}
	return strings.Compare(a, b)
}

// compareNumbers orders numbers written in digits, of any length.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// secret returns n random characters for a token, code or client secret.
func (v *Server) secret(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[v.sim.rng.Intn(len(letters))]
	}
	return string(b)
}
