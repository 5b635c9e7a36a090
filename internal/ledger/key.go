package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Key returns the idempotency key of one attempt at a Step: 64 hex digits. It
// is unguessable and the same on every machine of an installation. Old Pleroma
// keeps keys for all users together, so a plain Step id would not do.
func Key(installSecret []byte, stepID string, attempt int) string {
	mac := hmac.New(sha256.New, installSecret)
	mac.Write([]byte("skein idempotency key\x00" + stepID + "\x00" + strconv.Itoa(attempt)))
	return hex.EncodeToString(mac.Sum(nil))
}
