package jobs

import (
	"errors"
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// ofServer tells whether the error is what a server did, or did not do.
func ofServer(err error) bool {
	var unsent *fediverse.NotSentError
	var limited *fediverse.RateLimitError
	var unknown *fediverse.UnknownError
	var answer *fediverse.AnswerError
	return refusedBy(err) || errors.As(err, &unsent) || errors.As(err, &limited) || errors.As(err, &unknown) || errors.As(err, &answer)
}

func refusedBy(err error) bool {
	var refused *fediverse.StatusError
	return errors.As(err, &refused)
}

// failed says when a host is asked again that did not answer as it should, and
// why, in words for the operator. It returns 1 if that is the host's fault.
func (c *crawl) failed(err error) int {
	now := c.w.Now()
	var limited *fediverse.RateLimitError
	switch {
	case errors.As(err, &limited):
		c.DueAt, c.Error = now.Add(max(limited.Wait, time.Minute)), "asks to wait"
		return 0
	case refusedBy(err):
		c.Fails, c.DueAt, c.Error = 0, now.Add(refusedRest), refusalWords(err)
		if c.Place == 0 {
			c.Phase = phaseRest // so that rows which have grown old come first next time
		}
		return 1
	}
	c.Fails++
	c.DueAt, c.Error = now.Add(time.Duration(c.Fails)*failedPause), failureWords(err)
	if c.Fails >= failsToRest {
		c.DueAt = now.Add(failedRest)
	}
	return 1
}

func refusalWords(err error) string {
	var refused *fediverse.StatusError
	switch errors.As(err, &refused); {
	case errors.Is(err, model.ErrNotFound):
		return "has no profile directory"
	case errors.Is(err, model.ErrDenied):
		return "keeps its profile directory to itself"
	}
	return fmt.Sprintf("refused (%d)", refused.Code)
}

func failureWords(err error) string {
	var unsent *fediverse.NotSentError
	var unknown *fediverse.UnknownError
	switch {
	case errors.As(err, &unsent):
		return "cannot be reached"
	case errors.As(err, &unknown) && unknown.Code != 0:
		return fmt.Sprintf("answered %d", unknown.Code)
	case errors.As(err, &unknown):
		return "did not answer in full"
	}
	return "gave an answer that is no list of accounts"
}
